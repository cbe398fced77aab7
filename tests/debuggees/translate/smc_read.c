// Proves: a program that reads its own code sees its own bytes: a checksum of a function, before, while and after it runs; a copy of
// it runs elsewhere; bytes at a return address and at the pc.
#include "jit.h"

int summed(const unsigned char *p, int n);
extern const unsigned char summed_end[];
__asm__(".text\n.p2align 4\nsummed: xor %eax, %eax\n xor %ecx, %ecx\n1: movzbl (%rdi,%rcx), %edx\n imul $31, %eax, %eax\n add %edx, %eax\n inc %ecx\n cmp %esi, %ecx\n jl 1b\n"
        " call 2f\n .byte 0xeb, 3, 0x11, 0x22, 0x33\n jmp 3f\n2: mov (%rsp), %rdx\n mov (%rdx), %edx\n add %edx, %eax\n ret\n"
        "3: lea 0(%rip), %rdx\n xor (%rdx), %eax\n ret\n nop\n nop\nsummed_end:\n");

int main(void) {
	const unsigned char *self = (const unsigned char *)summed;
	int n = summed_end - self;
	unsigned char *p = code_pages(1, RWX);
	unsigned hash = 0, at_start = 0;
	for (int i = 0; i < n; i++) at_start = at_start * 31 + self[i];
	int first = summed(self, n);
	for (int i = 0; i < 1000; i++) CHECK(summed(self, n) == first);
	memcpy(p, self, n);
	CHECK(memcmp(p, self, n) == 0 && ((int (*)(const void *, int))p)(self, n) == first && summed(p, n) == first);
	CHECK(((int (*)(const void *, int))p)(p, n) == first);
	for (int i = 0; i < n; i++) hash = hash * 31 + self[i];
	CHECK(hash == at_start);
	printf("%d bytes, %08x, %08x\n", n, hash, first);
	// the code of libc and of this program's main, folded into the checksum
	mix_mem((const void *)memcpy, 64), mix_mem((const void *)main, 512), mix_mem((const void *)printf, 200);
	int f = open("/proc/self/mem", O_RDONLY);
	unsigned char copy[256];
	if (f >= 0) CHECK(pread(f, copy, n, (off_t)(uintptr_t)self) == n && memcmp(copy, self, n) == 0);
	ok("smc_read");
}
