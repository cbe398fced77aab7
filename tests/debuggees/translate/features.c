// Proves: AVX-512 with masks, VNNI, VBMI, FP16, BF16, GFNI, VAES, VPCLMUL, SHA and AMX tiles, in loops, where the CPU has
// them; what they compute is right.
#include "../debuggee.h"
#include <asm/prctl.h>
#include <cpuid.h>

#ifndef ARCH_REQ_XCOMP_PERM
#define ARCH_REQ_XCOMP_PERM 0x1023
#endif

static unsigned char a[4096] __attribute__((aligned(64))), b[4096] __attribute__((aligned(64))), out[4096] __attribute__((aligned(64)));
static int has(unsigned leaf, unsigned sub, int reg, int bit) {
	unsigned r[4];
	return __get_cpuid_count(leaf, sub, r, r + 1, r + 2, r + 3) && r[reg] >> bit & 1;
}
static unsigned sum_of(int n) {
	unsigned s = 0;
	for (int i = 0; i < n; i++) s = s * 31 + out[i];
	mix(s), witness();
	return s;
}

#define LOOP(body) __asm__ volatile("mov $50, %%ecx\n1: " body "\n dec %%ecx\n jnz 1b\n vzeroupper" ::"S"(a), "d"(b), "D"(out) : "rax", "rcx", "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7")
#define SHOW(name, feature, body) do { if (feature) { memset(out, 0, sizeof out); LOOP(body); unsigned s = sum_of(1024); CHECK(s != 0); mix(s); if (again) CHECK(s == kept[slot]); kept[slot] = s; } slot++; } while (0)

__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))) static void all(int again) {
	static unsigned kept[16];
	int slot = 0;
	int avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
	SHOW("avx512", avx512, "vmovdqu64 (%%rsi), %%zmm0\n vpaddd 64(%%rsi)%{1to16%}, %%zmm0, %%zmm1\n vpcmpud $5, (%%rdx), %%zmm1, %%k2\n vpexpandd (%%rdx), %%zmm2%{%%k2%}%{z%}\n vpcompressd %%zmm1, 64(%%rdi)%{%%k2%}\n vpconflictd %%zmm2, %%zmm3\n vmovdqu32 %%zmm3, 128(%%rdi)\n vplzcntd %%zmm1, %%zmm16\n vpsrld $28, %%zmm3, %%zmm4\n kmovw %%k2, %%k3\n vpscatterdd %%zmm16, 512(%%rdi,%%zmm4,4)%{%%k3%}\n vpaddb (%%rdi), %%zmm1, %%zmm1\n vmovdqu64 %%zmm1, (%%rdi)");
	SHOW("vnni", avx512 && has(7, 0, 2, 11), "vmovdqu64 (%%rdi), %%zmm0\n vmovdqu64 (%%rsi), %%zmm1\n vpdpbusd (%%rdx), %%zmm1, %%zmm0\n vpdpwssds 64(%%rdx), %%zmm1, %%zmm0\n vmovdqu64 %%zmm0, (%%rdi)");
	SHOW("vbmi", avx512 && has(7, 0, 2, 1), "vmovdqu64 (%%rsi), %%zmm1\n vpermb (%%rdx), %%zmm1, %%zmm0\n vpermi2b 64(%%rdx), %%zmm0, %%zmm1\n vpmultishiftqb %%zmm1, %%zmm0, %%zmm2\n vpaddb (%%rdi), %%zmm2, %%zmm2\n vmovdqu64 %%zmm2, (%%rdi)");
	SHOW("fp16", avx512 && has(7, 0, 3, 23), "mov $3, %%eax\n vcvtsi2shl %%eax, %%xmm0, %%xmm0\n vpbroadcastw %%xmm0, %%zmm0\n vcvtuw2ph (%%rsi), %%zmm1\n vmulph %%zmm0, %%zmm1, %%zmm2\n vfmadd231ph 2(%%rdi)%{1to32%}, %%zmm0, %%zmm2\n vsqrtph %%zmm2, %%zmm3\n vmovdqu64 %%zmm3, (%%rdi)\n vmovsh %%xmm3, 64(%%rdi)");
	SHOW("bf16", avx512 && has(7, 1, 0, 5), "vcvtudq2ps (%%rsi), %%zmm0\n vcvtneps2bf16 %%zmm0, %%ymm1\n vmovdqu %%ymm1, (%%rdi)\n vpxord %%zmm2, %%zmm2, %%zmm2\n vmovdqu64 (%%rdi), %%zmm3\n vdpbf16ps (%%rdi), %%zmm3, %%zmm2\n vmovdqu64 %%zmm2, 64(%%rdi)");
	SHOW("gfni", avx512 && has(7, 0, 2, 8), "vmovdqu64 (%%rsi), %%zmm0\n vgf2p8affineqb $5, (%%rdx), %%zmm0, %%zmm1\n vgf2p8mulb (%%rsi), %%zmm1, %%zmm2\n vpxorq (%%rdi), %%zmm2, %%zmm2\n vpaddb %%zmm1, %%zmm2, %%zmm2\n vmovdqu64 %%zmm2, (%%rdi)");
	SHOW("vaes", avx512 && has(7, 0, 2, 9), "vmovdqu64 (%%rdi), %%zmm0\n vaesenc (%%rsi), %%zmm0, %%zmm0\n vaesdeclast (%%rdx), %%zmm0, %%zmm0\n vmovdqu64 %%zmm0, (%%rdi)");
	SHOW("vpclmul", avx512 && has(7, 0, 2, 10), "vmovdqu64 (%%rdi), %%zmm0\n vpxorq (%%rsi), %%zmm0, %%zmm0\n vpclmulqdq $0x11, (%%rdx), %%zmm0, %%zmm0\n vmovdqu64 %%zmm0, (%%rdi)");
	SHOW("sha", has(7, 0, 1, 29) && avx512, "movdqu (%%rdi), %%xmm0\n movdqu (%%rsi), %%xmm1\n sha256msg1 %%xmm1, %%xmm0\n paddd (%%rdx), %%xmm0\n sha1rnds4 $2, %%xmm1, %%xmm0\n sha256rnds2 %%xmm0, %%xmm1\n pxor %%xmm1, %%xmm0\n movdqu %%xmm0, (%%rdi)");
	SHOW("movdir", has(7, 0, 2, 27) && has(7, 0, 2, 28) && avx512, "movdir64b (%%rsi), %%rdi\n movdiri %%rsi, 128(%%rdi)\n movq $0, 128(%%rdi)\n movq (%%rdx), %%rax\n movdiri %%rax, 136(%%rdi)\n sfence");
	SHOW("gather", avx512, "vpxor %%xmm1, %%xmm1, %%xmm1\n vpmovzxbd (%%rsi), %%zmm1\n kxnorw %%k1, %%k1, %%k1\n vpgatherdd 64(%%rdx,%%zmm1,4), %%zmm2%{%%k1%}\n vpcmpeqd %%ymm3, %%ymm3, %%ymm3\n vpgatherdd %%ymm3, 8(%%rdx,%%ymm1,2), %%ymm4\n vmovdqu64 %%zmm2, (%%rdi)\n vmovdqu %%ymm4, 64(%%rdi)");
}

// Two tiles of 16 rows of 64 bytes multiplied, against the same in C.
static void amx(void) {
	if (!has(7, 0, 3, 24) || !has(7, 0, 3, 25) || syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, 18) != 0) return;
	static unsigned char config[64] __attribute__((aligned(64)));
	config[0] = 1;
	for (int t = 0; t < 3; t++) config[16 + 2 * t] = 64, config[48 + t] = 16;
	static int c[16][16];
	long stride = 64;
	__asm__ volatile("ldtilecfg %0\n tilezero %%tmm0\n tileloadd (%1,%4,1), %%tmm1\n tileloadd (%2,%4,1), %%tmm2\n mov $3, %%ecx\n1: tdpbuud %%tmm2, %%tmm1, %%tmm0\n dec %%ecx\n jnz 1b\n"
	                 "tilestored %%tmm0, (%3,%4,1)\n tilerelease" ::"m"(config), "r"(a), "r"(b), "r"(c), "r"(stride) : "rcx", "memory", "cc");
	for (int m = 0; m < 16; m++)
		for (int n = 0; n < 16; n++) {
			int want = 0;
			for (int k = 0; k < 64; k++) want += a[m * 64 + k] * b[k / 4 * 64 + n * 4 + k % 4];
			CHECK(c[m][n] == 3 * want);
		}
	mix_mem(c, sizeof c), witness();
}

int main(void) {
	for (int i = 0; i < 4096; i++) a[i] = i * 29 + (i >> 6), b[i] = i * 53 ^ i >> 3;
	for (int i = 0; i < 3; i++) all(i), amx();
	ok("features");
}
