// Proves: write, pwrite, writev, copy_file_range, sendfile and splice into a file are seen in its MAP_SHARED mapping, also in
// another process's; and O_TRUNC.
#include "../debuggee.h"
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

int main(void) {
	enter_tmp();
	int f = open("f", O_CREAT | O_RDWR, 0600), g = open("g", O_CREAT | O_RDWR, 0600);
	CHECK(ftruncate(f, 16384) == 0 && write(g, "from the other file", 19) == 19);
	char *p = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
	CHECK(write(f, "first", 5) == 5 && memcmp(p, "first", 5) == 0); // BP1
	CHECK(pwrite(f, "second", 6, 4093) == 6 && memcmp(p + 4093, "second", 6) == 0);
	struct iovec io[2] = {{(void *)"th", 2}, {(void *)"ird", 3}};
	CHECK(pwritev(f, io, 2, 9000) == 5 && memcmp(p + 9000, "third", 5) == 0);
	mix_mem(p, 16384), witness();
	loff_t i = 5, o = 10000;
	CHECK(copy_file_range(g, &i, f, &o, 9, 0) == 9 && memcmp(p + 10000, "the other", 9) == 0);
	off_t from = 0;
	CHECK(lseek(f, 11000, SEEK_SET) == 11000 && sendfile(f, g, &from, 19) == 19 && memcmp(p + 11000, "from the", 8) == 0);
	int z[2];
	CHECK(pipe(z) == 0 && write(z[1], "spliced", 7) == 7);
	o = 12000;
	CHECK(splice(z[0], NULL, f, &o, 7, 0) == 7 && memcmp(p + 12000, "spliced", 7) == 0);
	mix_mem(p, 16384), witness();
	ok("in the same process");
	pid_t kid = fork();
	if (kid == 0) {
		int h = open("f", O_RDWR); // another description of the same file
		CHECK(pwrite(h, "from the child", 14, 13000) == 14);
		_exit(0);
	}
	reap(kid);
	CHECK(memcmp(p + 13000, "from the child", 14) == 0);
	mix_mem(p, 16384);
	ok("from another process");
	memcpy(p + 14000, "stored", 6);
	char b[8];
	FILL(b);
	CHECK(pread(f, b, 8, 14000) == 8 && memcmp(b, "stored", 6) == 0);
	MIX(b);
	CHECK(fallocate(f, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 8192) == 0 || errno == EOPNOTSUPP);
	mix_mem(p, 16384);
	ok("hole");
	CHECK(open("f", O_RDWR | O_TRUNC) >= 0 && ftruncate(f, 16384) == 0 && p[0] == 0 && p[14000] == 0);
	mix_mem(p, 16384);
	ok("truncated");
	leave_tmp();
}
