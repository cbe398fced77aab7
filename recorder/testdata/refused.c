// Makes calls that cannot be recorded, more than once each, and expects what
// an older kernel would answer.
#define _GNU_SOURCE
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
	for (int i = 0; i < 3; i++)
		if (syscall(SYS_io_uring_setup, 8, 0) != -1 || errno != ENOSYS)
			return 1;
	for (int i = 0; i < 2; i++)
		if (syscall(SYS_userfaultfd, 0) != -1 || errno != ENOSYS)
			return 2;
	return 0;
}
