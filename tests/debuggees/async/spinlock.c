// Proves: four threads that spin on a lock in memory, with pause and without, and make no system call, all get their turns.
#include "ticks.h"
#include <pthread.h>

enum { threads = 4, rounds = 20000 };
static volatile char held;
static uint64_t counter, order = 1;

static void *thread(void *p) {
	uint64_t me = (uintptr_t)p;
	for (int i = 0; i < rounds; i++) {
		while (__atomic_exchange_n(&held, 1, __ATOMIC_ACQUIRE))
			while (held)
				if (me % 2) __builtin_ia32_pause();
		counter++, order = order * 31 + me; // who was here when: the same in the replay
		__atomic_store_n(&held, 0, __ATOMIC_RELEASE);
	}
	return NULL;
}

int main(void) {
	pthread_t t[threads];
	for (uintptr_t i = 0; i < threads; i++) CHECK(pthread_create(&t[i], NULL, thread, (void *)i) == 0);
	for (int i = 0; i < threads; i++) pthread_join(t[i], NULL);
	CHECK(counter == threads * rounds);
	mix(order);
	ok("spinlock");
}
