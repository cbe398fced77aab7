// Proves: signals taken out of a signalfd: several in one read, a blocking read, the sender's pid and value.
#include "../debuggee.h"
#include <sys/signalfd.h>

int main(void) {
	sigset_t m;
	sigemptyset(&m);
	sigaddset(&m, SIGUSR1), sigaddset(&m, SIGRTMIN), sigaddset(&m, SIGCHLD);
	CHECK(sigprocmask(SIG_BLOCK, &m, NULL) == 0);
	int f = signalfd(-1, &m, SFD_CLOEXEC);
	struct signalfd_siginfo s[4];
	FILL(s);
	kill(getpid(), SIGUSR1);
	union sigval v = {.sival_int = 7};
	sigqueue(getpid(), SIGRTMIN, v);
	CHECK(read(f, s, sizeof s) == 2 * sizeof *s);
	CHECK(s[0].ssi_signo == SIGUSR1 && (int)s[0].ssi_pid == getpid());
	CHECK(s[1].ssi_signo == (unsigned)SIGRTMIN && s[1].ssi_int == 7);
	MIX(s);
	pid_t kid = fork();
	if (kid == 0) {
		nap(10);
		_exit(5);
	}
	FILL(s);
	CHECK(read(f, s, sizeof s) == sizeof *s && s[0].ssi_signo == SIGCHLD && s[0].ssi_status == 5);
	MIX(s);
	int st;
	CHECK(waitpid(kid, &st, 0) == kid && WEXITSTATUS(st) == 5);
	ok("signalfd");
}
