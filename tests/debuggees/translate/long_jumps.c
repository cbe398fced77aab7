// Proves: longjmp over 1,000 frames, and calls and returns after it; setjmp that returns many times; returns that skip frames and come
// in another order than the calls.
#include "../debuggee.h"
#include <setjmp.h>

static jmp_buf out, ins[8];

__attribute__((noinline)) static uint64_t down(int n, int jump_at) {
	if (n == jump_at) longjmp(out, n + 1);
	if (n == 0) return 1;
	return down(n - 1, jump_at) * 3 + n;
}

__attribute__((noinline)) static int level(int n, int to) {
	volatile int here = setjmp(ins[n]);
	if (here) return here * 10 + n;
	if (n == 7) longjmp(ins[to], to + 1);
	return level(n + 1, to) + 100;
}

int main(void) {
	volatile uint64_t sum = 0;
	for (volatile int i = 0; i < 300; i++) {
		int r = setjmp(out);
		if (r == 0) sum = sum * 31 + down(1000, i % 3 ? i : -1);
		else sum = sum * 31 + r;
		sum = sum * 31 + down(50, -1);
	}
	printf("%016lx\n", sum);
	mix(sum), witness();
	for (int i = 0; i < 400; i++) sum = sum * 31 + level(0, i % 8);
	printf("%016lx\n", sum);
	mix(sum), witness();
	volatile int times = 0;
	int r = setjmp(out);
	times++;
	if (r < 2000) longjmp(out, r + 1);
	CHECK(times == 2001);
	ok("long_jumps");
}
