// Proves: AVX2 values live across system calls and thread switches, in four threads at once, in one asm block each.
#include "../debuggee.h"
#include <pthread.h>

__attribute__((target("avx2"), noinline)) static void round_trip(uint64_t seed, int ms) {
	uint64_t in[16][4] __attribute__((aligned(32))), out[16][4] __attribute__((aligned(32)));
	for (int i = 0; i < 64; i++) in[i / 4][i % 4] = seed * (i + 1);
	struct timespec t = {0, ms * 1000000};
	long r;
	__asm__ volatile("vmovdqa (%2), %%ymm0\n\tvmovdqa 32(%2), %%ymm1\n\tvmovdqa 64(%2), %%ymm2\n\tvmovdqa 96(%2), %%ymm3\n\t"
	                 "vmovdqa 128(%2), %%ymm4\n\tvmovdqa 160(%2), %%ymm5\n\tvmovdqa 192(%2), %%ymm6\n\tvmovdqa 224(%2), %%ymm7\n\t"
	                 "vmovdqa 256(%2), %%ymm8\n\tvmovdqa 288(%2), %%ymm9\n\tvmovdqa 320(%2), %%ymm10\n\tvmovdqa 352(%2), %%ymm11\n\t"
	                 "vmovdqa 384(%2), %%ymm12\n\tvmovdqa 416(%2), %%ymm13\n\tvmovdqa 448(%2), %%ymm14\n\tvmovdqa 480(%2), %%ymm15\n\t"
	                 "syscall\n\t" // nanosleep: others run meanwhile
	                 "vmovdqa %%ymm0, (%3)\n\tvmovdqa %%ymm1, 32(%3)\n\tvmovdqa %%ymm2, 64(%3)\n\tvmovdqa %%ymm3, 96(%3)\n\t"
	                 "vmovdqa %%ymm4, 128(%3)\n\tvmovdqa %%ymm5, 160(%3)\n\tvmovdqa %%ymm6, 192(%3)\n\tvmovdqa %%ymm7, 224(%3)\n\t"
	                 "vmovdqa %%ymm8, 256(%3)\n\tvmovdqa %%ymm9, 288(%3)\n\tvmovdqa %%ymm10, 320(%3)\n\tvmovdqa %%ymm11, 352(%3)\n\t"
	                 "vmovdqa %%ymm12, 384(%3)\n\tvmovdqa %%ymm13, 416(%3)\n\tvmovdqa %%ymm14, 448(%3)\n\tvmovdqa %%ymm15, 480(%3)\n\t"
	                 "vzeroupper"
	                 : "=a"(r) : "0"(SYS_nanosleep), "r"(in), "r"(out), "D"(&t), "S"(0)
	                 : "rcx", "r11", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
	                   "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
	CHECK(r == 0 && memcmp(in, out, sizeof in) == 0);
	MIX(out), witness();
}

static void *work(void *arg) {
	for (int i = 0; i < 25; i++) round_trip((uintptr_t)arg * 1000003 + i, i % 5 == 0);
	return NULL;
}

int main(void) {
	if (__builtin_cpu_supports("avx2")) {
		pthread_t t[4];
		for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, work, (void *)(intptr_t)(i + 1));
		for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
	}
	ok("avx_calls");
}
