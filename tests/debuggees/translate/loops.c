// Proves: loop, loope, loopne, jrcxz and jecxz, forwards and backwards, with 64-bit and 32-bit counters; they keep the flags.
#include "snippets.h"

SNIPPET("loop", "mov $1000, %rcx\n1: add %rcx, %rax\n rol %rax\n loop 1b");
SNIPPET("loop, flags kept", "mov $64, %rcx\n clc\n1: adc (%rsi,%rcx,8), %rax\n loop 1b\n setc %dl");
SNIPPET("loop to itself", "mov $5000, %ecx\n1: loop 1b");
SNIPPET("loop forwards", "mov $3, %ecx\n loop 1f\n ud2\n1: loop 2f\n ud2\n2: loop 3f\n mov $9, %edx\n jmp 4f\n3: ud2\n4:");
SNIPPET("loop from 0 goes on", "xor %ecx, %ecx\n loop 1f\n ud2\n1: mov %rcx, %rdx");
SNIPPET("loope", "mov $4000, %ecx\n mov %rsi, %rdx\n1: inc %rdx\n cmpb $0xff, (%rdx)\n .byte 0x2e\n loopne 1b\n pushfq\n pop %rax");
SNIPPET("loopne to the end", "mov $100, %ecx\n1: cmp $101, %rcx\n loopne 1b\n pushfq\n pop %rax");
SNIPPET("loope to the end", "mov $100, %ecx\n1: cmp %rcx, %rcx\n loope 1b\n pushfq\n pop %rax");
SNIPPET("loope broken", "mov $100, %ecx\n1: cmp $50, %rcx\n setg %dl\n test %edx, %edx\n cmp $0, %dl\n loopne 1b\n mov $7, %ecx\n test %edx, %edx\n loope 1b\n mov %ecx, %ebx");
SNIPPET("loop with ecx", "movabs $0xffffffff00000040, %rcx\n1: add %rcx, %rax\n rol %rax\n addr32 loop 1b");
SNIPPET("loopne with ecx", "movabs $0x100000001, %rcx\n cmp %rax, %rbx\n addr32 loopne 1f\n mov $1, %edx\n jmp 2f\n1: mov $2, %edx\n2:");
SNIPPET("jrcxz taken", "xor %ecx, %ecx\n stc\n jrcxz 1f\n ud2\n1: adc $0, %rax");
SNIPPET("jrcxz not taken", "movabs $0x100000000, %rcx\n stc\n jrcxz 1f\n adc $0, %rax\n jmp 2f\n1: ud2\n2:");
SNIPPET("jrcxz backwards", "mov $9, %ecx\n jmp 2f\n1: mov $1, %edx\n jmp 3f\n2: dec %rcx\n add %rcx, %r8\n jrcxz 1b\n jmp 2b\n3:");
SNIPPET("jecxz taken", "movabs $0x100000000, %rcx\n std\n jecxz 1f\n ud2\n1: pushfq\n pop %rax\n cld");
SNIPPET("jecxz not taken", "mov $0x80000000, %ecx\n jecxz 1f\n mov $3, %edx\n jmp 2f\n1: ud2\n2:");
SNIPPET("jecxz backwards", "movabs $0xabc00000009, %rcx\n jmp 2f\n1: mov $1, %edx\n jmp 3f\n2: sub $1, %rcx\n add %rcx, %r8\n jecxz 1b\n jmp 2b\n3:");
SNIPPET("all flags over loops", "mov $8, %ecx\n1: mov $0xd7, %ah\n xor %cl, %ah\n sahf\n loop 2f\n jmp 3f\n2: jrcxz 3f\n jecxz 3f\n lahf\n add %ah, (%rsi,%rcx)\n jmp 1b\n3:");
SNIPPET("dec and jnz", "mov $3000, %rcx\n clc\n1: rcl $1, %rax\n dec %rcx\n jnz 1b\n setc %dl");
SNIPPET("nested", "mov $40, %ecx\n1: push %rcx\n mov $50, %ecx\n2: add %rcx, %r8\n rol %r8\n loop 2b\n pop %rcx\n loop 1b");

int main(void) {
	run_snippets();
	ok("loops");
}
