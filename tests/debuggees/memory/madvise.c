// Proves: madvise DONTNEED (zeros, or the file again), REMOVE, FREE, POPULATE, and hints; MAP_POPULATE, huge page hints.
#include "../debuggee.h"
#include <sys/mman.h>

int main(void) {
	enter_tmp();
	size_t n = 16384;
	char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	memset(p, 5, n);
	CHECK(madvise(p + 4096, 4096, MADV_DONTNEED) == 0);
	CHECK(p[4095] == 5 && p[4096] == 0 && p[8192] == 5);
	mix_mem(p, n);
	ok("anonymous");
	int f = open("f", O_CREAT | O_RDWR, 0600);
	memset(p, 8, n);
	CHECK(write(f, p, n) == (ssize_t)n);
	char *m = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE, f, 0);
	memset(m, 1, n);
	CHECK(madvise(m, 8192, MADV_DONTNEED) == 0 && m[0] == 8 && m[8192] == 1);
	mix_mem(m, n);
	char *s = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
	s[100] = 77;
	CHECK(madvise(s, n, MADV_DONTNEED) == 0 && s[100] == 77); // shared: stays
	if (madvise(s, 4096, MADV_REMOVE) == 0) CHECK(s[100] == 0); // a hole in the file, seen everywhere
	mix_mem(s, n), mix_mem(m, n);
	ok("file");
	memset(p, 3, n);
	CHECK(madvise(p, n, MADV_FREE) == 0);
	p[0] = 4; // only what is written after is sure
	CHECK(p[0] == 4);
	for (size_t i = 0; i < n; i += 4096) mix(p[i] != 0 && p[i] != 3 && p[i] != 4);
	mix_mem(p, n); // whatever the kernel made of it must be the same in the replay
	ok("free");
	char *h = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mix(madvise(h, 8 << 20, MADV_HUGEPAGE));
	for (int i = 0; i < 8 << 20; i += 65536) h[i] = i >> 16;
	CHECK(madvise(h + 4096, 4 << 20, MADV_DONTNEED) == 0 && h[65536] == 0 && h[7 << 20] == (char)112);
	for (int i = 0; i < 8 << 20; i += 65536) mix(h[i]);
	mix(madvise(h, 4096, MADV_RANDOM)), mix(madvise(h, 4096, MADV_DONTDUMP)), mix(madvise(h, 4096, 22)), mix(madvise(h, 4096, 21));
	char *t = mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	mix((uintptr_t)t); // mostly refused
	if (t != MAP_FAILED) munmap(t, 2 << 20);
	ok("hints");
	leave_tmp();
}
