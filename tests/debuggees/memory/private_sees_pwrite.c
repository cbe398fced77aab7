// Proves: a MAP_PRIVATE page that was not written to yet shows what others write to the file; a page of one's own does not.
#include "../debuggee.h"
#include <sys/mman.h>

int main(void) {
	enter_tmp();
	int f = open("f", O_CREAT | O_RDWR, 0600);
	CHECK(ftruncate(f, 12288) == 0);
	char *p = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_PRIVATE, f, 0);
	p[4096] = 1; // this page is now the program's own
	CHECK(pwrite(f, "AAAA", 4, 0) == 4 && pwrite(f, "BBBB", 4, 4097) == 4 && pwrite(f, "CCCC", 4, 8192) == 4);
	CHECK(memcmp(p, "AAAA", 4) == 0 && memcmp(p + 4096, "\1\0\0\0", 4) == 0 && memcmp(p + 8192, "CCCC", 4) == 0);
	mix_mem(p, 12288), witness();
	pid_t kid = fork();
	if (kid == 0) {
		char *s = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
		s[1] = 'x', s[4098] = 'y';
		p[8192] = 'z'; // own copy of the child
		mix_mem(p, 12288), witness();
		_exit(0);
	}
	reap(kid);
	CHECK(p[1] == 'x' && p[4098] == 0 && p[8192] == 'C');
	mix_mem(p, 12288);
	ok("private_sees_pwrite");
	leave_tmp();
}
