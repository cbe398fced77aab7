// Proves: siglongjmp out of a handler leaves a loop that never ends by itself, again and again.
#include "ticks.h"
#include <setjmp.h>

static sigjmp_buf out;

static void handler(int s, siginfo_t *i, void *u) {
	tick(s, i, u);
	siglongjmp(out, s);
}

int main(void) {
	static uint64_t state[2] = {1, 2};
	on(SIGALRM, handler, 0);
	for (volatile int round = 0; round < 20; round++) {
		int s = sigsetjmp(out, 1);
		if (s == 0) {
			struct itimerval t = {{0, 0}, {0, 1000}};
			setitimer(ITIMER_REAL, &t, NULL);
			for (;;) {
				turn(state);
				__asm__ volatile("" ::: "memory");
			}
		}
		CHECK(s == SIGALRM);
		mix(state[0]), witness();
	}
	CHECK(ticks == 20);
	ok("jump_out");
}
