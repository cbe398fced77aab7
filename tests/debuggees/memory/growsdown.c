// Proves: a MAP_GROWSDOWN mapping grows by being touched.
#include "../debuggee.h"
#include <sys/mman.h>

int main(void) {
	char *room = mmap(NULL, 4 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(munmap(room, 4 << 20) == 0);
	char *p = mmap(room + (3 << 20), 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
	CHECK(p == room + (3 << 20));
	for (int i = 1; i <= 64; i++) p[-4096 * i] = i;
	mix_mem(p - 64 * 4096, 66 * 4096);
	ok("growsdown");
	int q[2];
	CHECK(pipe(q) == 0 && write(q[1], "kernel", 6) == 6);
	CHECK(read(q[0], p - 80 * 4096, 6) == 6 && memcmp(p - 80 * 4096, "kernel", 6) == 0); // grown by the kernel's write
	mix_mem(p - 80 * 4096, 4096);
	ok("grown by the kernel");
}
