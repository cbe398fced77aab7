// Proves: loops that keep everything in x87, SSE, AVX2 or AVX-512 registers (masks too) compute the same whether a timer's
// handler, which uses these registers itself, comes in between or not.
// case: async/vectors-x87
// args: x87
// case: async/vectors-sse
// args: sse
// case: async/vectors-avx2
// args: avx2
// case: async/vectors-avx512
// args: avx512
#include "ticks.h"

static int level; // what the handler may spoil

__attribute__((target("avx2"))) static void spoil_avx(void) { __asm__ volatile("vpcmpeqd %%ymm0, %%ymm0, %%ymm0\n\tvpxor %%ymm9, %%ymm9, %%ymm9" ::: "xmm0", "xmm9"); }
__attribute__((target("avx512f"))) static void spoil_avx512(void) {
	__asm__ volatile("vpternlogd $255, %%zmm1, %%zmm1, %%zmm1\n\tvpxord %%zmm20, %%zmm20, %%zmm20\n\tkxorw %%k1, %%k1, %%k1" ::: "xmm1");
}

static void handler(int s, siginfo_t *i, void *u) {
	tick(s, i, u);
	__asm__ volatile("fninit\n\tfldz\n\tfstp %%st(0)\n\tpcmpeqd %%xmm1, %%xmm1" ::: "xmm1");
	if (level >= 2) spoil_avx();
	if (level >= 3) spoil_avx512();
}

static uint64_t x87(void) {
	double r, k = 0.75, one = 1;
	long n = 150000;
	__asm__ volatile("fldl %2\n\tfldl %3\n\tfldz\n" // sum, k, one: sum = sum * k + one, and so on with rotations
	                 "1: fmul %%st(1), %%st\n\tfadd %%st(2), %%st\n\tfxch %%st(2)\n\tfsqrt\n\tfxch %%st(2)\n\tdec %1\n\tjnz 1b\n\t"
	                 "fstpl %0\n\tfstp %%st(0)\n\tfstp %%st(0)"
	                 : "=m"(r), "+r"(n) : "m"(k), "m"(one) : "cc");
	uint64_t bits;
	return memcpy(&bits, &r, 8), bits;
}

static uint64_t sse(void) {
	uint64_t r, n = 400000;
	__asm__ volatile("movq %1, %%xmm0\n\tpunpcklqdq %%xmm0, %%xmm0\n\tmovdqa %%xmm0, %%xmm13\n"
	                 "1: paddq %%xmm0, %%xmm13\n\tpsllq $1, %%xmm0\n\tpxor %%xmm13, %%xmm0\n\tpshufd $0x93, %%xmm13, %%xmm13\n\tdec %1\n\tjnz 1b\n\t"
	                 "pxor %%xmm13, %%xmm0\n\tmovq %%xmm0, %0"
	                 : "=r"(r), "+r"(n)::"cc", "xmm0", "xmm13");
	return r;
}

__attribute__((target("avx2"))) static uint64_t avx2(void) {
	uint64_t r, n = 400000;
	__asm__ volatile("vmovq %1, %%xmm0\n\tvpbroadcastq %%xmm0, %%ymm0\n\tvmovdqa %%ymm0, %%ymm9\n"
	                 "1: vpaddq %%ymm0, %%ymm9, %%ymm9\n\tvpsllq $1, %%ymm0, %%ymm0\n\tvpxor %%ymm9, %%ymm0, %%ymm0\n\tvpermq $0x39, %%ymm9, %%ymm9\n\t"
	                 "vpsubd %%ymm9, %%ymm0, %%ymm0\n\tdec %1\n\tjnz 1b\n\t"
	                 "vextracti128 $1, %%ymm0, %%xmm9\n\tvpaddq %%xmm9, %%xmm0, %%xmm0\n\tvmovq %%xmm0, %0\n\tvzeroupper"
	                 : "=r"(r), "+r"(n)::"cc", "xmm0", "xmm9");
	return r;
}

__attribute__((target("avx512f"))) static uint64_t avx512(void) {
	uint64_t r, n = 400000;
	__asm__ volatile("vpbroadcastq %1, %%zmm20\n\tvmovdqa64 %%zmm20, %%zmm1\n\tmovl $0x5a, %%eax\n\tkmovw %%eax, %%k1\n"
	                 "1: vpaddq %%zmm20, %%zmm1, %%zmm1\n\tvprolq $7, %%zmm20, %%zmm20%{%%k1%}\n\tvpxorq %%zmm1, %%zmm20, %%zmm20\n\t"
	                 "valignq $3, %%zmm1, %%zmm1, %%zmm1\n\tvpcmpuq $1, %%zmm1, %%zmm20, %%k1\n\tdec %1\n\tjnz 1b\n\t"
	                 "kmovw %%k1, %%eax\n\tvextracti64x4 $1, %%zmm20, %%ymm1\n\tvpaddq %%ymm1, %%ymm20, %%ymm1\n\tvmovq %%xmm1, %0\n\tadd %%rax, %0\n\tvzeroupper"
	                 : "=r"(r), "+r"(n)::"cc", "rax", "xmm1");
	return r;
}

int main(int argc, char **argv) {
	CHECK(argc == 2);
	uint64_t (*f)(void) = argv[1][0] == 'x' ? x87 : sse;
	if (strcmp(argv[1], "avx2") == 0 && __builtin_cpu_supports("avx2")) f = avx2, level = 2;
	if (strcmp(argv[1], "avx512") == 0 && __builtin_cpu_supports("avx512f")) f = avx512, level = 3;
	uint64_t want = f();
	on(SIGALRM, handler, 0);
	every(ITIMER_REAL, 700);
	do CHECK(f() == want);
	while (ticks < 25);
	every(ITIMER_REAL, 0);
	mix(want);
	ok(argv[1]);
}
