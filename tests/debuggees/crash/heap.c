// Proves: heap corruption found by libc (double free): message, status 134. A classic for going backwards.
// status: 134
// flags: -Wno-use-after-free
#include "../debuggee.h"

int main(void) {
	char *p = malloc(3000), *guard = malloc(10);
	mix((uintptr_t)p), mix((uintptr_t)guard), witness();
	puts("freeing twice");
	fflush(stdout);
	free(p);
	free(p); // BP1
	return 0;
}
