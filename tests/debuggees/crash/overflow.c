// Proves: an unhandled stack overflow of 8 MB: status 139.
// status: 139
#include "../debuggee.h"

static int __attribute__((noinline)) forever(int n) {
	volatile char frame[4000];
	frame[n % 4000] = n; // BP1
	return n < 0 ? 0 : forever(n + 1) + frame[n % 4000];
}

int main(void) {
	puts("before");
	fflush(stdout);
	witness();
	return forever(0);
}
