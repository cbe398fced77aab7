// Proves: sigreturn gives back xmm and ymm registers, MXCSR and x87 state after a handler that clobbers them.
#include "../debuggee.h"
#include <ucontext.h>

static volatile int calls;

__attribute__((target("avx"))) static void clobber_avx(void) { __asm__ volatile("vxorps %%ymm3, %%ymm3, %%ymm3\n\tvxorps %%ymm9, %%ymm9, %%ymm9" ::: "xmm3", "xmm9"); }

static void handler(int s) {
	mix(s);
	calls++;
	unsigned csr = 0x7f80;
	unsigned short cw = 0xc7f;
	__asm__ volatile("pcmpeqd %%xmm3, %%xmm3\n\tpxor %%xmm9, %%xmm9\n\tldmxcsr %0\n\tfninit\n\tfldcw %1" ::"m"(csr), "m"(cw) : "xmm3", "xmm9");
	if (__builtin_cpu_supports("avx")) clobber_avx();
	witness();
}

__attribute__((target("avx"))) static void ymm(void) {
	static uint64_t in[8] __attribute__((aligned(32))) = {1, 2, 3, 4, 5, 6, 7, 8}, out[8] __attribute__((aligned(32)));
	long r, pid = getpid();
	__asm__ volatile("vmovdqa %3, %%ymm3\n\tvmovdqa %4, %%ymm9\n\tsyscall\n\tvmovdqa %%ymm3, %1\n\tvmovdqa %%ymm9, %2\n\tvzeroupper"
	                 : "=a"(r), "=m"(*(char(*)[32])out), "=m"(*(char(*)[32])(out + 4))
	                 : "m"(*(char(*)[32])in), "m"(*(char(*)[32])(in + 4)), "0"(SYS_kill), "D"(pid), "S"(SIGUSR1)
	                 : "rcx", "r11", "xmm3", "xmm9", "memory");
	CHECK(r == 0 && memcmp(in, out, sizeof in) == 0);
	MIX(out);
}

int main(void) {
	signal(SIGUSR1, handler);
	static uint64_t in[4] __attribute__((aligned(16))) = {11, 22, 33, 44}, out[4] __attribute__((aligned(16)));
	for (int i = 0; i < 20; i++) {
		long r, pid = getpid();
		unsigned csr = 0x3f80, csr2 = 0;
		unsigned short cw = 0x27f, cw2 = 0;
		double pi = 0;
		__asm__ volatile("fldcw %8\n\tfldpi\n\tldmxcsr %7\n\tmovdqa %5, %%xmm3\n\tmovdqa %6, %%xmm9\n\tsyscall\n\tmovdqa %%xmm3, %1\n\tmovdqa "
		                 "%%xmm9, %2\n\tstmxcsr %3\n\tfnstcw %4\n\tfstpl %9"
		                 : "=a"(r), "=m"(*(char(*)[16])out), "=m"(*(char(*)[16])(out + 2)), "=m"(csr2), "=m"(cw2)
		                 : "m"(*(char(*)[16])in), "m"(*(char(*)[16])(in + 2)), "m"(csr), "m"(cw), "m"(pi), "0"(SYS_kill), "D"(pid), "S"(SIGUSR1)
		                 : "rcx", "r11", "xmm3", "xmm9", "memory");
		CHECK(r == 0 && memcmp(in, out, sizeof in) == 0 && csr2 == csr && cw2 == cw && *(volatile double *)&pi > 3.14 && pi < 3.15);
		csr = 0x1f80, cw = 0x37f;
		__asm__ volatile("ldmxcsr %0\n\tfldcw %1" ::"m"(csr), "m"(cw));
		if (__builtin_cpu_supports("avx")) ymm();
	}
	CHECK(calls == (__builtin_cpu_supports("avx") ? 40 : 20));
	ok("vectors_kept");
}
