// Proves: system call numbers that do not exist, negative ones and the x32 bit all fail and change nothing else.
#include "../debuggee.h"

int main(void) {
	long bad[] = {340, 400, 423, 1023, 5000, 0x40000000 + 39, 0x7fffffff};
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
		errno = 0;
		CHECK(syscall(bad[i], 1, 2, 3) == -1 && errno == ENOSYS);
	}
	CHECK(db_raw(-1, 1, 2, 3, 4, 5, 6) == -ENOSYS);
	CHECK(db_raw(-100, 1, 2, 3, 4, 5, 6) == -ENOSYS);
	CHECK(syscall(SYS_uselib, "x") == -1 && syscall(SYS_afs_syscall) == -1);
	ok("unknown");
}
