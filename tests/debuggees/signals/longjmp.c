// Proves: siglongjmp out of a handler, from a fault and from a timer during a blocking read; no sigreturn follows.
#include "../debuggee.h"
#include <setjmp.h>
#include <sys/time.h>

static sigjmp_buf env;
static void handler(int s) { mix(s), witness(), siglongjmp(env, s); }

int main(void) {
	int p[2];
	static volatile int faults;
	CHECK(pipe(p) == 0);
	signal(SIGSEGV, handler), signal(SIGALRM, handler);
	for (volatile int i = 0; i < 50; i++) {
		if (sigsetjmp(env, 1) == 0) {
			*(volatile char *)(uintptr_t)(i + 1) = 1;
			CHECK(!"reached");
		}
		faults++;
	}
	CHECK(faults == 50);
	ok("fault");
	struct itimerval t = {{0, 10000}, {0, 10000}};
	if (sigsetjmp(env, 1) == 0) {
		char c;
		setitimer(ITIMER_REAL, &t, NULL);
		CHECK(read(p[0], &c, 1) == -2);
	}
	t = (struct itimerval){{0, 0}, {0, 0}};
	if (sigsetjmp(env, 1) == 0) setitimer(ITIMER_REAL, &t, NULL);
	setitimer(ITIMER_REAL, &t, NULL);
	ok("timer");
}
