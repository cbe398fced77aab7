// Proves: close_range, dup, dup2, dup3, F_DUPFD, and which descriptors are left.
#include "../debuggee.h"

int main(void) {
	CHECK(dup2(1, 40) == 40 && dup3(1, 41, O_CLOEXEC) == 41 && fcntl(1, F_DUPFD_CLOEXEC, 50) == 50);
	int d = dup(1);
	mix(d);
	CHECK(syscall(SYS_close_range, 40, 45, 0) == 0 || errno == ENOSYS);
	CHECK(fcntl(40, F_GETFD) == -1 && fcntl(50, F_GETFD) == FD_CLOEXEC);
	CHECK(syscall(SYS_close_range, d, 60, 4 /* CLOSE_RANGE_CLOEXEC */) == 0 || errno == EINVAL);
	CHECK(syscall(SYS_close_range, 3, ~0u, 2 /* CLOSE_RANGE_UNSHARE */) == 0);
	CHECK(fcntl(d, F_GETFD) == -1);
	ok("close_range");
}
