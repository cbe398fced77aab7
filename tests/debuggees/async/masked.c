// Proves: a signal that is blocked while a thread computes comes when the mask is lifted, at the call, and not before; in
// between others come in the middle; and one that is meant for any thread comes to the only one that lets it in.
#include "ticks.h"
#include <pthread.h>

static volatile int blocked, early, done, stranger;
static volatile pid_t open_to;

static void handler(int s, siginfo_t *i, void *u) {
	tick(s, i, u);
	if (blocked && s == SIGALRM) early++;
	if (open_to && gettid() != open_to) stranger++;
}

static void *closed(void *p) {
	uint64_t state[2] = {5, 6};
	while (!done) turn(state);
	mix(state[0]), witness();
	return p;
}

int main(void) {
	sigset_t alrm;
	uint64_t state[2] = {1, 2};
	sigemptyset(&alrm), sigaddset(&alrm, SIGALRM);
	on(SIGALRM, handler, 0), on(SIGVTALRM, handler, 0);
	every(ITIMER_REAL, 500), every(ITIMER_VIRTUAL, 4000);
	while (ticks < 40) {
		sigprocmask(SIG_BLOCK, &alrm, NULL);
		blocked = 1;
		for (int k = 0; k < 200000; k++) turn(state);
		blocked = 0;
		sigprocmask(SIG_UNBLOCK, &alrm, NULL);
		for (int k = 0; k < 200000; k++) turn(state);
	}
	CHECK(early == 0);
	ok("blocked");
	sigaddset(&alrm, SIGVTALRM);
	pthread_sigmask(SIG_BLOCK, &alrm, NULL);
	pthread_t t[2];
	for (int k = 0; k < 2; k++) CHECK(pthread_create(&t[k], NULL, closed, NULL) == 0);
	open_to = gettid(), ticks = 0;
	pthread_sigmask(SIG_UNBLOCK, &alrm, NULL);
	while (ticks < 20) turn(state);
	every(ITIMER_REAL, 0), every(ITIMER_VIRTUAL, 0);
	done = 1;
	for (int k = 0; k < 2; k++) pthread_join(t[k], NULL);
	CHECK(stranger == 0);
	mix(state[0]);
	ok("one of three threads");
}
