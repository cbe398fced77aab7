// Proves: a file that grows under a mapping that was larger than it: ftruncate, write and pwrite become visible.
#include "../debuggee.h"
#include <sys/mman.h>

int main(void) {
	enter_tmp();
	int f = open("f", O_CREAT | O_RDWR, 0600);
	char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
	size_t size = 0;
	for (int i = 0; i < 40; i++) {
		if (i % 3 == 0) {
			CHECK(ftruncate(f, size += 5000) == 0);
		} else {
			char b[3000];
			memset(b, i, sizeof b);
			CHECK(pwrite(f, b, sizeof b, size) == sizeof b);
			size += sizeof b;
		}
		p[size - 1] = 100 + i;
		p[size / 2] = i;
		mix_mem(p, size);
		witness();
	}
	CHECK(ftruncate(f, 10000) == 0 && ftruncate(f, 20000) == 0); // the cut part comes back as zeros
	CHECK(p[10000] == 0 && p[19999] == 0);
	mix_mem(p, 20000);
	ok("grow_mapped_file");
	leave_tmp();
}
