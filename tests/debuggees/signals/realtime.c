// Proves: queued real-time signals come lowest first and in order, each with its value; SI_QUEUE, also from a child.
#include "../debuggee.h"

static volatile int n;
static int seen[64];

static void handler(int s, siginfo_t *i, void *u) {
	(void)u;
	CHECK(i->si_code == SI_QUEUE);
	mix_mem(i, sizeof *i);
	seen[n++] = (s - SIGRTMIN) * 100 + i->si_int;
}

int main(void) {
	struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	sigset_t m;
	sigfillset(&a.sa_mask);
	sigemptyset(&m);
	for (int i = 0; i < 4; i++) sigaction(SIGRTMIN + i, &a, NULL), sigaddset(&m, SIGRTMIN + i);
	sigprocmask(SIG_BLOCK, &m, NULL);
	for (int v = 0; v < 5; v++)
		for (int i = 3; i >= 0; i--) CHECK(sigqueue(getpid(), SIGRTMIN + i, (union sigval){.sival_int = v}) == 0);
	CHECK(n == 0);
	sigprocmask(SIG_UNBLOCK, &m, NULL);
	CHECK(n == 20);
	for (int i = 0; i < 20; i++) CHECK(seen[i] == i / 5 * 100 + i % 5);
	ok("order");
	n = 0;
	pid_t p = getpid(), kid = fork();
	if (kid == 0) {
		for (int v = 0; v < 20; v++) sigqueue(p, SIGRTMIN + 2, (union sigval){.sival_int = v});
		_exit(0);
	}
	reap(kid);
	CHECK(n == 20);
	for (int i = 0; i < 20; i++) CHECK(seen[i] == 200 + i);
	ok("from a child");
}
