// Proves: signals sent by another process (kill) and by another thread (pthread_kill, sigqueue) meet a computing thread.
#include "ticks.h"
#include <pthread.h>

static volatile int done;
static pthread_t first;

static void *sender(void *p) {
	for (int i = 0; !done; i++) {
		union sigval v = {.sival_int = i};
		if (i % 2) pthread_kill(first, SIGUSR1);
		else pthread_sigqueue(first, SIGUSR1, v);
		nap(1);
	}
	return p;
}

int main(void) {
	uint64_t state[2] = {1, 2};
	first = pthread_self();
	on(SIGUSR1, tick, 0);
	pid_t parent = getpid(), child = fork();
	if (child == 0)
		for (;;) kill(parent, SIGUSR1), nap(1);
	while (ticks < 20) turn(state);
	CHECK(kill(child, SIGKILL) == 0);
	int st;
	CHECK(waitpid(child, &st, 0) == child && WTERMSIG(st) == SIGKILL);
	mix(state[0]);
	ok("from a process");

	ticks = 0;
	pthread_t t;
	CHECK(pthread_create(&t, NULL, sender, NULL) == 0);
	while (ticks < 20) turn(state);
	done = 1;
	pthread_join(t, NULL);
	mix(state[0]);
	ok("from a thread");
}
