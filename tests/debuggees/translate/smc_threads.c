// Proves: two threads run generated code that a third one changes, each time at a barrier; and code that one thread makes is run by
// all, also when it takes the place of code that they ran.
#include "jit.h"
#include <pthread.h>

enum { rounds = 150, threads = 2 };
static unsigned char *p;
static pthread_barrier_t barrier;
static uint64_t sums[threads];

static void *runner(void *arg) {
	uint64_t me = (uintptr_t)arg;
	for (int i = 0; i < rounds; i++) {
		pthread_barrier_wait(&barrier);
		for (int k = 0; k < 20; k++) sums[me] = sums[me] * 7 + (unsigned)call1(p + i % 3 * 100, k + me);
		pthread_barrier_wait(&barrier);
	}
	mix(sums[me]), witness();
	return NULL;
}

int main(void) {
	p = code_pages(1, RWX);
	pthread_t t[threads];
	pthread_barrier_init(&barrier, NULL, threads + 1);
	for (uintptr_t i = 0; i < threads; i++) CHECK(pthread_create(&t[i], NULL, runner, (void *)i) == 0);
	for (int i = 0; i < rounds; i++) {
		unsigned char code[] = {0x8d, 0x87, i, 0, 0, 0, 0x6b, 0xc0, i * 2 + 1, 0xc3}; // lea eax, [rdi + i]; imul eax, n; ret
		emit(p + i % 3 * 100, code, sizeof code);
		pthread_barrier_wait(&barrier);
		pthread_barrier_wait(&barrier);
	}
	for (int i = 0; i < threads; i++) pthread_join(t[i], NULL), printf("%016lx\n", sums[i]);
	ok("smc_threads");
}
