// Writes a variable as often as the argument says, and then computes for as long without writing it.
#include <stdlib.h>

volatile long written, unwritten;
volatile unsigned result;

static unsigned compute(unsigned x) {
	for (int i = 0; i < 100; i++) x = x * 1664525 + 1013904223;
	return x;
}

__attribute__((noinline)) void work(long most) {
	unsigned x = 1;
	for (long n = 1; n <= most; n++) x = compute(x), written = n;
	for (long n = 1; n <= most; n++) x = compute(x);
	result = x;
}

int main(int argc, char **argv) { work(argc > 1 ? atol(argv[1]) : 1000); }
