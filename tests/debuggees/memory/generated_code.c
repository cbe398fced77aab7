// Proves: code written at run time and run, rewritten in place, and mapped twice (write view and run view), with a trap in it.
#include "../debuggee.h"
#include <sys/mman.h>

int main(void) {
	int sum = 0;
	unsigned char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	for (int i = 0; i < 100; i++) {
		unsigned char code[] = {0xb8, i, 0, 0, 0, 0xc3}; // mov eax, i; ret
		memcpy(p, code, sizeof code);
		sum += ((int (*)(void))p)();
		if (i % 25 == 0) witness();
	}
	CHECK(sum == 4950);
	ok("rewritten");
	int f = memfd_create("code", 0);
	CHECK(ftruncate(f, 4096) == 0);
	unsigned char *w = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
	unsigned char *x = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, f, 0);
	CHECK(w != MAP_FAILED && x != MAP_FAILED);
	unsigned char call[] = {0xb8, SYS_getpid, 0, 0, 0, 0x0f, 0x05, 0xc3, // mov eax, getpid; syscall; ret
	                        0x0f, 0x31, 0x48, 0xc1, 0xe2, 0x20, 0x48, 0x09, 0xd0, 0xc3}; // rdtsc; rax |= rdx << 32; ret
	memcpy(w, call, sizeof call);
	CHECK(((int (*)(void))x)() == getpid());
	mix(((uint64_t(*)(void))(x + 8))());
	ok("two views");
	CHECK(mprotect(p, 4096, PROT_READ | PROT_WRITE) == 0);
	p[1] = 42;
	CHECK(mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0 && ((int (*)(void))p)() == 42);
	ok("write xor execute");
}
