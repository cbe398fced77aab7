// Proves: a store into the instructions that follow it in the same block takes effect at once, as the CPU does it: the very next
// one, a later one, one before it in a loop, across a page's edge, by push, by call, by rep stos, by xadd and by movups.
#include "jit.h"

static unsigned char *p;

// The snippets get in rdi a value and in rsi their own start; they are copied into a writable page before they run.
#define SNIP(name, code) __asm__(".pushsection .rodata\n" #name ": " code "\n" #name "_end:\n.popsection"); extern const unsigned char name[], name##_end[]
SNIP(next, "mov %edi, 1f+1(%rip)\n1: mov $0, %eax\n ret");
SNIP(later, "mov %edi, 1f+1(%rip)\n xor %edx, %edx\n add $3, %edx\n lea (%rdx,%rdx), %ecx\n1: mov $0, %eax\n ret");
SNIP(byte_next, "movb %dil, 1f+1(%rip)\n1: mov $0, %al\n movzbl %al, %eax\n ret");
SNIP(opcode, "test $1, %edi\n movb $0xc0, 1f+1(%rip)\n jz 2f\n movb $0xc8, 1f+1(%rip)\n2: mov $5, %eax\n1: inc %eax\n ret"); // inc or dec
SNIP(becomes_ret, "mov $1, %eax\n movb $0xc3, 1f(%rip)\n1: nop\n mov $2, %eax\n movb $0x90, 1b(%rip)\n ret");
SNIP(loop_body, "xor %eax, %eax\n mov $20, %ecx\n1: add $1, %eax\n addb $1, 1b+2(%rip)\n dec %ecx\n jnz 1b\n movb $1, 1b+2(%rip)\n ret");
SNIP(by_rep, "mov %edi, %eax\n lea 1f+1(%rip), %rdi\n mov $4, %ecx\n rep stosb\n1: mov $0, %eax\n ret");
SNIP(by_xadd, "mov %edi, %edx\n lock xadd %edx, 1f+1(%rip)\n1: mov $0, %eax\n sub %eax, %edx\n mov %eax, %ecx\n movl $0, 1b+1(%rip)\n ret");
SNIP(by_movups, "movups 2f(%rip), %xmm0\n movups %xmm0, 1f(%rip)\n1: .skip 16, 0x90\n mov $9, %eax\n ret\n2: mov $77, %eax\n ret\n .skip 10, 0xcc");
SNIP(two_calls, "push %rbx\n xor %ebx, %ebx\n mov %edi, 3f+1(%rip)\n call 3f\n add %eax, %ebx\n incl 3f+1(%rip)\n call 3f\n add %ebx, %eax\n pop %rbx\n ret\n3: mov $0, %eax\n ret");

static int run(const unsigned char *from, const unsigned char *end, size_t offset, int x) {
	memcpy(p + offset, from, end - from);
	return call1(p + offset, x);
}
#define RUN(name, x) run(name, name##_end, offset, x)

int main(void) {
	p = code_pages(3, RWX);
	uint64_t sum = 0;
	size_t offsets[] = {0, 64, 4096 - 3, 4096 - 9, 4096 - 11, 4096 - 16, 4096 - 24};
	for (int k = 0; k < 7; k++) {
		size_t offset = offsets[k];
		for (int i = 1; i < 12; i++) {
			int x = i * 0x01010101;
			CHECK(RUN(next, x) == x);
			CHECK(call1(p + offset, x + 1) == x + 1);
			CHECK(RUN(later, x) == x);
			CHECK(RUN(byte_next, i) == i);
			CHECK(RUN(opcode, i) == (i % 2 ? 4 : 6));
			CHECK(call1(p + offset, i + 1) == (i % 2 ? 6 : 4));
			CHECK(RUN(becomes_ret, i) == 1);
			sum = sum * 3 + RUN(loop_body, i);
			CHECK(call1(p + offset, i) == call1(p + offset, i));
			CHECK(RUN(by_rep, i) == i * 0x01010101);
			CHECK(RUN(by_xadd, x) == x);
			CHECK(RUN(by_movups, i) == 77);
			CHECK(RUN(two_calls, x) == 2 * x + 1);
			CHECK(call1(p + offset, i) == 2 * i + 1);
		}
		mix(sum), witness();
		printf("at %zu: %016lx\n", offset, sum);
	}
	ok("smc_next");
}
