// Calls that the compiler inlines, and arguments in registers.
#include <stdio.h>

volatile int sink;

static inline __attribute__((always_inline)) int twice(int n) {
	sink += n; // TWICE
	return 2 * n;
}

static inline __attribute__((always_inline)) int four(int n) {
	return twice(twice(n)); // FOUR
}

__attribute__((noinline)) int work(int n, int unused) {
	int sum = 0;
	for (int i = 0; i < n; i++)
		sum += four(i); // WORK
	return sum;
}

int main(int argc, char **argv) {
	int got = work(argc + 2, 5); // MAIN
	printf("%d\n", got);
	return 0;
}
