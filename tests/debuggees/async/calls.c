// Proves: ticks land in recursion, indirect calls and callbacks, between call and return: all find back, and results stay.
#include "ticks.h"

__attribute__((noinline)) static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

typedef uint64_t (*operation)(uint64_t);
__attribute__((noinline)) static uint64_t op0(uint64_t v) { return v + 3; }
__attribute__((noinline)) static uint64_t op1(uint64_t v) { return v * 5; }
__attribute__((noinline)) static uint64_t op2(uint64_t v) { return v ^ v >> 7; }
__attribute__((noinline)) static uint64_t op3(uint64_t v) { return v - 11; }
static operation volatile table[4] = {op0, op1, op2, op3};

static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

int main(void) {
	uint64_t rounds = 0;
	on(SIGALRM, tick, 0);
	every(ITIMER_REAL, 700);
	for (; ticks < 40; rounds++) {
		CHECK(fib(16) == 987);
		uint64_t v = 1;
		for (int i = 0; i < 4000; i++) v = table[(i ^ i >> 3) & 3](v);
		int numbers[200];
		for (int i = 0; i < 200; i++) numbers[i] = i * 7919 % 211;
		qsort(numbers, 200, sizeof(int), compare);
		for (int i = 1; i < 200; i++) CHECK(numbers[i - 1] <= numbers[i]);
		static uint64_t want;
		if (rounds == 0) want = v;
		CHECK(v == want);
	}
	every(ITIMER_REAL, 0);
	mix(rounds);
	ok("calls");
}
