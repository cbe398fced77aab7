// Proves: SIGALRM, SIGVTALRM and SIGPROF of setitimer meet a loop without system calls, unoptimized and optimized; the loop
// ends after 20 of them, and what it computed until then is the same in the replay.
// case: async/interval-real-O0
// flags: -O0
// args: real
// case: async/interval-real-O2
// flags: -O2
// args: real
// case: async/interval-virtual-O0
// flags: -O0
// args: virtual
// case: async/interval-virtual-O2
// flags: -O2
// args: virtual
// case: async/interval-prof-O0
// flags: -O0
// args: prof
// case: async/interval-prof-O2
// flags: -O2
// args: prof
#include "ticks.h"

int main(int argc, char **argv) {
	CHECK(argc == 2);
	int which = argv[1][0] == 'r' ? ITIMER_REAL : argv[1][0] == 'v' ? ITIMER_VIRTUAL : ITIMER_PROF;
	int signals[] = {[ITIMER_REAL] = SIGALRM, [ITIMER_VIRTUAL] = SIGVTALRM, [ITIMER_PROF] = SIGPROF};
	on(signals[which], tick, 0);
	every(which, 2000);
	uint64_t state[2] = {1, 2}, rounds = 0;
	for (; ticks < 20; rounds++) turn(state);
	every(which, 0);
	mix(state[0]), mix(state[1]), mix(rounds);
	ok(argv[1]);
}
