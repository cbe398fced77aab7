// Proves: the carry that a chain of adc keeps in the flags over a whole loop, and the direction flag, survive ticks.
#include "ticks.h"

enum { words = 4096 };
static uint64_t a[words], b[words], sum[words];

// sum = a + b: the carry lives in CF from word to word; lea and dec leave it alone.
static int add(void) {
	uint64_t *p = a, *q = b, *r = sum, n = words;
	unsigned char carry;
	__asm__ volatile("clc\n1: mov (%0), %%rax\n\tadc (%1), %%rax\n\tmov %%rax, (%2)\n\t"
	                 "lea 8(%0), %0\n\tlea 8(%1), %1\n\tlea 8(%2), %2\n\tdec %3\n\tjnz 1b\n\tsetc %4"
	                 : "+r"(p), "+r"(q), "+r"(r), "+r"(n), "=r"(carry)::"rax", "cc", "memory");
	return carry;
}

// The sum backwards with lods and the direction flag set throughout.
static uint64_t fold(void) {
	uint64_t *p = sum + words - 1, n = words, v = 0;
	__asm__ volatile("std\n1: lodsq\n\trol $1, %2\n\txor %%rax, %2\n\tdec %1\n\tjnz 1b\n\tcld" : "+S"(p), "+r"(n), "+r"(v)::"rax", "cc", "memory");
	return v;
}

int main(void) {
	for (int i = 0; i < words; i++) a[i] = i * 0x9e3779b97f4a7c15u, b[i] = i % 5 ? ~a[i] : a[i] * 3;
	int carry = add();
	uint64_t want = fold(), rounds = 0;
	printf("%d %016lx\n", carry, want);
	on(SIGALRM, tick, 0);
	every(ITIMER_REAL, 500);
	for (; ticks < 40; rounds++) {
		sum[rounds % words] = 0;
		CHECK(add() == carry);
		CHECK(fold() == want);
	}
	every(ITIMER_REAL, 0);
	mix(rounds);
	ok("flags");
}
