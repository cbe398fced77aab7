// Proves: rip-relative operands of VEX and EVEX instructions: with and without immediates, masks, broadcasts, compressed
// displacements beside them, gathers of other shapes, BMI and opmask moves.
#include "snippets.h"

#define D "snippet_data"
#define OUT "vmovdqu %ymm0, " D "+1000(%rip)\n vmovdqu %ymm1, " D "+1032(%rip)\n vmovdqu %ymm9, " D "+1064(%rip)\n vzeroupper"
SNIPPET("avx moves", "vmovups " D "+1(%rip), %xmm0\n vmovdqu " D "+33(%rip), %ymm1\n vmovaps " D "+64(%rip), %ymm9\n vmovq " D "+9(%rip), %xmm2\n vmovhpd " D "+17(%rip), %xmm2, %xmm0\n vmovntdq %ymm9, " D "+512(%rip)\n vmovd %xmm2, " D "+600(%rip)\n" OUT);
SNIPPET("avx arithmetic", "vmovdqu " D "+64(%rip), %ymm0\n vmovdqu %ymm0, %ymm9\n vxorps " D "+96(%rip), %ymm0, %ymm1\n vandps " D "+128(%rip), %ymm0, %ymm0\n vcvtsi2sdl " D "+32(%rip), %xmm9, %xmm9\n" OUT);
SNIPPET("avx imm8", "vpermilps $0x1b, " D "+32(%rip), %ymm0\n vshufps $0x4e, " D "+64(%rip), %ymm0, %ymm1\n vinsertf128 $1, " D "+96(%rip), %ymm1, %ymm9\n vextractf128 $1, %ymm9, " D "+700(%rip)\n vpinsrb $9, " D "+130(%rip), %xmm0, %xmm0\n vpextrw $3, %xmm0, " D "+720(%rip)\n vroundss $3, " D "+140(%rip), %xmm1, %xmm1\n vcmpps $0x11, " D "+160(%rip), %ymm9, %ymm1\n vblendvps %ymm1, " D "+192(%rip), %ymm9, %ymm0\n" OUT);
SNIPPET("avx2", "vpaddq %ymm0, %ymm0, %ymm0\n vmovdqu " D "+32(%rip), %ymm0\n vpaddd " D "+64(%rip), %ymm0, %ymm1\n vpshufb " D "+96(%rip), %ymm1, %ymm9\n vpermq $0x93, " D "+128(%rip), %ymm1\n vpalignr $5, " D "+160(%rip), %ymm1, %ymm0\n vpbroadcastb " D "+7(%rip), %ymm9\n vperm2i128 $0x21, " D "+192(%rip), %ymm0, %ymm1\n vpmovzxbd " D "+201(%rip), %ymm0\n vpblendd $0x5a, " D "+224(%rip), %ymm9, %ymm9\n vpsrlvd " D "+32(%rip), %ymm1, %ymm1\n" OUT);
SNIPPET("avx2 masked", "vpcmpeqd %ymm1, %ymm1, %ymm1\n vpsllq $63, " "%ymm1, %ymm1\n vpmaskmovq " D "+32(%rip), %ymm1, %ymm0\n vmaskmovps %ymm0, %ymm1, " D "+640(%rip)\n vpcmpeqd %ymm9, %ymm9, %ymm9\n" OUT);
SNIPPET("fma", "vpxor %xmm0, %xmm0, %xmm0\n vpxor %xmm1, %xmm1, %xmm1\n vpxor %xmm9, %xmm9, %xmm9\n vcvtdq2pd " D "+32(%rip), %ymm0\n vcvtdq2pd " D "+48(%rip), %ymm1\n vmovupd %ymm1, " D "+64(%rip)\n vfmadd231pd " D "+64(%rip), %ymm0, %ymm1\n vfnmsub132pd " D "+64(%rip), %ymm0, %ymm9\n" OUT);
SNIPPET("bmi", "andn " D "+8(%rip), %rax, %rbx\n bextr %rcx, " D "+16(%rip), %rdx\n blsr " D "+24(%rip), %r8\n bzhi %rcx, " D "+32(%rip), %r9\n rorx $17, " D "+40(%rip), %r10\n shlx %rcx, " D "+48(%rip), %r11\n pdep " D "+56(%rip), %rax, %r12\n pext " D "+64(%rip), %rax, %r13\n mulx " D "+72(%rip), %r14, %r15\n adcx " D "+80(%rip), %rax\n adox " D "+88(%rip), %rax\n tzcnt " D "+96(%rip), %rbx\n lzcnt " D "+104(%rip), %rdi");
#define OUT512 "vmovdqu64 %zmm0, " D "+1000(%rip)\n vmovdqu64 %zmm17, " D "+1064(%rip)\n vmovdqu64 %zmm31, " D "+1128(%rip)\n kmovw %k3, " D "+1200(%rip)\n vzeroupper"
SNIPPET("avx512 moves", "kxnorw %k3, %k3, %k3\n vmovdqu64 " D "+1(%rip), %zmm0\n vmovdqa64 " D "+64(%rip), %zmm17\n vmovups " D "+130(%rip), %zmm31\n vmovntdq %zmm31, " D "+512(%rip)\n vmovq " D "+8(%rip), %xmm20\n vmovd %xmm20, " D "+640(%rip)\n" OUT512);
SNIPPET("avx512 masks", "mov $0x5a5a, %eax\n kmovw %eax, %k3\n vmovdqu32 " D "+64(%rip), %zmm0{%k3}{z}\n vpternlogd $255, %zmm17, %zmm17, %zmm17\n vmovdqu32 " D "+128(%rip), %zmm17{%k3}\n vpaddd " D "+192(%rip), %zmm17, %zmm31{%k3}{z}\n vmovdqu32 %zmm17, " D "+640(%rip){%k3}\n vpcmpud $1, " D "+256(%rip), %zmm17, %k3\n" OUT512);
SNIPPET("avx512 broadcast", "kxnorw %k3, %k3, %k3\n vmovdqu64 " D "+64(%rip), %zmm0\n vpaddd " D "+4(%rip){1to16}, %zmm0, %zmm17\n vpaddq " D "+8(%rip){1to8}, %zmm17, %zmm31\n vpternlogq $0x96, " D "+16(%rip){1to8}, %zmm31, %zmm0\n vbroadcastf64x4 " D "+32(%rip), %zmm17\n vpbroadcastw " D "+3(%rip), %zmm31\n" OUT512);
SNIPPET("avx512 imm8", "kxnorw %k3, %k3, %k3\n vmovdqu64 " D "+64(%rip), %zmm0\n vpermq $0x1b, " D "+128(%rip), %zmm17\n valignd $3, " D "+192(%rip), %zmm17, %zmm31\n vshufi64x2 $0x4e, " D "+256(%rip), %zmm31, %zmm0\n vinserti64x4 $1, " D "+320(%rip), %zmm0, %zmm17\n vextracti32x4 $2, %zmm17, " D "+720(%rip)\n vprold $7, " D "+384(%rip), %zmm31\n vpcmpgtd " D "+64(%rip), %zmm31, %k3\n" OUT512);
SNIPPET("avx512 compressed disp8", "kxnorw %k3, %k3, %k3\n vmovdqu64 64(%rsi), %zmm0\n vmovdqu64 " D "+64(%rip), %zmm17\n vpxorq 128(%rsi), %zmm17, %zmm31\n vpaddd 12(%rsi){1to16}, %zmm31, %zmm31\n vmovdqu64 %zmm31, -64(%rdi)\n vpxorq 65(%rsi), %zmm0, %zmm17\n" OUT512);
SNIPPET("avx512 opmask moves", "kmovw " D "+8(%rip), %k3\n kmovq " D "+16(%rip), %k4\n kmovd %k4, " D "+800(%rip)\n kmovb " D "+24(%rip), %k5\n kmovb %k5, " D "+810(%rip)\n kortestw %k3, %k3\n setz %al\n vpxor %xmm0, %xmm0, %xmm0\n vpxorq %zmm17, %zmm17, %zmm17\n vpxorq %zmm31, %zmm31, %zmm31\n" OUT512);

static int unsettled_here(const char *n) {
	if (strncmp(n, "avx512", 6) == 0) return !__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512dq");
	return !__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("bmi2");
}

int main(void) {
	unsettled = unsettled_here;
	run_snippets();
	ok("rip_relative_vex");
}
