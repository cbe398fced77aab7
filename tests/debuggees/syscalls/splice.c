// Proves: pipe2, splice with offsets written back, tee, vmsplice: data that never passes through the program.
#include "../debuggee.h"
#include <sys/uio.h>

int main(void) {
	enter_tmp();
	int a[2], b[2];
	CHECK(pipe2(a, O_CLOEXEC) == 0 && pipe2(b, O_NONBLOCK) == 0);
	mix(fcntl(a[0], F_GETPIPE_SZ));
	CHECK(fcntl(a[1], F_SETPIPE_SZ, 8192) == 8192);
	int f = open("f", O_CREAT | O_RDWR, 0600);
	CHECK(write(f, "0123456789abcdef", 16) == 16);
	loff_t in = 4, out = 100;
	CHECK(splice(f, &in, a[1], NULL, 8, 0) == 8 && in == 12);
	CHECK(tee(a[0], b[1], 100, 0) == 8);
	CHECK(splice(a[0], NULL, f, &out, 100, SPLICE_F_MOVE) == 8 && out == 108);
	mix(in), mix(out);
	char c[32];
	FILL(c);
	CHECK(read(b[0], c, sizeof c) == 8 && memcmp(c, "456789ab\xA5", 9) == 0);
	MIX(c);
	struct iovec io[2] = {{(void *)"vm", 2}, {(void *)"splice", 6}};
	CHECK(vmsplice(b[1], io, 2, 0) == 8);
	FILL(c);
	io[0] = (struct iovec){c, 5}, io[1] = (struct iovec){c + 8, 10};
	CHECK(vmsplice(b[0], io, 2, 0) == 8); // reading: into the program's memory
	CHECK(memcmp(c, "vmspl\xA5\xA5\xA5ice", 11) == 0);
	MIX(c);
	FILL(c);
	CHECK(pread(f, c, sizeof c, 98) == 10);
	MIX(c);
	ok("splice");
	pid_t kid = fork();
	if (kid == 0) {
		nap(10);
		CHECK(write(a[1], "late", 4) == 4);
		_exit(0);
	}
	out = 0;
	CHECK(splice(a[0], NULL, f, &out, 100, 0) == 4 && out == 4); // blocks
	mix(out);
	reap(kid);
	ok("blocked splice");
	leave_tmp();
}
