// Proves: an alarm ends an infinite loop: by its handler, which exits, and by its default action.
// case: async/alarm-handler
// args: handler
// status: 3
// case: async/alarm-default
// args: default
// status: 142
#include "ticks.h"

static volatile uint64_t state[2];

static void handler(int s, siginfo_t *i, void *u) {
	tick(s, i, u);
	mix(state[0]), mix(state[1]);
	ok("handler");
	exit(3);
}

int main(int argc, char **argv) {
	CHECK(argc == 2);
	if (argv[1][0] == 'h') on(SIGALRM, handler, 0);
	ok("begin");
	ualarm(20000, 0);
	for (;;) state[0]++, state[1] ^= state[0];
}
