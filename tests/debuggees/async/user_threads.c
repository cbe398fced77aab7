// Proves: three user threads on stacks of their own, switched by the timer's handler with swapcontext wherever they compute,
// keep their general and floating-point registers.
#include "ticks.h"

enum { threads = 3 };
static ucontext_t contexts[threads], all_done;
static double sums[threads];
static uint64_t states[threads];
static volatile int current, finished[threads], switched[threads];

static int next(void) {
	for (int k = 1; k <= threads; k++)
		if (!finished[(current + k) % threads]) return (current + k) % threads;
	return -1;
}

static void handler(int s, siginfo_t *i, void *u) {
	tick(s, i, u);
	int from = current, to = next();
	if (to < 0 || to == from) return;
	switched[from]++, current = to;
	CHECK(swapcontext(&contexts[from], &contexts[to]) == 0);
}

static void mask(int how) {
	sigset_t set;
	sigemptyset(&set), sigaddset(&set, SIGALRM);
	sigprocmask(how, &set, NULL);
}

// Contexts are only left and entered with the signal blocked: swapcontext itself must not be interrupted.
static void body(int me) {
	mask(SIG_UNBLOCK);
	double want = 0;
	uint64_t want_state = 0;
	for (int round = 0; round < 3 || (switched[me] < 5 && next() != me); round++) {
		uint64_t state[2] = {me, me};
		double sum = me;
		for (int k = 0; k < 200000; k++) turn(state), sum = sum * 0.999 + k % 7;
		if (round == 0) want = sum, want_state = state[1];
		CHECK(sum == want && state[1] == want_state && current == me);
	}
	mask(SIG_BLOCK);
	sums[me] = want, states[me] = want_state;
	finished[me] = 1;
	int to = next();
	if (to >= 0) current = to;
	setcontext(to < 0 ? &all_done : &contexts[to]);
}

int main(void) {
	on(SIGALRM, handler, 0);
	static char stacks[threads][256 << 10] __attribute__((aligned(64)));
	mask(SIG_BLOCK);
	for (int k = 0; k < threads; k++) {
		CHECK(getcontext(&contexts[k]) == 0);
		contexts[k].uc_stack.ss_sp = stacks[k], contexts[k].uc_stack.ss_size = sizeof stacks[k];
		makecontext(&contexts[k], (void (*)(void))body, 1, k);
	}
	every(ITIMER_REAL, 1000);
	CHECK(swapcontext(&all_done, &contexts[0]) == 0);
	every(ITIMER_REAL, 0);
	for (int k = 0; k < threads; k++) printf("%d: %.6f %016lx\n", k, sums[k], states[k]);
	ok("user_threads");
}
