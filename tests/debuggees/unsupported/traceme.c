// Proves: a program that asks to be traced, or tries to trace its child, is answered and goes on.
#include "../debuggee.h"
#include <sys/ptrace.h>

int main(void) {
	pid_t kid = fork();
	if (kid == 0) {
		long r = ptrace(PTRACE_TRACEME, 0, 0, 0);
		mix(r), witness();
		_exit(r == 0 || errno == EPERM || errno == ENOSYS ? 0 : 1);
	}
	reap(kid);
	ok("traceme");
	kid = fork();
	if (kid == 0) {
		pause();
		_exit(0);
	}
	long r = ptrace(PTRACE_SEIZE, kid, 0, 0);
	CHECK(r == 0 || errno == EPERM || errno == ENOSYS);
	CHECK(kill(kid, SIGKILL) == 0);
	int st;
	CHECK(waitpid(kid, &st, 0) == kid && WIFSIGNALED(st) && WTERMSIG(st) == SIGKILL);
	ok("seize");
}
