// Proves: one thread spins on a volatile flag that another sets after computing, to and fro; nobody makes a system call.
#include "ticks.h"
#include <pthread.h>

static volatile int whose;
static uint64_t spins[2];

static void play(int me, uint64_t s[2]) {
	for (int round = 0; round < 10; round++) {
		while (whose != me) spins[me]++;
		for (int i = 0; i < 20000; i++) turn(s);
		whose = !me;
	}
}

static uint64_t shared[2] = {7, 8};
static void *thread(void *p) { return play(1, shared), p; }

int main(void) {
	pthread_t t;
	CHECK(pthread_create(&t, NULL, thread, NULL) == 0);
	play(0, shared);
	pthread_join(t, NULL);
	printf("%016lx\n", shared[1]);
	mix(spins[0]), mix(spins[1]);
	ok("flag_spin");
}
