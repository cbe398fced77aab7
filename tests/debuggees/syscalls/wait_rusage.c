// Proves: wait4 and waitid write status, siginfo and rusage; WNOWAIT; nothing written when there is nothing.
#include "../debuggee.h"
#include <sys/resource.h>

int main(void) {
	int st = 0x5a5a5a5a;
	struct rusage r;
	siginfo_t i;
	FILL(r), FILL(i);
	CHECK(wait4(-1, &st, 0, &r) == -1 && errno == ECHILD && st == 0x5a5a5a5a);
	MIX(r);
	pid_t kid = fork();
	if (kid == 0) {
		nap(10);
		_exit(3);
	}
	CHECK(wait4(kid, &st, WNOHANG, &r) == 0 && st == 0x5a5a5a5a);
	MIX(r);
	CHECK(waitid(P_PID, kid, &i, WEXITED | WNOHANG) == 0);
	MIX(i);
	FILL(i);
	CHECK(syscall(SYS_waitid, P_PID, kid, &i, WEXITED | WNOWAIT, &r) == 0); // blocks
	CHECK(i.si_pid == kid && i.si_code == CLD_EXITED && i.si_status == 3);
	MIX(i), MIX(r);
	FILL(r);
	CHECK(wait4(kid, &st, 0, &r) == kid && WEXITSTATUS(st) == 3);
	mix(st), MIX(r);
	ok("exited");
	kid = fork();
	if (kid == 0) {
		kill(getpid(), SIGTERM);
		_exit(9);
	}
	FILL(i), FILL(r);
	CHECK(syscall(SYS_waitid, P_ALL, 0, &i, WEXITED, &r) == 0);
	CHECK(i.si_pid == kid && i.si_code == CLD_KILLED && i.si_status == SIGTERM);
	MIX(i), MIX(r);
	CHECK(getrusage(RUSAGE_CHILDREN, &r) == 0);
	MIX(r);
	ok("killed");
}
