// Proves: threads that meet at a barrier by spinning, and add up under a pthread spin lock, with atomic adds beside it.
#include "ticks.h"
#include <pthread.h>

enum { threads = 3, rounds = 8 };
static volatile int arrived, sense;
static pthread_spinlock_t lock;
static uint64_t sum, product = 1;
static volatile uint64_t atomic_sum;

static void barrier(int *mine) {
	*mine = !*mine;
	if (__atomic_add_fetch(&arrived, 1, __ATOMIC_ACQ_REL) == threads) {
		arrived = 0;
		__atomic_store_n(&sense, *mine, __ATOMIC_RELEASE);
	} else
		while (__atomic_load_n(&sense, __ATOMIC_ACQUIRE) != *mine) {}
}

static void *thread(void *p) {
	uint64_t me = (uintptr_t)p;
	int mine = 0;
	for (uint64_t round = 0; round < rounds; round++) {
		barrier(&mine);
		for (int i = 0; i < 300; i++) {
			pthread_spin_lock(&lock);
			sum += me * round, product *= 2 * (me + round) + 1;
			pthread_spin_unlock(&lock);
			__atomic_fetch_add(&atomic_sum, me ^ round, __ATOMIC_RELAXED);
		}
	}
	return NULL;
}

int main(void) {
	pthread_t t[threads];
	pthread_spin_init(&lock, 0);
	for (uintptr_t i = 0; i < threads; i++) CHECK(pthread_create(&t[i], NULL, thread, (void *)i) == 0);
	for (int i = 0; i < threads; i++) pthread_join(t[i], NULL);
	printf("%lu %016lx %lu\n", sum, product, atomic_sum);
	ok("spin_barrier");
}
