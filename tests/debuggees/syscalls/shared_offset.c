// Proves: a file offset shared between parent and child, /proc files read in pieces, large reads across many pages.
#include "../debuggee.h"

int main(void) {
	enter_tmp();
	int f = open("f", O_CREAT | O_RDWR | O_APPEND, 0600);
	for (int i = 0; i < 4; i++) {
		pid_t kid = fork();
		if (kid == 0) {
			CHECK(write(f, "0123456789", 10) == 10);
			_exit(0);
		}
		reap(kid);
		CHECK(lseek(f, 0, SEEK_CUR) == 10 * (i + 1));
	}
	static char big[3 << 20];
	FILL(big);
	CHECK(pwrite(f, big, sizeof big, 0) == sizeof big);
	memset(big, 1, sizeof big);
	CHECK(pread(f, big, sizeof big, 20) == sizeof big);
	MIX(big);
	ok("file");
	int p = open("/proc/self/stat", O_RDONLY);
	char b[7];
	while (FILL(b), read(p, b, sizeof b) > 0) MIX(b);
	p = open("/proc/self/maps", O_RDONLY);
	FILL(big);
	CHECK(read(p, big, sizeof big) > 100);
	mix_mem(big, 8192);
	p = open("/proc/uptime", O_RDONLY);
	FILL(b);
	CHECK(read(p, b, sizeof b) > 0);
	MIX(b);
	ok("proc");
	leave_tmp();
}
