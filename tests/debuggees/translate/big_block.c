// Proves: basic blocks of 10,000 instructions and more, over many pages: straight arithmetic, stores, with a system call, a fault or a
// trap in the middle, entered at the start and in the middle; and 3,000 tiny blocks in a row.
#include "../debuggee.h"

uint64_t straight(uint64_t, uint64_t *), stores(uint64_t, uint64_t *), interrupted(uint64_t, uint64_t *), ladder(uint64_t, uint64_t *), compares(uint64_t, uint64_t *);
__asm__(".text\n"
        "straight: mov %rdi, %rax\n mov $7, %ecx\n.rept 3000\n lea 3(%rax,%rcx), %rax\n rol $5, %rax\n xor %rcx, %rax\n add $1, %ecx\n.endr\n ret\n"
        "stores: mov %rdi, %rax\n.rept 2500\n imul $31, %rax, %rax\n add %rax, (%rsi)\n inc %rax\n mov %rax, 8(%rsi)\n.endr\n add (%rsi), %rax\n ret\n"
        "interrupted: mov %rdi, %r8\n mov %rsi, %r9\n.rept 40\n.rept 60\n lea (%r8,%r8,2), %r8\n add $5, %r8\n.endr\n mov $39, %eax\n syscall\n cmp %rax, (%r9)\n sete %al\n movzbl %al, %eax\n add %rax, %r8\n.endr\n mov %r8, %rax\n ret\n"
        "ladder: mov %rdi, %rax\n.rept 3000\n add $3, %rax\n test $4, %al\n jz .+6\n xor $0x55, %rax\n.endr\n ret\n"
        "compares: mov %rdi, %rax\n xor %ecx, %ecx\n.rept 1500\n add %rax, %rax\n adc $3, %rax\n cmp %rdi, %rax\n sbb $0, %rax\n setp %cl\n.endr\n add %rcx, %rax\n ret\n");

int main(void) {
	uint64_t memory[4] = {1, 2, 3, 4}, sum = 0, pid = getpid();
	for (uint64_t i = 0; i < 30; i++) {
		sum = sum * 31 + straight(i, memory);
		sum = sum * 31 + stores(i, memory);
		sum = sum * 31 + interrupted(i, &pid);
		sum = sum * 31 + ladder(i, memory);
		sum = sum * 31 + (compares(i, memory) & ~0xff00ul);
		// into the middle: every instruction group of `straight` is 5 + 4 + 3 + 3 bytes long
		uint64_t r = i;
		const char *to = (const char *)straight + 8 + 15 * (i * 97 % 2990);
		__asm__ volatile("call *%1" : "+a"(r) : "r"(to), "c"(9) : "memory", "cc");
		sum = sum * 31 + r;
		mix(sum);
		if (i % 10 == 0) witness();
	}
	printf("%016lx\n", sum);
	ok("big_block");
}
