// Proves: signals land in rep movsb, stosb, movsq, lodsb, repe cmpsb and repne scasb over large buffers, forwards and
// backwards; the handlers see registers that agree with memory, and no byte is lost or written twice.
#include "ticks.h"

enum { size = 1 << 20 };
static unsigned char from[size], to[size];
static volatile int wrong, inside;

// In a copy forwards, rdi and rsi move together and rcx is what is left.
static void handler(int s, siginfo_t *i, void *u) {
	greg_t *g = ((ucontext_t *)u)->uc_mcontext.gregs;
	tick(s, i, u);
	const unsigned char *pc = (const unsigned char *)g[REG_RIP];
	if (pc[0] == 0xf3 && pc[1] == 0xa4 && !(g[REG_EFL] & 0x400) && g[REG_RCX] > 0 && g[REG_RCX] < size) {
		inside++;
		size_t done = size - g[REG_RCX];
		wrong |= (unsigned char *)g[REG_RDI] != to + done || (unsigned char *)g[REG_RSI] != from + done || to[done - 1] != from[done - 1];
	}
}

static void copy(int backwards) {
	void *d = to, *s = from;
	size_t n = size;
	if (backwards)
		d = to + size - 1, s = from + size - 1, ({ __asm__ volatile("std\n\trep movsb\n\tcld" : "+D"(d), "+S"(s), "+c"(n)::"memory", "cc"); });
	else
		__asm__ volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n)::"memory");
	CHECK(n == 0 && memcmp(from, to, size) == 0);
}

int main(void) {
	for (int i = 0; i < size; i++) from[i] = i * 7 + (i >> 8);
	on(SIGALRM, handler, 0);
	every(ITIMER_REAL, 1000);
	for (int round = 0; ticks < 40; round++) {
		void *d = to, *s = from;
		size_t n = size, a;
		memset(to, 0, 64);
		copy(round % 3 == 0);
		__asm__ volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(round) : "memory");
		for (int i = 0; i < size; i += 511) CHECK(to[i] == (unsigned char)round);
		d = to, n = size / 8;
		__asm__ volatile("rep movsq" : "+D"(d), "+S"(s), "+c"(n)::"memory");
		CHECK(n == 0 && memcmp(from, to, size) == 0);
		to[size - 100]++;
		d = to, s = from, n = size;
		__asm__ volatile("repe cmpsb" : "+D"(d), "+S"(s), "+c"(n)::"memory", "cc");
		CHECK(n == 99);
		memset(to, 3, size - 10);
		d = to, n = size, to[size - 10] = 9;
		__asm__ volatile("repne scasb" : "+D"(d), "+c"(n) : "a"(9) : "memory", "cc");
		CHECK(n == 9);
		s = from, n = size, a = 0;
		__asm__ volatile("rep lodsb" : "+S"(s), "+c"(n), "+a"(a)::"memory");
		CHECK(n == 0 && a == from[size - 1]);
		mix(round);
	}
	every(ITIMER_REAL, 0);
	CHECK(!wrong);
	mix(inside);
	ok("rep_strings");
}
