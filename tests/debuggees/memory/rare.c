// Proves: rare address-space calls, tolerated when refused: pkey_mprotect, mlock2, memfd_secret (memory that a tracer cannot read
// with process_vm_readv), process_madvise, remap_file_pages, mbind, move_pages, mseal, MAP_LOCKED, map_shadow_stack.
#include "../debuggee.h"
#include <sys/mman.h>
#include <sys/uio.h>

int main(void) {
	enter_tmp();
	char *p = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(p, 7, 65536);
	int key = pkey_alloc(0, 0);
	mix(key);
	CHECK(syscall(SYS_pkey_mprotect, p, 4096, PROT_READ | PROT_WRITE, key) == 0 || key < 0);
	if (key >= 0) CHECK(pkey_free(key) == 0);
	p[5] = 1;
	mix(syscall(SYS_mlock2, p, 8192, 1 /* on fault */)), mix(munlock(p, 8192));
	void *l = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
	CHECK(l != MAP_FAILED || errno == EAGAIN);
	ok("keys and locks");
	int s = syscall(447 /* memfd_secret */, 0);
	mix(s);
	if (s >= 0) {
		CHECK(ftruncate(s, 8192) == 0);
		char *q = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, s, 0);
		if (q != MAP_FAILED) {
			int z[2];
			memset(q, 3, 8192);
			CHECK(pipe(z) == 0 && write(z[1], "abc", 3) == 3);
			ssize_t n = read(z[0], q + 100, 3);
			CHECK((n == 3 && q[100] == 'a') || errno == EFAULT);
			mix_mem(q, 8192), witness();
		}
	}
	ok("secret memory");
	int pf = syscall(SYS_pidfd_open, getpid(), 0);
	struct iovec io = {p + 4096, 4096};
	mix(syscall(440 /* process_madvise */, pf, &io, 1, MADV_DONTNEED, 0)); // only some kernels, on oneself
	mix_mem(p, 65536);
	int f = open("f", O_CREAT | O_RDWR, 0600);
	CHECK(write(f, p, 65536) == 65536 && pwrite(f, "page two", 8, 8192) == 8);
	char *m = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
	if (syscall(SYS_remap_file_pages, m, 4096, 0, 2, 0) == 0) CHECK(memcmp(m, "page two", 8) == 0);
	mix_mem(m, 16384);
	ok("remap_file_pages");
	uint64_t nodes = 1;
	mix(syscall(SYS_mbind, p, 8192, 0, &nodes, 0, 0)), mix(syscall(SYS_set_mempolicy, 0, NULL, 0));
	void *pages[2] = {p, p + 4096};
	int where[2] = {77, 77};
	mix(syscall(SYS_move_pages, 0, 2, pages, NULL, where, 0)), MIX(where);
	if (syscall(462 /* mseal */, p + 32768, 4096, 0) == 0) CHECK(munmap(p + 32768, 4096) == -1 && errno == EPERM && p[32768] == 7);
	mix(syscall(453 /* map_shadow_stack */, NULL, 4096, 0));
	mix_mem(p, 65536);
	ok("policies and seals");
	leave_tmp();
}
