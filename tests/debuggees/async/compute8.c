// Proves: eight threads that only compute take turns, each with its own registers, and come to the same results.
#include "ticks.h"
#include <pthread.h>

static void *thread(void *p) {
	uint64_t *s = p;
	double d = 1;
	for (int i = 0; i < 4000000; i++) turn(s), d = d * 0.5 + (double)(s[1] & 7);
	s[0] += (uint64_t)(d * 1000);
	return NULL;
}

int main(void) {
	pthread_t t[8];
	uint64_t s[8][2], sum = 0;
	for (int i = 0; i < 8; i++) {
		s[i][0] = i, s[i][1] = i * i;
		CHECK(pthread_create(&t[i], NULL, thread, s[i]) == 0);
	}
	for (int i = 0; i < 8; i++) {
		pthread_join(t[i], NULL);
		printf("%d %016lx %016lx\n", i, s[i][0], s[i][1]);
		sum += s[i][0] ^ s[i][1];
	}
	printf("%016lx\n", sum);
	ok("compute8");
}
