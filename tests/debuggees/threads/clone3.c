// Proves: clone3 as fork with pidfd and settid writes (tolerated when refused).
#include "../debuggee.h"
#include <linux/sched.h>

int main(void) {
	int pidfd = -1, ptid = -1, ctid = -1;
	struct clone_args a = {.flags = CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CLEAR_SIGHAND,
	                       .pidfd = (uintptr_t)&pidfd, .parent_tid = (uintptr_t)&ptid, .child_tid = (uintptr_t)&ctid, .exit_signal = SIGCHLD};
	signal(SIGUSR1, SIG_IGN);
	long r = syscall(SYS_clone3, &a, sizeof a);
	if (r == 0) {
		struct sigaction s;
		CHECK(ctid == getpid());
		CHECK(sigaction(SIGUSR1, NULL, &s) == 0);
		witness();
		_exit(0);
	}
	CHECK(r > 0 || errno == ENOSYS);
	if (r > 0) {
		CHECK(pidfd >= 0 && ptid == r && ctid == -1);
		mix(pidfd), mix(ptid);
		reap(r);
	}
	ok("clone3");
}
