// Proves: AVX-512 registers (zmm0, zmm17, zmm31) and mask registers live across system calls, a fork and a signal handler.
#include "../debuggee.h"
#include <sched.h>

__attribute__((target("avx512f"))) static void handler(int s) {
	mix(s);
	__asm__ volatile("vpxorq %%zmm0, %%zmm0, %%zmm0\n\tvpxorq %%zmm17, %%zmm17, %%zmm17\n\tvpxorq %%zmm31, %%zmm31, %%zmm31\n\tkxorw %%k3, %%k3, %%k3" ::: "xmm0", "memory");
	witness();
}

__attribute__((target("avx512f"))) static void across(long nr, long a, long b, long c, uint64_t seed) {
	uint64_t in[3][8] __attribute__((aligned(64))), out[3][8] __attribute__((aligned(64))), k = 0x5a5a, kout = 0;
	for (int i = 0; i < 24; i++) in[i / 8][i % 8] = seed * (i + 3);
	long r;
	__asm__ volatile("vmovdqa64 (%3), %%zmm0\n\tvmovdqa64 64(%3), %%zmm17\n\tvmovdqa64 128(%3), %%zmm31\n\tkmovw %k5, %%k3\n\t"
	                 "syscall\n\t"
	                 "vmovdqa64 %%zmm0, (%4)\n\tvmovdqa64 %%zmm17, 64(%4)\n\tvmovdqa64 %%zmm31, 128(%4)\n\tkmovw %%k3, %k1\n\tvzeroupper"
	                 : "=a"(r), "=&r"(kout) : "0"(nr), "r"(in), "r"(out), "r"(k), "D"(a), "S"(b), "d"(c)
	                 : "rcx", "r11", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7");
	CHECK(memcmp(in, out, sizeof in) == 0 && kout == k);
	MIX(out), mix(kout);
	if (nr == SYS_fork && r == 0) witness(), _exit(0);
	if (nr == SYS_fork) reap(r);
}

int main(void) {
	if (__builtin_cpu_supports("avx512f")) {
		signal(SIGUSR1, handler);
		for (int i = 1; i < 15; i++) {
			across(SYS_getpid, 0, 0, 0, i);
			across(SYS_sched_yield, 0, 0, 0, i * 77);
			across(SYS_tgkill, getpid(), gettid(), SIGUSR1, i * 7777);
			across(SYS_fork, 0, 0, 0, i * 777777);
		}
	}
	ok("avx512");
}
