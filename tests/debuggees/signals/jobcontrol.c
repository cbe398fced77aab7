// Proves: SIGSTOP and SIGCONT of a child with WUNTRACED, WCONTINUED and siginfo; SIGTSTP with a handler; SIGCONT's handler;
// a stop while the child sleeps (its nanosleep goes on) and while it blocks in read.
#include "../debuggee.h"

static volatile int conts;
static void on_cont(int s) { mix(s), conts++; }

int main(void) {
	int p[2], st;
	CHECK(pipe(p) == 0);
	pid_t kid = fork();
	if (kid == 0) {
		signal(SIGCONT, on_cont);
		char c;
		ssize_t r;
		raise(SIGSTOP); // BP1
		CHECK(conts == 1);
		nap(30); // stopped in the middle: ERESTART_RESTARTBLOCK
		while ((r = read(p[0], &c, 1)) == -1) CHECK(errno == EINTR);
		CHECK(r == 1);
		_exit(7);
	}
	CHECK(waitpid(kid, &st, WUNTRACED) == kid && WIFSTOPPED(st) && WSTOPSIG(st) == SIGSTOP);
	mix(st);
	kill(kid, SIGCONT);
	CHECK(waitpid(kid, &st, WCONTINUED) == kid && WIFCONTINUED(st));
	ok("raise(SIGSTOP)");
	nap(5);
	for (int i = 0; i < 3; i++) {
		siginfo_t si;
		FILL(si);
		kill(kid, SIGSTOP);
		CHECK(waitid(P_PID, kid, &si, WSTOPPED) == 0 && si.si_code == CLD_STOPPED && si.si_status == SIGSTOP);
		MIX(si);
		nap(5);
		kill(kid, SIGCONT);
		CHECK(waitid(P_PID, kid, &si, WCONTINUED) == 0 && si.si_code == CLD_CONTINUED);
		MIX(si);
		nap(15);
	}
	CHECK(write(p[1], "g", 1) == 1);
	CHECK(waitpid(kid, &st, 0) == kid && WIFEXITED(st) && WEXITSTATUS(st) == 7);
	ok("stop and continue");
	kid = fork();
	if (kid == 0) {
		CHECK(setpgid(0, 0) == 0);
		raise(SIGTSTP);
		_exit(8);
	}
	st = 0;
	pid_t r = waitpid(kid, &st, WUNTRACED); // an orphaned process group ignores SIGTSTP: both are right
	CHECK(r == kid);
	if (WIFSTOPPED(st)) {
		kill(kid, SIGKILL); // a stopped process is killed
		CHECK(waitpid(kid, &st, 0) == kid && WIFSIGNALED(st) && WTERMSIG(st) == SIGKILL);
	}
	ok("SIGTSTP");
}
