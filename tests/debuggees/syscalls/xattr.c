// Proves: setxattr, getxattr, listxattr and relatives (a file system without them is tolerated).
#include "../debuggee.h"
#include <sys/xattr.h>

int main(void) {
	enter_tmp();
	int f = open("f", O_CREAT | O_RDWR, 0600);
	char b[200];
	FILL(b);
	ssize_t n;
	if (setxattr("f", "user.stepback", "value", 5, 0) < 0) {
		CHECK(errno == ENOTSUP || errno == EPERM);
	} else {
		CHECK(fsetxattr(f, "user.other", "x", 1, XATTR_CREATE) == 0);
		CHECK((n = getxattr("f", "user.stepback", b, sizeof b)) == 5 && memcmp(b, "value\xA5", 6) == 0);
		MIX(b);
		CHECK(getxattr("f", "user.stepback", NULL, 0) == 5); // only asks for the size
		CHECK(getxattr("f", "user.stepback", b, 2) == -1 && errno == ERANGE);
		MIX(b);
		CHECK((n = flistxattr(f, b, sizeof b)) > 0);
		mix(n), MIX(b);
		CHECK(listxattr("f", NULL, 0) == n && llistxattr("f", b, sizeof b) == n);
		CHECK(removexattr("f", "user.other") == 0 && fgetxattr(f, "user.other", b, sizeof b) == -1 && errno == ENODATA);
		MIX(b);
	}
	ok("xattr");
	leave_tmp();
}
