// Proves: children that die by every fatal signal, by themselves and by the parent while they block: status and siginfo.
#include "../debuggee.h"
#include <sys/resource.h>

int main(void) {
	struct rlimit none = {0, 0};
	setrlimit(RLIMIT_CORE, &none);
	int sigs[] = {SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGXCPU, SIGSYS, SIGRTMIN + 3};
	for (unsigned i = 0; i < sizeof sigs / sizeof *sigs; i++)
		for (int who = 0; who < 2; who++) {
			pid_t kid = fork();
			if (kid == 0) {
				for (int s = 1; s < 65; s++) signal(s, SIG_DFL);
				if (who == 0) kill(getpid(), sigs[i]);
				for (;;) pause();
			}
			if (who == 1) {
				if (i % 2) nap(1);
				kill(kid, sigs[i]);
			}
			int st;
			CHECK(waitpid(kid, &st, 0) == kid && WIFSIGNALED(st) && WTERMSIG(st) == sigs[i]);
			mix(st), witness();
		}
	ok("signals");
	for (int i = 0; i < 3; i++) {
		pid_t kid = fork();
		if (kid == 0) {
			if (i == 0) *(volatile int *)4 = 1;
			if (i == 1) __builtin_trap();
			abort();
		}
		int st, want[] = {SIGSEGV, SIGILL, SIGABRT};
		CHECK(waitpid(kid, &st, 0) == kid && WIFSIGNALED(st) && WTERMSIG(st) == want[i]);
		mix(st);
	}
	ok("faults");
}
