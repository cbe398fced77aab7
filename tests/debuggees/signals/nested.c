// Proves: handlers within handlers, three deep, on the same and on other stacks, with masks restored at each sigreturn.
#include "../debuggee.h"

static char alt[65536];
static volatile int depth, deepest, trail;

static void handler(int s) {
	depth++;
	trail = trail * 10 + depth;
	if (depth > deepest) deepest = depth;
	sigset_t m;
	sigprocmask(SIG_BLOCK, NULL, &m);
	mix(s), mix_mem(&m, 8), witness();
	CHECK(sigismember(&m, s));
	if (s == SIGUSR1) raise(SIGUSR2);
	if (s == SIGUSR2) raise(SIGRTMIN);
	mix(depth);
	depth--;
}

int main(void) {
	stack_t st = {.ss_sp = alt, .ss_size = sizeof alt};
	sigaltstack(&st, NULL);
	struct sigaction a = {.sa_handler = handler};
	sigaction(SIGUSR1, &a, NULL);
	sigaction(SIGRTMIN, &a, NULL);
	a.sa_flags = SA_ONSTACK;
	sigaction(SIGUSR2, &a, NULL);
	raise(SIGUSR1);
	CHECK(depth == 0 && deepest == 3 && trail == 123);
	sigset_t m;
	sigprocmask(SIG_BLOCK, NULL, &m);
	CHECK(!sigismember(&m, SIGUSR1) && !sigismember(&m, SIGUSR2));
	// two pending at once: both frames are built before the first instruction of either handler runs
	sigset_t both;
	sigemptyset(&both), sigaddset(&both, SIGUSR2), sigaddset(&both, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &both, NULL);
	trail = 0;
	raise(SIGRTMIN), raise(SIGUSR2);
	sigprocmask(SIG_UNBLOCK, &both, NULL);
	CHECK(depth == 0);
	mix(trail);
	ok("nested");
}
