// Proves: the stack grows by 4 MB of recursion, with system calls at the bottom, and a kernel write into a page never touched.
#include "../debuggee.h"

static int pipefd[2];

static uint64_t __attribute__((noinline)) down(int n) {
	volatile char frame[1000];
	frame[0] = n, frame[999] = n + 1;
	if (n % 500 == 0) witness();
	uint64_t below = n ? down(n - 1) : (uint64_t)getpid() * 0;
	return below + frame[0] + frame[999];
}

static void __attribute__((noinline)) fresh(void) {
	char big[200000];
	CHECK(read(pipefd[0], big, sizeof big) == 5); // BP1: the start of big is far below the stack's pages
	CHECK(memcmp(big, "fresh", 5) == 0);
	mix_mem(big, 5);
}

int main(void) {
	CHECK(pipe(pipefd) == 0 && write(pipefd[1], "fresh", 5) == 5);
	fresh();
	ok("kernel write");
	mix(down(4000));
	ok("recursion");
}
