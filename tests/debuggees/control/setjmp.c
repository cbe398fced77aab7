// Proves: setjmp and longjmp over many frames, 1,000 times.
#include "../debuggee.h"
#include <setjmp.h>

static jmp_buf env;

static int __attribute__((noinline)) deep(int n) {
	char frame[64];
	memset(frame, n, sizeof frame);
	if (n == 0) longjmp(env, 5); // BP1
	return n < 0 ? 0 : deep(n - 1) + frame[3];
}

int main(void) {
	static volatile int jumps;
	for (volatile int i = 0; i < 1000; i++)
		if (setjmp(env) == 0) deep(i % 50);
		else jumps++, mix(jumps);
	CHECK(jumps == 1000);
	ok("setjmp");
}
