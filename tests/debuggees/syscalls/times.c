// Proves: every clock, timer and sleep call that writes a time.
#include "../debuggee.h"
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/timex.h>

int main(void) {
	struct timespec t;
	int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW,
	                CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_TAI, 99};
	for (unsigned i = 0; i < sizeof clocks / sizeof *clocks; i++) {
		FILL(t);
		mix(clock_gettime(clocks[i], &t)), MIX(t);
		FILL(t);
		mix(clock_getres(clocks[i], &t)), MIX(t);
	}
	clockid_t cpu;
	CHECK(clock_getcpuclockid(getpid(), &cpu) == 0 && clock_gettime(cpu, &t) == 0);
	MIX(t);
	ok("clocks");
	struct timeval v;
	struct timezone z;
	FILL(v), FILL(z);
	CHECK(syscall(SYS_gettimeofday, &v, &z) == 0);
	MIX(v), MIX(z);
	time_t s = 5;
	CHECK(syscall(SYS_time, &s) == s);
	mix(s);
	struct timex x;
	memset(&x, 0, sizeof x);
	CHECK(adjtimex(&x) >= 0);
	MIX(x);
	struct itimerval i;
	FILL(i);
	CHECK(getitimer(ITIMER_REAL, &i) == 0 && i.it_value.tv_sec == 0);
	MIX(i);
	i = (struct itimerval){{0, 0}, {100, 0}};
	CHECK(setitimer(ITIMER_REAL, &i, NULL) == 0);
	struct itimerval o;
	FILL(o);
	i.it_value.tv_sec = 0;
	CHECK(setitimer(ITIMER_REAL, &i, &o) == 0 && o.it_value.tv_sec >= 90);
	MIX(o);
	CHECK(alarm(50) == 0 && alarm(0) >= 40);
	struct timespec left;
	FILL(left);
	CHECK(nanosleep(&(struct timespec){0, 2000000}, &left) == 0);
	MIX(left);
	CHECK(clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){0, 2000000}, &left) == 0);
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += 2000000;
	if (t.tv_nsec > 999999999) t.tv_nsec -= 1000000000, t.tv_sec++;
	CHECK(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == 0);
	MIX(left);
	ok("timers and sleeps");
}
