// Proves: io_uring_setup may be refused; the program goes on.
#include "../debuggee.h"

int main(void) {
	unsigned char params[120];
	memset(params, 0, sizeof params);
	long f = syscall(425 /* io_uring_setup */, 4, params);
	CHECK(f >= 0 || errno == ENOSYS || errno == EPERM || errno == ENOMEM);
	if (f >= 0) close(f);
	CHECK(syscall(426 /* io_uring_enter */, -1, 0, 0, 0, NULL, 0) == -1);
	CHECK(syscall(427 /* io_uring_register */, -1, 0, NULL, 0) == -1);
	ok("io_uring");
}
