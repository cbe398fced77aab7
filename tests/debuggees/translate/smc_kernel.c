// Proves: code that the kernel writes over code that ran: read, pread, readv, process_vm_readv, recv; and code that
// comes with another mapping: mmap over it, munmap and mmap, mremap, madvise DONTNEED that brings the page of a file again.
#include "jit.h"
#include <sys/socket.h>
#include <sys/uio.h>

static unsigned char code[8];
static int expect;
static void fresh(void) { emit_constant(code, ++expect * 0x1234); }
static void check(unsigned char *p) {
	for (int k = 0; k < 3; k++) CHECK(call(p) == expect * 0x1234);
}

int main(void) {
	unsigned char *p = code_pages(2, RWX);
	int pipes[2], sockets[2];
	CHECK(pipe(pipes) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
	for (int round = 0; round < 60; round++) {
		unsigned char *f = p + round % 3 * 2046;
		fresh();
		CHECK(write(pipes[1], code, 6) == 6 && read(pipes[0], f, 6) == 6);
		check(f);
		struct iovec parts[] = {{f, 2}, {f + 2, 4}}, from = {code, 6}, to = {f, 6};
		fresh();
		CHECK(write(pipes[1], code, 6) == 6 && readv(pipes[0], parts, 2) == 6);
		check(f);
		fresh();
		CHECK(send(sockets[1], code, 6, 0) == 6 && recv(sockets[0], f, 6, 0) == 6);
		check(f);
		fresh();
		CHECK(process_vm_readv(getpid(), &to, 1, &from, 1, 0) == 6);
		check(f);
		fresh(), memcpy(f, code, 6), check(f);
	}
	ok("system calls");

	enter_tmp();
	for (int round = 0; round < 30; round++) {
		int file = open("code", O_RDWR | O_CREAT | O_TRUNC, 0600);
		unsigned char page[4096];
		memset(page, 0x90, sizeof page);
		fresh(), memcpy(page, code, 6);
		CHECK(write(file, page, 4096) == 4096);
		CHECK(mmap(p, 4096, RX, MAP_PRIVATE | MAP_FIXED, file, 0) == p);
		check(p);
		CHECK(munmap(p, 4096) == 0);
		CHECK(mmap(p, 4096, RWX, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p);
		CHECK(p[0] == 0);
		fresh(), memcpy(p, code, 6), check(p);
		unsigned char *q = code_pages(1, RWX);
		fresh(), memcpy(q, code, 6), check(q);
		CHECK(mremap(q, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, p) == p);
		check(p);
		CHECK(mmap(p, 4096, RW, MAP_PRIVATE | MAP_FIXED, file, 0) == p);
		int before = expect; // the file has the one of two before
		fresh(), memcpy(p, code, 6);
		CHECK(mprotect(p, 4096, RX) == 0);
		check(p);
		CHECK(madvise(p, 4096, MADV_DONTNEED) == 0); // the file's code again
		CHECK(call(p) == (before - 2) * 0x1234);
		CHECK(mmap(p, 4096, RWX, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p);
		fresh(), memcpy(p, code, 6), check(p);
		close(file);
	}
	leave_tmp();
	ok("mappings");

	// moved code runs at its new place and relative to it
	unsigned char *a = code_pages(1, RWX), *b = code_pages(1, RWX);
	unsigned char where[] = {0x48, 0x8d, 0x05, 0xf9, 0xff, 0xff, 0xff, 0xc3}; // lea rax, [rip - 7]; ret
	memcpy(a, where, sizeof where);
	for (int i = 0; i < 20; i++) {
		CHECK(((void *(*)(void))a)() == a);
		CHECK(mremap(a, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, b) == b);
		unsigned char *t = a;
		a = b, b = t;
	}
	ok("moved");
}
