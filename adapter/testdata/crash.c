// Prints, counts, and writes through a null pointer.
#include <stdio.h>

volatile long counter;
int *nowhere;

__attribute__((noinline)) void count(long by) { counter += by; }

int main(int argc, char **argv) {
	printf("hello %d\n", argc);
	fprintf(stderr, "oops\n");
	fflush(stdout);
	for (long i = 1; i <= 5; i++)
		count(i);
	if (argc > 1)
		return (int)counter;
	*nowhere = 1;
	return 0;
}
