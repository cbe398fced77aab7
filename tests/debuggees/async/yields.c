// Proves: threads that wait for each other in sched_yield loops, computing in between.
#include "ticks.h"
#include <pthread.h>
#include <sched.h>

enum { threads = 3, rounds = 30 };
static volatile int whose;
static uint64_t state[2] = {1, 2}, yields[threads];

static void *thread(void *p) {
	int me = (int)(uintptr_t)p;
	for (int i = 0; i < rounds; i++) {
		for (; whose != me; yields[me]++) sched_yield();
		for (int k = 0; k < 3000; k++) turn(state);
		whose = (me + 1) % threads;
	}
	return NULL;
}

int main(void) {
	pthread_t t[threads];
	for (uintptr_t i = 0; i < threads; i++) CHECK(pthread_create(&t[i], NULL, thread, (void *)i) == 0);
	for (int i = 0; i < threads; i++) pthread_join(t[i], NULL), mix(yields[i]);
	printf("%016lx\n", state[1]);
	ok("yields");
}
