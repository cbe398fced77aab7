// Proves: pidfd_open, poll on it, pidfd_send_signal, pidfd_getfd, waitid(P_PIDFD), and clone with CLONE_PIDFD's write.
#include "../debuggee.h"
#include <poll.h>
#include <sched.h>

int main(void) {
	int p[2], pidfd = -7;
	CHECK(pipe(p) == 0);
	pid_t kid = fork();
	if (kid == 0) {
		pause();
		_exit(1);
	}
	int f = syscall(SYS_pidfd_open, kid, 0);
	CHECK(f >= 0);
	mix(f);
	int q = syscall(SYS_pidfd_getfd, f, p[1], 0);
	CHECK(q >= 0 || errno == EPERM);
	struct pollfd pf = {f, POLLIN, 0};
	CHECK(poll(&pf, 1, 0) == 0);
	CHECK(syscall(SYS_pidfd_send_signal, f, SIGTERM, NULL, 0) == 0);
	CHECK(poll(&pf, 1, 5000) == 1);
	MIX(pf);
	siginfo_t i;
	FILL(i);
	CHECK(waitid((idtype_t)3 /* P_PIDFD */, f, &i, WEXITED) == 0 && i.si_pid == kid && i.si_status == SIGTERM);
	MIX(i);
	ok("pidfd");
	long r = syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, NULL, &pidfd, NULL, NULL);
	CHECK(r >= 0);
	if (r == 0) _exit(0);
	CHECK(pidfd >= 0);
	mix(pidfd), mix(r);
	reap(r);
	ok("CLONE_PIDFD");
}
