// Proves: userfaultfd may be refused; the program goes on.
#include "../debuggee.h"

int main(void) {
	long f = syscall(SYS_userfaultfd, O_CLOEXEC);
	CHECK(f >= 0 || errno == ENOSYS || errno == EPERM);
	if (f >= 0) close(f);
	ok("userfaultfd");
}
