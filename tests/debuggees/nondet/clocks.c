// Proves: time read 10,000 times each way through libc: with the vDSO hidden every one is an event.
#include "../debuggee.h"
#include <sys/time.h>

int main(void) {
	struct timespec t, last = {0, 0};
	struct timeval v;
	for (int i = 0; i < 10000; i++) {
		clock_gettime(CLOCK_MONOTONIC, &t);
		CHECK(t.tv_sec > last.tv_sec || (t.tv_sec == last.tv_sec && t.tv_nsec >= last.tv_nsec));
		last = t;
		mix(t.tv_nsec);
	}
	ok("clock_gettime");
	for (int i = 0; i < 10000; i++) {
		gettimeofday(&v, NULL);
		mix(v.tv_usec);
	}
	ok("gettimeofday");
	for (int i = 0; i < 10000; i++) mix(time(NULL));
	ok("time");
}
