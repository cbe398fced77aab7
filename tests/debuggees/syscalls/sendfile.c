// Proves: sendfile and copy_file_range, offsets written back and left alone.
#include "../debuggee.h"
#include <sys/sendfile.h>

int main(void) {
	enter_tmp();
	int f = open("f", O_CREAT | O_RDWR, 0600), g = open("g", O_CREAT | O_RDWR, 0600);
	char b[1000];
	for (unsigned i = 0; i < sizeof b; i++) b[i] = i * 7;
	CHECK(write(f, b, sizeof b) == sizeof b);
	off_t o = 100;
	CHECK(sendfile(g, f, &o, 300) == 300 && o == 400);
	CHECK(lseek(f, 990, SEEK_SET) == 990 && sendfile(g, f, NULL, 300) == 10);
	loff_t i = 0, j = 500;
	ssize_t n = copy_file_range(f, &i, g, &j, 200, 0);
	CHECK(n == 200 && i == 200 && j == 700);
	mix(o), mix(i), mix(j);
	FILL(b);
	CHECK(pread(g, b, sizeof b, 0) == 700);
	MIX(b);
	CHECK(copy_file_range(f, &i, -1, &j, 200, 0) == -1 && i == 200);
	ok("sendfile");
	leave_tmp();
}
