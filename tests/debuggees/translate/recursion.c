// Proves: recursion 100,000 deep and back, mutual, with tail calls, Ackermann's function; from a thread with its own stack, too.
// flags: -fno-optimize-sibling-calls
#include "../debuggee.h"
#include <pthread.h>

__attribute__((noinline)) static uint64_t deep(uint64_t n) { return n == 0 ? 7 : deep(n - 1) * 3 + n; }
__attribute__((noinline)) static uint64_t odd(uint64_t n);
__attribute__((noinline)) static uint64_t even(uint64_t n) { return n == 0 ? 1 : odd(n - 1) + 2; }
__attribute__((noinline)) static uint64_t odd(uint64_t n) { return n == 0 ? 0 : even(n - 1) * 5; }
__attribute__((noinline)) static int ackermann(int m, int n) { return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1)); }
__attribute__((noinline, optimize("optimize-sibling-calls"))) static uint64_t loop(uint64_t n, uint64_t v) { return n == 0 ? v : loop(n - 1, v * 3 + n); }

static void *all(void *p) {
	uint64_t sum = 0;
	for (int i = 0; i < 3; i++) {
		sum = sum * 31 + deep(100000);
		sum = sum * 31 + even(60000);
		sum = sum * 31 + loop(300000, 1);
		for (uint64_t n = 0; n < 200; n++) sum = sum * 31 + deep(n * 7 % 90);
	}
	CHECK(ackermann(2, 300) == 603);
	mix(sum), witness();
	*(uint64_t *)p = sum;
	return NULL;
}

int main(void) {
	uint64_t a, b;
	all(&a);
	pthread_t t;
	pthread_attr_t attr;
	pthread_attr_init(&attr), pthread_attr_setstacksize(&attr, 16 << 20);
	CHECK(pthread_create(&t, &attr, all, &b) == 0);
	pthread_join(t, NULL);
	CHECK(a == b);
	printf("%016lx\n", a);
	ok("recursion");
}
