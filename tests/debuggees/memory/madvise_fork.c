// Proves: MADV_WIPEONFORK and MADV_DONTFORK: what a child's address space starts with.
#include "../debuggee.h"
#include <sys/mman.h>

int main(void) {
	char *p = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(p, 6, 16384);
	CHECK(madvise(p, 4096, MADV_WIPEONFORK) == 0);
	CHECK(madvise(p + 8192, 4096, MADV_DONTFORK) == 0);
	pid_t kid = fork();
	if (kid == 0) {
		unsigned char v[4];
		CHECK(p[0] == 0 && p[4096] == 6 && p[12288] == 6);
		CHECK(mincore(p + 8192, 4096, v) == -1 && errno == ENOMEM); // not there
		mix_mem(p, 8192), witness();
		pid_t grandkid = fork();
		if (grandkid == 0) _exit(p[0]);
		reap(grandkid);
		_exit(0);
	}
	reap(kid);
	CHECK(p[0] == 6 && p[8192] == 6);
	ok("madvise_fork");
}
