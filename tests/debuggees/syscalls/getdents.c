// Proves: getdents64 and getdents, with a buffer that takes several calls, and the tail of the buffer.
#include "../debuggee.h"

int main(void) {
	enter_tmp();
	for (int i = 0; i < 100; i++) {
		char name[40];
		snprintf(name, sizeof name, "entry-%d-%0*d", i, i % 20 + 1, 0);
		close(open(name, O_CREAT | O_WRONLY, 0600));
	}
	char b[600] __attribute__((aligned(8)));
	int d = open(".", O_RDONLY | O_DIRECTORY), calls = 0, count = 0;
	long n;
	while (FILL(b), (n = syscall(SYS_getdents64, d, b, sizeof b)) > 0) {
		MIX(b);
		calls++;
		for (long o = 0; o < n; o += ((struct dirent64 *)(b + o))->d_reclen) count++;
	}
	CHECK(n == 0 && calls > 3 && count == 102);
	ok("getdents64");
	CHECK(lseek(d, 0, SEEK_SET) == 0);
	while (FILL(b), (n = syscall(SYS_getdents, d, b, sizeof b)) > 0) MIX(b);
	CHECK(n == 0);
	CHECK(syscall(SYS_getdents64, d, b, 3) <= 0);
	ok("getdents");
	close(d);
	leave_tmp();
}
