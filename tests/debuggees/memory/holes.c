// Proves: munmap that splits, MAP_FIXED over existing mappings, MAP_FIXED_NOREPLACE, mprotect that splits and joins.
#include "../debuggee.h"
#include <sys/mman.h>

int main(void) {
	enter_tmp();
	char *p = mmap(NULL, 10 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(p, 1, 10 * 4096);
	CHECK(munmap(p + 2 * 4096, 4096) == 0 && munmap(p + 5 * 4096, 2 * 4096) == 0 && munmap(p + 5 * 4096, 4096) == 0);
	unsigned char v[10];
	CHECK(mincore(p, 10 * 4096, v) == -1 && errno == ENOMEM);
	char *n = mmap(p + 5 * 4096, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); // a hint into the hole
	mix(n - p);
	char *x = mmap(p, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	CHECK(x == MAP_FAILED && errno == EEXIST);
	ok("holes");
	int f = open("f", O_CREAT | O_RDWR, 0600);
	CHECK(write(f, "file content", 12) == 12);
	CHECK(mmap(p + 4096, 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, f, 0) == p + 4096); // over old and hole
	CHECK(memcmp(p + 4096, "file content", 13) == 0 && p[0] == 1 && p[3 * 4096] == 1);
	CHECK(mmap(p + 4096, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p + 4096);
	CHECK(p[4096] == 0);
	mix_mem(p, 2 * 4096);
	ok("fixed");
	CHECK(mprotect(p + 3 * 4096, 4096, PROT_READ) == 0 && mprotect(p + 3 * 4096, 4096, PROT_NONE) == 0);
	CHECK(mprotect(p + 3 * 4096, 2 * 4096, PROT_READ | PROT_WRITE) == 0 && p[3 * 4096] == 1);
	mix_mem(p + 3 * 4096, 2 * 4096);
	char *far = mmap((void *)0x100000000, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	CHECK(far == (void *)0x100000000);
	far[9] = 9, mix_mem(far, 4096);
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	CHECK((uintptr_t)low < 1ul << 32);
	mix((uintptr_t)low);
	for (int i = 0; i < 200; i++) { // many small mappings
		char *s = mmap(NULL, 4096 * (1 + i % 3), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		s[i] = i;
		mix((uintptr_t)s);
		if (i % 2) CHECK(munmap(s, 4096) == 0);
	}
	ok("many");
	leave_tmp();
}
