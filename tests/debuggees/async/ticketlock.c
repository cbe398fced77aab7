// Proves: a ticket lock, which only the right thread can take: the others spin through all their turns, and it still ends.
#include "ticks.h"
#include <pthread.h>

enum { threads = 3, rounds = 10 };
static volatile unsigned next_ticket, serving;
static uint64_t work[2] = {1, 2}, order = 1;

static void *thread(void *p) {
	uint64_t me = (uintptr_t)p;
	for (int i = 0; i < rounds; i++) {
		unsigned ticket = __atomic_fetch_add(&next_ticket, 1, __ATOMIC_RELAXED);
		while (__atomic_load_n(&serving, __ATOMIC_ACQUIRE) != ticket) __builtin_ia32_pause();
		for (int k = 0; k < 1000; k++) turn(work);
		order = order * 31 + me;
		__atomic_store_n(&serving, ticket + 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

int main(void) {
	pthread_t t[threads];
	for (uintptr_t i = 0; i < threads; i++) CHECK(pthread_create(&t[i], NULL, thread, (void *)i) == 0);
	for (int i = 0; i < threads; i++) pthread_join(t[i], NULL);
	printf("%u %016lx\n", serving, work[1]);
	mix(order);
	ok("ticketlock");
}
