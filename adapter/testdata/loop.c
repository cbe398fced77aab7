// Computes for ever, or as often as it is told.
#include <stdio.h>
#include <stdlib.h>

volatile unsigned long sum;

__attribute__((noinline)) void turn(unsigned long i) { sum += i * i; }

int main(int argc, char **argv) {
	unsigned long most = argc > 1 ? strtoul(argv[1], 0, 0) : 0;
	printf("turning\n");
	fflush(stdout);
	for (unsigned long i = 0; most == 0 || i < most; i++)
		turn(i);
	return 0;
}
