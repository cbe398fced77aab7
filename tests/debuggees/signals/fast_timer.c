// Proves: a timer that ticks faster than its signals can be recorded (20 kHz) does not keep the program from computing, also
// when the handler may be interrupted by the next tick (SA_NODEFER).
#include "../debuggee.h"
#include <sys/time.h>

static volatile int ticks, depth, deepest;

static void handler(int s) {
	mix(s), ticks++;
	if (++depth > deepest) deepest = depth;
	depth--;
}

static __attribute__((noipa)) uint64_t compute(uint64_t x) {
	for (int i = 0; i < 3000000; i++) x = x * 6364136223846793005u + 1442695040888963407u;
	return x;
}

int main(void) {
	uint64_t want = compute(1);
	for (int nodefer = 0; nodefer < 2; nodefer++) {
		struct sigaction a = {.sa_handler = handler, .sa_flags = nodefer ? SA_NODEFER : 0};
		struct itimerval t = {{0, 50}, {0, 50}};
		sigaction(SIGALRM, &a, NULL);
		setitimer(ITIMER_REAL, &t, NULL);
		CHECK(compute(1) == want);
		t.it_interval.tv_usec = t.it_value.tv_usec = 0;
		setitimer(ITIMER_REAL, &t, NULL);
		CHECK(ticks > 0 && deepest < 1000);
		mix(ticks);
		ok(nodefer ? "nested" : "plain");
	}
}
