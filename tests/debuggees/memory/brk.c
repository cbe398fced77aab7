// Proves: brk and sbrk grow and shrink the heap; memory that comes back is zero.
#include "../debuggee.h"

int main(void) {
	char *start = sbrk(0);
	mix((uintptr_t)start);
	for (int i = 0; i < 20; i++) {
		char *p = sbrk(50000);
		CHECK(p != (void *)-1);
		memset(p, i + 1, 50000);
		mix((uintptr_t)p);
	}
	mix_mem(start, 1000000);
	CHECK(sbrk(-900000) != (void *)-1);
	witness();
	char *again = sbrk(900000);
	CHECK(again == start + 100000 && again[0] == 3 && again[8192] == 0 && again[800000] == 0);
	mix_mem(start, 1000000);
	CHECK(brk(start) == 0 && sbrk(0) == start);
	CHECK(syscall(SYS_brk, 1) == (long)start); // refused: the answer is the old place
	ok("brk");
	for (int i = 0; i < 300; i++) {
		char *m = malloc(1000 + i * 1000);
		memset(m, i, 1000 + i * 1000);
		mix((uintptr_t)m);
		if (i % 3) free(m);
	}
	ok("malloc");
}
