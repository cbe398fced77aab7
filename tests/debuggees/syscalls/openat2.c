// Proves: openat2 with resolve flags, O_TMPFILE, creat.
#include "../debuggee.h"
#include <linux/openat2.h>

int main(void) {
	enter_tmp();
	struct open_how h = {.flags = O_CREAT | O_RDWR, .mode = 0600, .resolve = RESOLVE_BENEATH};
	int f = syscall(SYS_openat2, AT_FDCWD, "f", &h, sizeof h);
	CHECK(f >= 0);
	mix(f);
	h.flags = O_RDONLY, h.mode = 0;
	CHECK(syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", &h, sizeof h) == -1 && errno == EXDEV);
	int t = open(".", O_TMPFILE | O_RDWR, 0600);
	CHECK(t >= 0 || errno == EOPNOTSUPP);
	CHECK(creat("c", 0600) >= 0);
	ok("openat2");
	leave_tmp();
}
