// Proves: the …at calls relative to a folder, fchmod, fchown, l-variants of xattr, syncfs, capset, ids set to themselves.
#include "../debuggee.h"
#include <sys/xattr.h>

int main(void) {
	enter_tmp();
	int d = open(".", O_RDONLY | O_DIRECTORY), f = openat(d, "f", O_CREAT | O_RDWR, 0600);
	CHECK(mkdirat(d, "sub", 0700) == 0 && linkat(d, "f", d, "g", 0) == 0 && symlinkat("f", d, "s") == 0 && renameat(d, "g", d, "h") == 0);
	CHECK(fchmodat(d, "f", 0640, 0) == 0 && fchownat(d, "f", -1, -1, 0) == 0 && fchown(f, -1, -1) == 0 && mknodat(d, "p", S_IFIFO | 0600, 0) == 0);
	CHECK(syscall(SYS_faccessat, d, "f", R_OK) == 0 && unlinkat(d, "h", 0) == 0 && unlinkat(d, "sub", AT_REMOVEDIR) == 0);
	char b[50];
	FILL(b);
	mix(lgetxattr("s", "user.none", b, sizeof b)), mix(lsetxattr("f", "user.x", "1", 1, 0)), mix(lremovexattr("f", "user.x")), mix(fremovexattr(f, "user.x"));
	MIX(b);
	CHECK(syncfs(f) == 0);
	CHECK(setreuid(-1, -1) == 0 && setregid(-1, -1) == 0 && setresgid(-1, -1, -1) == 0);
	uint32_t head[2] = {0x20080522, 0}, data[6];
	FILL(data);
	CHECK(syscall(SYS_capget, head, data) == 0 && syscall(SYS_capset, head, data) == 0);
	MIX(data);
	ok("at");
	leave_tmp();
}
