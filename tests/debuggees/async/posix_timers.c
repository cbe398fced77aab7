// Proves: timers of timer_create at 1 kHz, with a value in siginfo and aimed at one thread, meet loops without system calls.
// flags: -lrt
#include "ticks.h"
#include <pthread.h>

static volatile int mine, other;
static volatile pid_t helper;

static void handler(int s, siginfo_t *i, void *u) {
	tick(s, i, u);
	CHECK(i->si_code == SI_TIMER && i->si_value.sival_int == (s == SIGUSR1 ? 41 : 42));
	mix(i->si_overrun);
	if (s == SIGUSR1) mine++;
	else other++, mix(gettid() == helper);
	if (s == SIGUSR2) CHECK(gettid() == helper);
}

static timer_t timer(int sig, int value, pid_t tid) {
	struct sigevent e = {.sigev_notify = tid ? SIGEV_THREAD_ID : SIGEV_SIGNAL, .sigev_signo = sig, .sigev_value.sival_int = value};
	e._sigev_un._tid = tid;
	struct itimerspec t = {{0, 1000000}, {0, 1000000}};
	timer_t id;
	CHECK(timer_create(CLOCK_MONOTONIC, &e, &id) == 0 && timer_settime(id, 0, &t, NULL) == 0);
	return id;
}

static void *thread(void *p) {
	sigset_t set;
	sigemptyset(&set), sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	helper = gettid();
	timer_t id = timer(SIGUSR2, 42, gettid());
	uint64_t *state = p;
	while (other < 30) turn(state);
	timer_delete(id);
	mix(state[0]), witness();
	return NULL;
}

int main(void) {
	on(SIGUSR1, handler, 0), on(SIGUSR2, handler, 0);
	uint64_t a[2] = {1, 2}, b[2] = {3, 4};
	timer_t id = timer(SIGUSR1, 41, 0);
	while (mine < 50) turn(a);
	mix(a[0]);
	ok("a timer of the process");
	pthread_t t;
	CHECK(pthread_create(&t, NULL, thread, b) == 0);
	mine = 0;
	while (mine < 30) turn(a);
	pthread_join(t, NULL);
	timer_delete(id);
	mix(a[0]), mix(b[0]);
	ok("a timer of a thread");
}
