// Proves: a lock-free stack with cmpxchg16b and a counter with cmpxchg, whose users are stopped between load and exchange.
// flags: -mcx16
#include "ticks.h"
#include <pthread.h>

enum { nodes = 64, threads = 3, rounds = 60000 };
typedef unsigned __int128 pair; // index + 1 of the first node, and a version above it
static struct { unsigned next, value; } node[nodes];
static pair top[2] __attribute__((aligned(16)));
static volatile uint64_t moves;

static void push(pair *stack, unsigned n) {
	pair old, want;
	do {
		old = *(volatile pair *)stack; // may be torn: then the exchange fails
		node[n - 1].next = (unsigned)old;
		want = ((old >> 64) + 1) << 64 | n;
	} while (!__sync_bool_compare_and_swap(stack, old, want));
}

static unsigned pop(pair *stack) {
	for (;;) {
		pair old = *(volatile pair *)stack;
		unsigned n = (unsigned)old;
		if (n == 0) return 0;
		if (n > nodes) continue;
		pair want = ((old >> 64) + 1) << 64 | ((volatile unsigned *)&node[n - 1].next)[0];
		if (__sync_bool_compare_and_swap(stack, old, want)) return n;
	}
}

static void *thread(void *p) {
	uint64_t me = (uintptr_t)p;
	for (int i = 0; i < rounds; i++) {
		unsigned n = pop(&top[(i + me) % 2]);
		if (n == 0) continue;
		node[n - 1].value++;
		push(&top[(i + me + 1) % 2], n);
		for (uint64_t old = moves; !__sync_bool_compare_and_swap(&moves, old, old + 1); old = moves) {}
	}
	return NULL;
}

int main(void) {
	pthread_t t[threads];
	for (unsigned n = 1; n <= nodes; n++) push(&top[n % 2], n);
	for (uintptr_t i = 0; i < threads; i++) CHECK(pthread_create(&t[i], NULL, thread, (void *)i) == 0);
	for (int i = 0; i < threads; i++) pthread_join(t[i], NULL);
	uint64_t values = 0, seen = 0;
	for (int s = 0; s < 2; s++)
		for (unsigned n; (n = pop(&top[s])) != 0;) {
			CHECK(!(seen >> (n - 1) & 1));
			seen |= 1ul << (n - 1), values += node[n - 1].value, mix(n);
		}
	CHECK(seen == ~0ul && values == moves);
	mix(moves);
	ok("lockfree");
}
