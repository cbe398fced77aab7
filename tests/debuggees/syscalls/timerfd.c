// Proves: timerfd: expirations read by blocking, the time left, an absolute timer.
#include "../debuggee.h"
#include <sys/timerfd.h>

int main(void) {
	int t = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	struct itimerspec i = {{0, 2000000}, {0, 3000000}}, old;
	CHECK(timerfd_settime(t, 0, &i, NULL) == 0);
	uint64_t n, sum = 0;
	for (int k = 0; k < 5; k++) {
		CHECK(read(t, &n, 8) == 8 && n >= 1);
		mix(n);
		sum += n;
	}
	CHECK(sum >= 5);
	FILL(old);
	CHECK(timerfd_gettime(t, &old) == 0 && old.it_interval.tv_nsec == 2000000);
	MIX(old);
	FILL(old);
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	MIX(now);
	i = (struct itimerspec){{0, 0}, now};
	CHECK(timerfd_settime(t, TFD_TIMER_ABSTIME, &i, &old) == 0); // already past
	MIX(old);
	CHECK(read(t, &n, 8) == 8 && n == 1);
	ok("timerfd");
}
