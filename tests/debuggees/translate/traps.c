// Proves: instructions that trap by themselves, within blocks: int3, int1, int N, ud0, ud1, ud2, privileged ones, division
// errors of every size, bound violations of old, lock where it must not be, with the program's pc in siginfo and ucontext.
#include "snippets.h"

#define TRAP(code) SNIPPET(code, "add %rbx, %r8\n cmp %rdx, %rax\n mov %r8, 64(%rsi)\n push %r12\n" code "\n mov %r9, 128(%rsi)\n pop %r12\n")
TRAP("int3");
TRAP("int $3");
TRAP("int1");
TRAP("int $1");
TRAP("int $4");
TRAP("int $5");
TRAP("int $13");
TRAP("int $14");
TRAP("int $0x20");
TRAP("int $0x81");
TRAP("int $0xff");
TRAP("ud2");
TRAP("ud1 (%rsi), %eax");
TRAP("ud0 %ecx, %eax");
TRAP(".byte 0x06");
TRAP(".byte 0x37");
TRAP(".byte 0x62, 0xff, 0xff, 0xff");
TRAP(".byte 0xce");
TRAP(".byte 0xd6");
TRAP(".byte 0x82, 0xc0, 0x01");
TRAP(".byte 0x9a, 0, 0, 0, 0, 0, 0");
TRAP(".byte 0xea, 0, 0, 0, 0, 0, 0");
TRAP(".byte 0xf0; add %eax, %ebx");
TRAP(".byte 0xf0; mov %eax, (%rsi)");
TRAP(".byte 0xf0; nop");
TRAP(".byte 0x0f, 0x04");
TRAP(".byte 0x0f, 0xff, 0xc0");
TRAP(".byte 0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x66,0x90");
TRAP("hlt");
TRAP("cli");
TRAP("sti");
TRAP("in $0x60, %al");
TRAP("in %dx, %eax");
TRAP("out %al, $0x80");
TRAP("out %eax, %dx");
TRAP("insb");
TRAP("rep outsb");
TRAP("mov %cr0, %rax");
TRAP("mov %rax, %cr3");
TRAP("mov %dr7, %rax");
TRAP("lidt (%rsi)");
TRAP("lgdt (%rsi)");
TRAP("invd");
TRAP("wbinvd");
TRAP("invlpg (%rsi)");
TRAP("rdmsr");
TRAP("wrmsr");
TRAP("clts");
TRAP("swapgs");
TRAP("sysretq");
TRAP("sysexitl");
TRAP("monitor");
TRAP("vmxoff");
TRAP("xsetbv");
TRAP("ltr %ax");
TRAP("rsm");
TRAP("mov %rdx, %fs");
TRAP("mov $0x1234, %eax; mov %eax, %ds");
TRAP("xor %ecx, %ecx; div %rcx");
TRAP("xor %ecx, %ecx; div %ecx");
TRAP("xor %ecx, %ecx; div %cx");
TRAP("xor %ecx, %ecx; div %cl");
TRAP("xor %ecx, %ecx; idiv %rcx");
TRAP("movabs $0x8000000000000000, %rax; cqto; mov $-1, %rcx; idiv %rcx");
TRAP("mov $0x80000000, %eax; cltd; mov $-1, %ecx; idiv %ecx");
TRAP("mov $0x8000, %eax; cwtd; mov $-1, %ecx; idiv %cx");
TRAP("mov $0xff80, %eax; mov $-1, %ecx; idiv %cl");
TRAP("mov $9, %edx; mov $9, %ecx; div %rcx");
TRAP("mov $9, %edx; mov $9, %ecx; div %ecx");
TRAP("movq $0, 8(%rsi); idivq 8(%rsi)");
TRAP("mov $3, %ecx; 1: mov %ecx, %r10d; mov $100, %eax; xor %edx, %edx; dec %r10d; div %r10d; loop 1b");
TRAP("movl $0x1f00, (%rsi); ldmxcsr (%rsi); xorps %xmm0, %xmm0; mov $1, %eax; cvtsi2ss %eax, %xmm1; movl $0x1d80, (%rsi); ldmxcsr (%rsi); divss %xmm0, %xmm1");
TRAP("fninit; movw $0x37b, (%rsi); fldcw (%rsi); fldz; fld1; fdivp; nop; fwait");

static int plain_sse(const char *n) {
	unsigned csr = 0x1f80; // the one before may have left other modes
	__asm__ volatile("ldmxcsr %0\n\tfninit" ::"m"(csr));
	return n == NULL;
}

int main(void) {
	unsettled = plain_sse;
	run_snippets();
	ok("traps");
}
