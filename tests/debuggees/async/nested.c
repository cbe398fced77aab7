// Proves: handlers that compute are themselves interrupted by other signals and by their own (SA_NODEFER), and all return.
#include "ticks.h"

static volatile int depth, deepest, counts[65];

static void handler(int s, siginfo_t *i, void *u) {
	uint64_t state[2] = {s, s};
	depth++;
	if (depth > deepest) deepest = depth;
	tick(s, i, u);
	counts[s]++;
	if (depth < 6)
		for (int k = 0; k < 300000; k++) turn(state);
	mix(state[1]), mix(depth);
	depth--;
}

int main(void) {
	uint64_t state[2] = {1, 2};
	on(SIGALRM, handler, SA_NODEFER), on(SIGVTALRM, handler, 0), on(SIGPROF, handler, SA_NODEFER);
	every(ITIMER_REAL, 900), every(ITIMER_VIRTUAL, 4000), every(ITIMER_PROF, 4000);
	while (counts[SIGALRM] < 20 || counts[SIGVTALRM] < 3 || counts[SIGPROF] < 3 || deepest < 3) turn(state);
	every(ITIMER_REAL, 0), every(ITIMER_VIRTUAL, 0), every(ITIMER_PROF, 0);
	CHECK(depth == 0);
	mix(deepest), mix(state[0]);
	ok("nested");
}
