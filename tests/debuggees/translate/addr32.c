// Proves: the address-size prefix: 32-bit effective addresses that wrap, eip-relative ones, with strings, lea, jumps by memory.
// flags: -no-pie -static
#include "snippets.h"

#define D "snippet_data"
SNIPPET("register", "movabs $0xabcdef0000000000, %rax\n mov $" D "+8, %ebx\n or %rbx, %rax\n addr32 mov (%eax), %rdx\n addr32 mov %rdx, 8(%eax)\n addq $9, 16(%eax)\n lea 4(%eax,%ecx,8), %rax\n lea 4(%eax), %eax");
SNIPPET("wraps", "mov $0xfffffff8, %eax\n lea 16(%eax), %rdx\n lea 16(%eax), %edx\n lea 16(%rax), %rbx\n movabs $" D "+24, %rdx\n sub $0x7ffffff0, %edx\n mov 0x7ffffff0(%edx), %r8");
SNIPPET("eip-relative", "mov " D "+8(%eip), %rax\n mov %eax, " D "+16(%eip)\n addq $0x77, " D "+24(%eip)\n lea " D "+32(%eip), %rdx\n lea " D "+32(%eip), %ebx\n cmpl $0x1234567, " D "+40(%eip)\n setb %r8b\n pushq " D "+48(%eip)\n popq " D "+56(%eip)\n movups " D "+64(%eip), %xmm0\n movups %xmm0, " D "+80(%eip)\n imulq $1234567, " D "+96(%eip), %r9");
SNIPPET("call and jump by memory", "lea 1f(%rip), %rax\n mov %rax, " D "+8(%rip)\n lea 2f(%rip), %rdx\n mov %rdx, " D "+16(%rip)\n mov $" D ", %ebx\n bts $60, %rbx\n call *16(%ebx)\n call *" D "+16(%eip)\n jmp *" D "+8(%eip)\n ud2\n2: mov (%rsp), %r8\n ret\n1:");
SNIPPET("strings", "bts $40, %rsi\n bts $41, %rdi\n movabs $0x500000004, %rcx\n addr32 rep movsb\n addr32 lodsq\n addr32 stosl\n movabs $0x600000003, %rcx\n addr32 rep stosw");
SNIPPET("absolute", "addr32 mov " D "+8, %eax\n mov %eax, %ds:" D "+16\n mov " D "+24, %rdx\n movq $5, " D "+32\n incl " D "+40\n lea " D "+48, %rbx");
SNIPPET("fault", "mov $0x10, %eax\n bts $50, %rax\n add $3, %r8\n mov (%eax), %rdx");
SNIPPET("vex", "vmovdqu " D "+8(%eip), %ymm0\n vpaddd " D "+40(%eip), %ymm0, %ymm0\n mov $" D "+64, %eax\n bts $45, %rax\n vmovdqu %ymm0, 64(%eax)\n vzeroupper\n rorx $9, " D "+8(%eip), %rdx");

static int wants_avx2(const char *n) { return strcmp(n, "vex") == 0 && !__builtin_cpu_supports("avx2"); }

int main(void) {
	unsettled = wants_avx2;
	run_snippets();
	ok("addr32");
}
