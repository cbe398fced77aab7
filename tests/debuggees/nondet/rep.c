// Proves: rep string instructions over pages that fault, forwards and backwards, between events.
#include "../debuggee.h"
#include <sys/mman.h>

int main(void) {
	size_t n = 1 << 20;
	char *p = mmap(NULL, 2 * n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *d = p, *s = p + n;
	size_t c = n;
	__asm__ volatile("rep stosb" : "+D"(s), "+c"(c) : "a"(0x5c) : "memory"); // BP1
	s = p + n, c = n / 8;
	__asm__ volatile("rep movsq" : "+D"(d), "+S"(s), "+c"(c) : : "memory");
	CHECK(c == 0 && d == p + n);
	p[777] = 0;
	d = p, s = p + n, c = n;
	__asm__ volatile("repe cmpsb" : "+D"(d), "+S"(s), "+c"(c) : : "memory", "cc");
	CHECK(d == p + 778);
	mix(c);
	d = p + n - 1, c = n;
	__asm__ volatile("std; repne scasb; cld" : "+D"(d), "+c"(c) : "a"(0) : "memory", "cc");
	CHECK(d == p + 776);
	mix_mem(p, 2 * n);
	ok("rep");
}
