// Proves: rip-relative operands of legacy instructions: loads, stores, read-modify-write, with immediates of 1, 2 and 4 bytes
// behind them, with every register of the other operand, locked, x87 and SSE; lea, push, pop, call, jmp, cmpxchg16b.
#include "snippets.h"

#define D "snippet_data"
#define NOISE "mov %r8, %rbp\n mov %r9, %rsi\n mov %r10, %rdi\n" // no addresses in them
#define EVERY_REGISTER(name, op) \
	SNIPPET(name, NOISE op " " D "+8(%rip), %rax\n" op " " D "+16(%rip), %rcx\n" op " " D "+24(%rip), %rdx\n" op " " D "+32(%rip), %rbx\n" op " " D "+48(%rip), %rbp\n" \
	        op " " D "+56(%rip), %rsi\n" op " " D "+64(%rip), %rdi\n" op " " D "+72(%rip), %r8\n" op " " D "+80(%rip), %r9\n" op " " D "+88(%rip), %r10\n" op " " D "+96(%rip), %r11\n" \
	        op " " D "+104(%rip), %r12\n" op " " D "+112(%rip), %r13\n" op " " D "+120(%rip), %r14\n" op " " D "+128(%rip), %r15")
#define EVERY_STORE(name, op) \
	SNIPPET(name, NOISE op " %rax, " D "+8(%rip)\n" op " %rcx, " D "+16(%rip)\n" op " %rdx, " D "+24(%rip)\n" op " %rbx, " D "+32(%rip)\n" op " %rbp, " D "+48(%rip)\n" \
	        op " %rsi, " D "+56(%rip)\n" op " %rdi, " D "+64(%rip)\n" op " %r8, " D "+72(%rip)\n" op " %r9, " D "+80(%rip)\n" op " %r10, " D "+88(%rip)\n" op " %r11, " D "+96(%rip)\n" \
	        op " %r12, " D "+104(%rip)\n" op " %r13, " D "+112(%rip)\n" op " %r14, " D "+120(%rip)\n" op " %r15, " D "+128(%rip)")

EVERY_REGISTER("mov load", "mov");
EVERY_REGISTER("add load", "add");
EVERY_REGISTER("imul load", "imul");
EVERY_REGISTER("cmovne load", "cmovne");
EVERY_REGISTER("popcnt load", "popcnt");
EVERY_REGISTER("lea", "lea");
EVERY_STORE("mov store", "mov");
EVERY_STORE("xor store", "xor");
EVERY_STORE("xchg", "xchg");
EVERY_STORE("lock xadd", "lock xadd");
EVERY_STORE("test", "test");
SNIPPET("rsp", "mov %rsp, %rax\n mov %rax, " D "+8(%rip)\n mov " D "+16(%rip), %rsp\n mov %rsp, %rbx\n mov " D "+8(%rip), %rsp\n cmp %rsp, " D "+8(%rip)\n sete %dl\n lea " D "+3072(%rip), %rsp\n push %rbx\n mov %rax, %rsp");
SNIPPET("32, 16 and 8 bits", "mov " D "+4(%rip), %eax\n mov " D "+9(%rip), %bx\n mov " D "+7(%rip), %dh\n mov " D "+6(%rip), %r9b\n mov " D "+5(%rip), %sil\n mov %ah, " D "+100(%rip)\n mov %dil, " D "+101(%rip)\n mov %r13w, " D "+103(%rip)\n mov %r14d, " D "+107(%rip)");
SNIPPET("imm8", "movb $0x5a, " D "+3(%rip)\n addl $-3, " D "+4(%rip)\n cmpq $-9, " D "+16(%rip)\n setl %al\n subw $7, " D "+24(%rip)\n orq $0x55, " D "+32(%rip)\n testb $0x81, " D "+40(%rip)\n sets %bl\n btq $60, " D "+48(%rip)\n setc %dl\n lock btcl $31, " D "+56(%rip)\n shlq $13, " D "+64(%rip)\n rorw $3, " D "+72(%rip)\n imulq $0x7b, " D "+80(%rip), %r9\n shldq $9, %r8, " D "+88(%rip)\n shrdl $30, %r8d, " D "+96(%rip)");
SNIPPET("imm16", "movw $0x5aa5, " D "+2(%rip)\n addw $0x1234, " D "+4(%rip)\n cmpw $0x7fff, " D "+8(%rip)\n setg %al\n testw $0x8421, " D "+16(%rip)\n setz %bl\n imulw $0x1357, " D "+24(%rip), %r9w");
SNIPPET("imm32", "movl $0x12345678, " D "+4(%rip)\n movq $-0x12345678, " D "+8(%rip)\n addq $0x7fffffff, " D "+16(%rip)\n cmpl $0x10203040, " D "+24(%rip)\n seta %al\n testq $-0x76543210, " D "+32(%rip)\n sets %bl\n imulq $0x1234567, " D "+40(%rip), %r9\n lock andq $-65537, " D "+48(%rip)\n xorl $0xffff0000, " D "+56(%rip)\n adcq $0x11111111, " D "+64(%rip)");
SNIPPET("one operand", "incq " D "+8(%rip)\n decl " D "+16(%rip)\n negq " D "+24(%rip)\n notw " D "+32(%rip)\n mulq " D "+40(%rip)\n imull " D "+48(%rip)\n shlq " D "+56(%rip)\n sarl %cl, " D "+64(%rip)\n sete " D "+72(%rip)\n setb " D "+73(%rip)\n lock incb " D "+80(%rip)");
SNIPPET("div", "xor %edx, %edx\n mov $0x123456789, %rax\n orq $1, " D "+8(%rip)\n divq " D "+8(%rip)\n cltd\n orl $3, " D "+16(%rip)\n idivl " D "+16(%rip)\n movzbl " D "+20(%rip), %eax\n orb $1, " D "+24(%rip)\n divb " D "+24(%rip)");
SNIPPET("extensions", "movzbl " D "+129(%rip), %eax\n movzwq " D "+131(%rip), %rbx\n movsbq " D "+133(%rip), %r8\n movswl " D "+135(%rip), %r9d\n movslq " D "+137(%rip), %r10\n bsfq " D "+140(%rip), %r11\n bsrl " D "+150(%rip), %r12d\n movbeq " D "+160(%rip), %r13\n movbel %r13d, " D "+170(%rip)\n crc32q " D "+176(%rip), %r14\n crc32b " D "+180(%rip), %r14d");
SNIPPET("push and pop", "pushq " D "+8(%rip)\n popq " D "+16(%rip)\n pushw " D "+24(%rip)\n popw " D "+32(%rip)\n pushq $0x1234567\n popq " D "+40(%rip)\n pushq $-5\n popq " D "+48(%rip)");
SNIPPET("cmpxchg", "mov " D "+8(%rip), %rax\n lock cmpxchg %rbx, " D "+8(%rip)\n sete %cl\n cmpxchg %edx, " D "+16(%rip)\n sete %ch\n mov " D "+24(%rip), %al\n cmpxchg %r9b, " D "+24(%rip)\n setne %dl");
SNIPPET("cmpxchg16b", "mov " D "+16(%rip), %rax\n mov " D "+24(%rip), %rdx\n lock cmpxchg16b " D "+16(%rip)\n sete %r8b\n lock cmpxchg16b " D "+32(%rip)\n sete %r9b\n lock cmpxchg8b " D "+48(%rip)\n sete %r10b");
SNIPPET("jmp and call", "lea 1f(%rip), %rax\n mov %rax, " D "+8(%rip)\n lea 2f(%rip), %rax\n mov %rax, " D "+16(%rip)\n jmp *" D "+8(%rip)\n ud2\n2: mov (%rsp), %rdx\n ret\n1: call *" D "+16(%rip)\n call *" D "+16(%rip)");
SNIPPET("x87", "fldl " D "+8(%rip)\n fildl " D "+16(%rip)\n faddl " D "+24(%rip)\n fstpl " D "+32(%rip)\n fistpll " D "+40(%rip)\n fnstcw " D "+48(%rip)\n fldcw " D "+48(%rip)\n fldt " D "+56(%rip)\n fstpt " D "+72(%rip)\n fnstsw " D "+90(%rip)\n filds " D "+100(%rip)\n fstps " D "+104(%rip)");
SNIPPET("sse", "movups " D "+1(%rip), %xmm0\n movaps " D "+16(%rip), %xmm9\n paddd " D "+32(%rip), %xmm0\n pshufd $0x1b, " D "+48(%rip), %xmm1\n shufps $0x39, " D "+64(%rip), %xmm9\n cvtsi2sdq " D "+80(%rip), %xmm2\n cvttsd2siq " D "+88(%rip), %rax\n pinsrw $3, " D "+96(%rip), %xmm1\n pinsrq $1, " D "+104(%rip), %xmm0\n pextrb $5, %xmm0, " D "+200(%rip)\n pextrd $2, %xmm1, " D "+204(%rip)\n movups %xmm0, " D "+209(%rip)\n movntps %xmm9, " D "+240(%rip)\n palignr $7, " D "+16(%rip), %xmm9\n movq %xmm9, " D "+260(%rip)\n movhps %xmm1, " D "+270(%rip)\n ucomisd " D "+16(%rip), %xmm2\n setp %bl\n cmpps $2, " D "+32(%rip), %xmm9\n roundps $1, " D "+48(%rip), %xmm2\n movups %xmm2, " D "+304(%rip)\n ldmxcsr 1f(%rip)\n stmxcsr " D "+320(%rip)\n .pushsection .rodata\n1: .long 0x1f80\n .popsection");
SNIPPET("mmx", "movq " D "+8(%rip), %mm0\n paddw " D "+16(%rip), %mm0\n pshufw $0x1b, " D "+24(%rip), %mm1\n pxor %mm1, %mm0\n movntq %mm0, " D "+32(%rip)\n movd %mm1, " D "+40(%rip)\n emms");
SNIPPET("non-temporal, fences, hints", "movnti %rax, " D "+8(%rip)\n prefetcht0 " D "+64(%rip)\n prefetchw " D "+64(%rip)\n clflush " D "+128(%rip)\n sfence\n lfence\n mfence\n nopl " D "+8(%rip)\n nopw " D "(%rip)\n movnti %edx, " D "+16(%rip)");
SNIPPET("segment bases", "xor %eax, %eax\n mov %ds:" D "+8(%rip), %rbx\n mov %ss:" D "+16(%rip), %edx\n .byte 0x3e\n add %rbx, " D "+24(%rip)\n .byte 0x26\n mov " D "+32(%rip), %r8");
SNIPPET("code as data", "mov 1f(%rip), %rax\n mov 0(%rip), %rbx\n1: mov -8(%rip), %rdx\n cmpb $0x48, 1b(%rip)\n sete %r8b\n lea 1b(%rip), %r9\n lea 0(%rip), %r10\n sub %r9, %r10");
SNIPPET("in a loop", "mov $700, %ecx\n1: add " D "+8(%rip), %rax\n addq $0x11, " D "+8(%rip)\n cmpq $0x1000, " D "+16(%rip)\n adc %rax, " D "+24(%rip)\n loop 1b");

int main(void) {
	run_snippets();
	ok("rip_relative");
}
