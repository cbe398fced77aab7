// A loop that calls a function as often as the argument says.
#include <stdlib.h>

volatile long calls;

__attribute__((noinline)) void called(long n) { calls = n; }

int main(int argc, char **argv) {
	long most = argc > 1 ? atol(argv[1]) : 1000;
	for (long n = 1; n <= most; n++) called(n);
}
