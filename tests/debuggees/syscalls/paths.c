// Proves: getcwd, readlink, chdir, realpath: strings written by the kernel, cut without a zero.
#include "../debuggee.h"

int main(void) {
	enter_tmp();
	char b[300];
	FILL(b);
	long n = syscall(SYS_getcwd, b, sizeof b);
	CHECK(n == (long)strlen(db_dir) + 1 && strcmp(b, db_dir) == 0);
	MIX(b);
	CHECK(syscall(SYS_getcwd, b, 3) == -1 && errno == ERANGE);
	CHECK(symlink("the-target-of-the-link", "l") == 0);
	FILL(b);
	CHECK(readlink("l", b, 5) == 5 && memcmp(b, "the-t\xA5", 6) == 0);
	MIX(b);
	FILL(b);
	CHECK(readlinkat(AT_FDCWD, "l", b, sizeof b) == 22);
	MIX(b);
	FILL(b);
	n = readlink("/proc/self/exe", b, sizeof b);
	CHECK(n > 0);
	MIX(b);
	char *r = realpath(".", NULL);
	CHECK(r && strcmp(r, db_dir) == 0);
	free(r);
	ok("paths");
	leave_tmp();
}
