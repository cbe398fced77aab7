// Proves: read, write, pread, readv, preadv2 and their tails: bytes beyond the result stay as they were.
#include "../debuggee.h"
#include <sys/uio.h>

int main(void) {
	char a[64], b[48], c[32];
	int p[2];
	enter_tmp();
	FILL(a);
	CHECK(pipe(p) == 0);
	MIX(p);
	CHECK(write(p[1], "hello, pipe", 11) == 11);
	CHECK(read(p[0], a, sizeof a) == 11); // BP1
	CHECK(memcmp(a, "hello, pipe\xA5", 12) == 0);
	MIX(a);
	ok("read");

	CHECK(fcntl(p[0], F_SETFL, O_NONBLOCK) == 0);
	FILL(a);
	CHECK(read(p[0], a, sizeof a) == -1 && errno == EAGAIN);
	MIX(a);
	CHECK(read(-1, a, sizeof a) == -1 && errno == EBADF);
	CHECK(read(p[0], a, 0) == 0 || errno == EAGAIN);
	CHECK(write(p[1], "x", 1) == 1);
	CHECK(syscall(SYS_read, p[0], 8, 10) == -1 && errno == EFAULT);
	ok("failed read");

	int f = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	CHECK(f >= 0);
	struct iovec w[3] = {{(void *)"one ", 4}, {(void *)"two ", 4}, {(void *)"three", 5}};
	CHECK(writev(f, w, 3) == 13);
	CHECK(pwritev(f, w, 1, 13) == 4);
	CHECK(pwritev2(f, w, 1, 17, 0) == 4);
	CHECK(lseek(f, 0, SEEK_SET) == 0);
	FILL(a), FILL(b), FILL(c);
	struct iovec r[4] = {{a, 5}, {NULL, 0}, {b, 3}, {c, sizeof c}};
	CHECK(readv(f, r, 4) == 21);
	MIX(a), MIX(b), MIX(c);
	CHECK(memcmp(c, "threeone one \xA5", 14) == 0);
	ok("readv");

	FILL(a), FILL(b), FILL(c);
	CHECK(pread(f, a, sizeof a, 15) == 6);
	CHECK(preadv(f, r, 4, 12) == 9);
	MIX(a), MIX(b), MIX(c);
	FILL(b);
	CHECK(preadv2(f, r, 3, 2, RWF_HIPRI) >= 0 || errno == EOPNOTSUPP);
	CHECK(preadv2(f, r, 3, -1, 0) >= 0); // -1: at the file's position
	MIX(a), MIX(b), MIX(c);
	CHECK(pwrite(f, "END", 3, 100) == 3);
	CHECK(pread(f, a, sizeof a, 60) == 43);
	MIX(a);
	ok("preadv2");

	close(f);
	leave_tmp();
	ok("rw");
}
