// Proves: timer_create with SIGEV_SIGNAL, SIGEV_THREAD_ID and SIGEV_NONE; values, overruns, the time left.
#include "../debuggee.h"

static volatile int calls, bad;
static volatile pid_t where;

static void handler(int s, siginfo_t *i, void *u) {
	(void)s, (void)u;
	if (i->si_code != SI_TIMER || i->si_int != 55) bad = 1;
	mix_mem(i, sizeof *i);
	where = gettid();
	calls++;
}

int main(void) {
	struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	sigaction(SIGRTMIN + 1, &a, NULL);
	int kinds[] = {SIGEV_SIGNAL, SIGEV_THREAD_ID};
	for (int k = 0; k < 2; k++) {
		struct sigevent e = {.sigev_notify = kinds[k], .sigev_signo = SIGRTMIN + 1, .sigev_value.sival_int = 55};
		e._sigev_un._tid = gettid();
		timer_t t;
		CHECK(timer_create(CLOCK_MONOTONIC, &e, &t) == 0);
		mix((uintptr_t)t);
		struct itimerspec i = {{0, 2000000}, {0, 3000000}}, o;
		calls = 0;
		CHECK(timer_settime(t, 0, &i, NULL) == 0);
		while (calls < 5) nap(50); // cut short by the signal
		FILL(o);
		CHECK(timer_gettime(t, &o) == 0 && o.it_interval.tv_nsec == 2000000);
		MIX(o), mix(timer_getoverrun(t));
		CHECK(timer_delete(t) == 0 && !bad && where == gettid());
		ok(k ? "SIGEV_THREAD_ID" : "SIGEV_SIGNAL");
	}
	struct sigevent e = {.sigev_notify = SIGEV_NONE};
	timer_t t;
	struct itimerspec i = {{0, 0}, {100, 0}}, o;
	CHECK(timer_create(CLOCK_REALTIME, &e, &t) == 0 && timer_settime(t, 0, &i, NULL) == 0 && timer_gettime(t, &o) == 0);
	CHECK(o.it_value.tv_sec >= 98);
	MIX(o);
	ok("SIGEV_NONE");
}
