// A process with as many megabytes resident as the first argument says, which computes, changes a sixteenth of its memory and
// computes on, and says so between. With a second argument it forks that often instead, and prints the milliseconds of each.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { page = 4096 };
volatile unsigned result;

static void compute(void) {
	unsigned x = 1;
	for (long i = 0; i < 250 * 1000 * 1000; i++) x = x * 1664525 + 1013904223;
	result = x;
}

static double milliseconds(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
	size_t size = (argc > 1 ? atol(argv[1]) : 10) << 20;
	char *memory = malloc(size);
	memset(memory, 1, size);
	for (int forks = argc > 2 ? atoi(argv[2]) : 0; forks > 0; forks--) {
		double start = milliseconds();
		pid_t child = fork();
		if (child == 0) _exit(0);
		printf("%f\n", milliseconds() - start);
		waitpid(child, 0, 0);
	}
	if (argc > 2) return 0;
	write(1, "touched", 7);
	compute();
	write(1, "computed", 8);
	for (size_t at = 0; at < size / 16; at += page) memory[at]++;
	write(1, "changed", 7);
	compute();
}
