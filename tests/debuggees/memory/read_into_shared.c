// Proves: the kernel writes (read, getrandom, fstat) into memory that another process maps too; the other one sees it.
#include "../debuggee.h"
#include <sys/mman.h>
#include <sys/random.h>

int main(void) {
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int a[2], b[2];
	char c;
	CHECK(pipe(a) == 0 && pipe(b) == 0);
	pid_t kid = fork();
	if (kid == 0) {
		for (int i = 0; i < 20; i++) {
			CHECK(read(a[0], &c, 1) == 1);
			mix_mem(p, 8192), witness();
			CHECK(write(b[1], "k", 1) == 1);
		}
		CHECK(read(a[0], p + 5000, 100) == 6); // blocks; into the shared page
		_exit(0);
	}
	for (int i = 0; i < 20; i++) {
		CHECK(getrandom(p + 4000 + i, 64 + i, 0) == 64 + i);
		CHECK(fstat(0, (struct stat *)(p + 6000)) == 0);
		CHECK(write(a[1], "p", 1) == 1 && read(b[0], p + i, 1) == 1);
	}
	CHECK(write(a[1], "kernel", 6) == 6);
	reap(kid);
	CHECK(memcmp(p + 5000, "kernel", 6) == 0);
	mix_mem(p, 8192);
	ok("read_into_shared");
}
