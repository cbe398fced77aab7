// Proves: many timer signals over many short system calls, the handler making calls of its own; each is an event at a call.
#include "../debuggee.h"
#include <sys/time.h>

static volatile int ticks;
static void handler(int s) { mix(s), mix(getpid()), ticks++; }

int main(void) {
	struct sigaction a = {.sa_handler = handler, .sa_flags = SA_RESTART};
	struct itimerval t = {{0, 500}, {0, 500}};
	sigaction(SIGALRM, &a, NULL);
	setitimer(ITIMER_REAL, &t, NULL);
	int p[2];
	char b[100] = "";
	CHECK(pipe(p) == 0);
	for (int i = 0; ticks < 100 && i < 1000000; i++) {
		CHECK(write(p[1], b, 1 + i % 90) == 1 + i % 90);
		FILL(b);
		CHECK(read(p[0], b, sizeof b) == 1 + i % 90);
		MIX(b), mix(ticks);
		if (i % 5 == 0) witness();
	}
	t.it_value.tv_usec = t.it_interval.tv_usec = 0;
	setitimer(ITIMER_REAL, &t, NULL);
	CHECK(ticks >= 100);
	ok("storm");
}
