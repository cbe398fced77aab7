// Proves: memfd_create with seals, written and mapped, reopened through /proc/self/fd.
#include "../debuggee.h"
#include <sys/mman.h>

int main(void) {
	int m = memfd_create("a memory file", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	CHECK(m >= 0 && ftruncate(m, 10000) == 0);
	char *p = mmap(NULL, 10000, PROT_READ | PROT_WRITE, MAP_SHARED, m, 0);
	CHECK(p != MAP_FAILED);
	CHECK(pwrite(m, "written", 7, 4090) == 7 && memcmp(p + 4090, "written", 7) == 0);
	memcpy(p + 8190, "mapped", 6);
	char b[20], path[64];
	FILL(b);
	CHECK(pread(m, b, sizeof b, 8185) == 20 && memcmp(b + 5, "mapped", 6) == 0);
	MIX(b), mix_mem(p, 10000), mix((uintptr_t)p);
	CHECK(munmap(p, 10000) == 0);
	CHECK(fcntl(m, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_WRITE) == 0);
	CHECK(write(m, "x", 1) == -1 && errno == EPERM && ftruncate(m, 1) == -1 && errno == EPERM);
	CHECK(fcntl(m, F_GET_SEALS) == (F_SEAL_SHRINK | F_SEAL_WRITE));
	snprintf(path, sizeof path, "/proc/self/fd/%d", m);
	int again = open(path, O_RDONLY);
	p = mmap(NULL, 10000, PROT_READ, MAP_SHARED, again, 0);
	CHECK(p != MAP_FAILED && memcmp(p + 8190, "mapped", 6) == 0);
	mix_mem(p, 10000);
	ok("memfd");
}
