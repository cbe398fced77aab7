// Proves: rare instructions within blocks: far returns, far jumps and calls to the same selector, iretq, xlat, cpuid and rdtsc
// with registers live around them, xgetbv, enter, 15-byte instructions, useless prefixes, jumps into the middle of instructions.
#include "snippets.h"

SNIPPET("lretq", "lea 1f(%rip), %rax\n pushq $0x33\n push %rax\n lretq\n ud2\n1: add $1, %r8");
SNIPPET("lretq 16", "sub $32, %rsp\n lea 1f(%rip), %rax\n pushq $0x33\n push %rax\n stc\n lretq $16\n ud2\n1: setc %dl\n mov %rsp, %r9");
SNIPPET("ljmp", "lea 1f(%rip), %rax\n mov %rax, (%rsi)\n movw $0x33, 8(%rsi)\n rex.w ljmp *(%rsi)\n ud2\n1: add $1, %r8");
SNIPPET("lcall", "lea 1f(%rip), %rax\n mov %rax, (%rsi)\n movw $0x33, 8(%rsi)\n rex.w lcall *(%rsi)\n jmp 2f\n1: mov (%rsp), %rdx\n mov 8(%rsp), %rbx\n lretq\n2:");
SNIPPET("iretq", "mov %rsp, %rbx\n lea 1f(%rip), %rax\n lea -512(%rsp), %rdx\n pushq $0x2b\n push %rdx\n pushq $0x8d7\n pushq $0x33\n push %rax\n iretq\n ud2\n1: pushfq\n pop %rax\n and $0xcd5, %eax\n mov %rsp, %rdx\n mov %rbx, %rsp");
SNIPPET("iretq in a loop", "mov $50, %ecx\n1: mov %rsp, %rbx\n lea 2f(%rip), %rax\n pushq $0x2b\n push %rbx\n pushfq\n pushq $0x33\n push %rax\n add %rcx, %r8\n iretq\n2: loop 1b");
SNIPPET("selectors", "mov %cs, %eax\n mov %ss, %edx\n push %fs\n pop %rbx\n mov %ss, %ecx\n mov %ecx, %ss\n verr %ax\n setz %r8b\n xor %r9d, %r9d");
SNIPPET("xlat", "lea 256(%rsi), %rbx\n mov $7, %eax\n xlat\n xlat\n mov %rsi, %rbx\n .byte 0x67\n nop\n xlat");
SNIPPET("cmpxchg16b loop", "mov $30, %r10d\n1: mov (%rsi), %rax\n mov 8(%rsi), %rdx\n2: mov %rax, %rbx\n mov %rdx, %rcx\n add $1, %rbx\n adc $0, %rcx\n lock cmpxchg16b (%rsi)\n jnz 2b\n dec %r10d\n jnz 1b");
SNIPPET("cpuid in a block", "mov %rbx, %r14\n cmp %rax, %rdx\n mov $0, %eax\n mov $0, %ecx\n cpuid\n pushfq\n pop %r15\n and $0x8d5, %r15d\n mov %r14, %rbx\n add %r14, %r8\n push %rbx\n pop %r9");
SNIPPET("rdtsc in a loop", "mov $40, %r10d\n xor %r11d, %r11d\n1: rdtsc\n shl $32, %rdx\n or %rdx, %rax\n cmp %r11, %rax\n setb %cl\n add %cl, %r8b\n mov %rax, %r11\n dec %r10d\n jnz 1b\n xor %eax, %eax\n xor %edx, %edx\n xor %r11d, %r11d");
SNIPPET("rdtscp, flags kept", "stc\n rdtscp\n adc $0, %r8\n rdtscp\n setc %r9b\n xor %eax, %eax\n xor %edx, %edx\n xor %ecx, %ecx");
SNIPPET("xgetbv", "xor %ecx, %ecx\n stc\n xgetbv\n adc $0, %r8\n and $7, %eax");
SNIPPET("15 bytes", ".byte 0x2e,0x2e,0x2e,0x2e,0x2e,0x2e,0x2e\n addq $0x12345678, %rax\n .byte 0x66,0x66,0x66,0x66,0x66,0x66\n .byte 0x66, 0x0f, 0x1f, 0x84, 0x00, 0, 0, 0, 0\n inc %r8");
SNIPPET("useless prefixes", ".byte 0xf2\n mov %rax, %rbx\n .byte 0xf3\n add %rcx, %rdx\n .byte 0x66\n add %rax, %r8\n .byte 0x48, 0x66\n add %ebx, %edx\n .byte 0x4f, 0x40\n add %ebx, %edx\n .byte 0x3e\n jz 1f\n .byte 0x2e\n jnz 1f\n ud2\n1: .byte 0x64\n nop\n .byte 0x26, 0x36\n lea 8(%rdi), %rcx\n .byte 0x65\n lea 8(%rdi), %rdx\n .byte 0xf3, 0xf2\n xchg %rax, %r9");
SNIPPET("rip-relative with useless prefixes", ".byte 0x2e\n mov snippet_data+8(%rip), %rax\n .byte 0xf2\n add %rax, snippet_data+16(%rip)\n .byte 0x3e, 0x26\n mov snippet_data+24(%rip), %rbx\n .byte 0x66\n mov snippet_data+32(%rip), %dx\n .byte 0xf3, 0x48, 0x8b, 0x0d\n .long snippet_data+40-.-4");
SNIPPET("middle of an instruction", "mov $6, %ecx\n1: dec %ecx\n jz 2f\n lea 3f+1(%rip), %rax\n jmp *%rax\n3: mov $0x01ebd301, %edi\n nop\n inc %r8\n jmp 1b\n2:");
SNIPPET("direct into the middle", "xor %r8d, %r8d\n mov $5, %ecx\n1: cmp $3, %ecx\n je 3f+1\n3: .byte 0xb8, 0xff, 0xc2, 0x90, 0x90\n inc %r8\n dec %ecx\n jnz 1b");
SNIPPET("over a prefix", "mov (%rsi), %rax\n mov $4, %ecx\n1: test $1, %cl\n jz 2f\n .byte 0xf0\n2: add %rax, 8(%rsi)\n loop 1b");
SNIPPET("block within a block", "mov $10, %ecx\n1: add $1, %r8\n add $2, %r9\n2: add $3, %r10\n add $4, %r11\n dec %ecx\n jz 3f\n test $1, %cl\n jz 1b\n jmp 2b\n3:");
SNIPPET("jump to the next", "jmp 1f\n1: jmp 2f\n2: jz 3f\n3: jnz 4f\n4: jmp .+2\n call .+5\n pop %rax\n inc %r8");
SNIPPET("all registers live", "mov %rsp, snippet_data+8(%rip)\n lea 1f(%rip), %rsp\n mov $200, %ecx\n1: add %rax, %rbx\n xor %rbx, %rdx\n rol $3, %rdx\n lea (%rdx,%r8), %r9\n add %r10, %r11\n rol $5, %r12\n sub %r13, %r14\n adc %r14, %r15\n bswap %rax\n dec %ecx\n jz 2f\n jmp *%rsp\n2: mov snippet_data+8(%rip), %rsp");
SNIPPET("pause, fences, serialize", "pause\n mfence\n lfence\n sfence\n cpuid\n xor %eax, %eax\n xor %ebx, %ebx\n xor %ecx, %ecx\n xor %edx, %edx\n inc %r8");
SNIPPET("bit strings", "mov $-77, %rax\n bts %rax, 512(%rsi)\n setc %dl\n mov $1000, %ebx\n btr %ebx, (%rsi)\n setc %dh\n btc %bx, 256(%rsi)\n bt %rax, 512(%rsi)\n adc $0, %r8");
SNIPPET("rcl and rcr by many", "stc\n rcl $33, %rax\n rcr %cl, %rdx\n rclb $7, 9(%rsi)\n rcrw $9, 10(%rsi)\n setc %r8b\n rcl %cl, %r9d");
SNIPPET("bcd of no mode", "cbtw\n cwtl\n cltq\n cwtd\n cltd\n cqto\n movbe (%rsi), %ebx\n xchg %ah, %al\n xchg %rax, %r8\n xchg %eax, %eax\n .byte 0x41\n xchg %eax, %eax");

int main(void) {
	run_snippets();
	ok("odd");
}
