// Proves: mremap that grows, shrinks, moves, moves to a fixed place over another mapping, and MREMAP_DONTUNMAP (tolerated).
#include "../debuggee.h"
#include <sys/mman.h>

int main(void) {
	char *a = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 16384; i++) a[i] = i / 5;
	char *wall = mmap(a + 16384, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); // in the way
	mix((uintptr_t)wall);
	char *b = mremap(a, 16384, 65536, MREMAP_MAYMOVE);
	CHECK(b != MAP_FAILED && b[16383] == (char)(16383 / 5) && b[20000] == 0);
	mix((uintptr_t)b), mix_mem(b, 65536);
	CHECK(mremap(b, 65536, 8192, 0) == b);
	CHECK(mremap((void *)4096, 4096, 8192, 0) == MAP_FAILED);
	char *t = mmap(NULL, 32768, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(t, 9, 32768);
	char *c = mremap(b, 8192, 12288, MREMAP_MAYMOVE | MREMAP_FIXED, t + 8192);
	CHECK(c == t + 8192 && t[8191] == 9 && t[20480] == 9 && t[16384] == 0);
	mix_mem(t, 32768);
	ok("grow and move");
	char *d = mremap(c, 8192, 8192, MREMAP_MAYMOVE | 4 /* MREMAP_DONTUNMAP */);
	if (d != MAP_FAILED) {
		CHECK(c[0] == 0 && d[5] == 1);
		mix((uintptr_t)d), mix_mem(d, 8192), mix_mem(t, 32768);
	}
	char *s = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	strcpy(s + 4000, "shared");
	char *s2 = mremap(s, 0, 8192, MREMAP_MAYMOVE); // size 0: a second view of a shared mapping
	CHECK(s2 != MAP_FAILED && strcmp(s2 + 4000, "shared") == 0);
	s2[5000] = 'x';
	CHECK(s[5000] == 'x');
	mix_mem(s, 8192);
	ok("dontunmap and second view");
}
