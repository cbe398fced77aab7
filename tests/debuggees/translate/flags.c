// Proves: the flags live across calls, returns, direct and indirect jumps, loops and ends of blocks, arithmetic ones and the
// direction flag, with lahf, sahf, pushf and popf on either side.
#include "snippets.h"

// Runs a transfer of control between setting all six flags to each of 64 values and reading them.
#define ACROSS(name, code)                                                                                                   \
	SNIPPET(name, "xor %r15d, %r15d\n"                                                                                    \
	              "60: mov %r15d, %eax\n mov %eax, %edx\n and $1, %eax\n mov %edx, %ebx\n and $2, %ebx\n lea (%rax,%rbx,2), %eax\n" \
	              "mov %edx, %ebx\n and $4, %ebx\n lea (%rax,%rbx,4), %eax\n mov %edx, %ebx\n and $0x18, %ebx\n lea (%rax,%rbx,8), %eax\n" \
	              "and $0x20, %edx\n shl $6, %edx\n or %edx, %eax\n push %rax\n popfq\n"                                     \
	              "jmp 61f\n 61:\n" code "\n 70: pushfq\n pop %rdx\n and $0xcd5, %edx\n xor %rax, %rdx\n or %rdx, %r8\n"    \
	              "mov %dl, (%rsi,%r15)\n inc %r15d\n cmp $64, %r15d\n jne 60b\n jmp 71f\n 50: ret\n 51: jmp *%rcx\n 52: nop\n ret $8\n 53: jmp 50b\n 71:")

ACROSS("call and ret", "call 50f");
ACROSS("call and jump to ret", "call 53f");
ACROSS("ret with a count", "push %rbp\n call 52f");
ACROSS("call by register", "lea 50f(%rip), %rcx\n call *%rcx");
ACROSS("call by memory", "lea 50f(%rip), %rcx\n mov %rcx, 512(%rsi)\n call *512(%rsi)");
ACROSS("call by rip-relative", "lea 50f(%rip), %rcx\n mov %rcx, 512+snippet_data(%rip)\n call *512+snippet_data(%rip)");
ACROSS("call by stack", "lea 50f(%rip), %rcx\n push %rcx\n call *(%rsp)\n pop %rcx");
ACROSS("jump by register", "lea 62f(%rip), %rcx\n jmp *%rcx\n ud2\n 62:");
ACROSS("jump by memory", "lea 62f(%rip), %rcx\n mov %rcx, -16(%rsp)\n jmp *-16(%rsp)\n ud2\n 62:");
ACROSS("push and ret", "lea 62f(%rip), %rcx\n push %rcx\n ret\n ud2\n 62:");
ACROSS("there and back by jumps", "lea 62f(%rip), %rcx\n jmp 51f\n 62:");
ACROSS("call and pop", "call 62f\n 62: pop %rcx");
ACROSS("jcc taken or not", "jz 62f\n jc 63f\n 62: js 63f\n jo 64f\n 63: jp 64f\n 64:");
ACROSS("loops", "mov $3, %ecx\n 62: loop 62b\n jrcxz 63f\n ud2\n 63:");
ACROSS("many nops", ".skip 5000, 0x90");
ACROSS("cmov, set, lea, mov, push", "cmovc %rbx, %rcx\n seto %cl\n push %rcx\n pop %rbx\n bswap %rbx\n not %rbx\n lea 5(%rbx,%rcx), %rcx");
ACROSS("a ladder of jumps", "call 62f\n call 62f\n call 62f\n jmp 64f\n 62: call 63f\n 63: ret\n 64:");
ACROSS("mulx, rorx, shlx", "mov %rax, %r10\n mulx %rdx, %rcx, %rbx\n rorx $5, %rbx, %rcx\n shlx %rbx, %rcx, %rbx\n mov %r10, %rax");

SNIPPET("stc, call, jc", "stc\n call 1f\n jc 2f\n ud2\n1: jnc 3f\n ret\n3: ud2\n2: mov $1, %eax");
SNIPPET("carry returned", "mov $20, %ecx\n1: call 3f\n adc $0, %r8\n loop 1b\n jmp 2f\n3: bt $1, %ecx\n ret\n2:");
SNIPPET("carry through a table", "lea 5f(%rip), %rax\n lea 6f(%rip), %rdx\n mov %rax, (%rsi)\n mov %rdx, 8(%rsi)\n mov $30, %ecx\n"
                                "1: mov %ecx, %eax\n and $1, %eax\n bt $2, %ecx\n jmp *(%rsi,%rax,8)\n5: adc $1, %r8\n jmp 7f\n6: sbb $2, %r8\n7: loop 1b");
SNIPPET("compare before a call", "mov $20, %ecx\n1: cmp $10, %rcx\n call 3f\n ja 4f\n jb 5f\n mov $77, %r9\n jmp 6f\n4: inc %r10\n jmp 6f\n5: dec %r11\n6: loop 1b\n jmp 2f\n3: lea 1(%r8), %r8\n ret\n2:");
SNIPPET("direction flag", "std\n call 1f\n movsb\n lea 2f(%rip), %rax\n jmp *%rax\n1: lodsb\n ret\n2: stosb\n mov $3, %ecx\n3: movsq\n loop 3b\n rep stosw\n pushfq\n pop %rax\n cld");
SNIPPET("lahf, sahf", "mov $0x1234, %eax\n mov $256, %ecx\n1: mov %cl, %ah\n sahf\n mov $0, %ah\n call 3f\n lahf\n mov %ah, (%rsi,%rcx)\n loop 1b\n jmp 2f\n3: ret\n2:");
SNIPPET("pushf in a callee", "call 1f\n cmp $5, %rcx\n call 1f\n sub %r8, %r9\n call 1f\n add %r8, %r8\n call 1f\n jmp 2f\n1: pushfq\n pop %rax\n and $0xcd5, %eax\n rol $12, %r15\n xor %rax, %r15\n ret\n2:");
SNIPPET("popf in a callee", "mov $3, %ecx\n1: pushq $0x895\n call 4f\n setc %al\n seto %ah\n setp %dl\n sets %dh\n setz %bl\n loop 1b\n jmp 2f\n4: pop %r10\n popfq\n jmp *%r10\n2:");
SNIPPET("pushfw, popfw", "stc\n pushfw\n clc\n popfw\n setc %al\n pushfw\n popw %dx\n and $0xcd5, %edx");
SNIPPET("cmc, clc, stc ladder", "mov $50, %ecx\n clc\n1: jc 2f\n stc\n jmp 3f\n2: cmc\n rcl %r8\n jmp 4f\n3: rcr %r9\n4: dec %ecx\n jnz 1b");
SNIPPET("id flag", "pushfq\n pop %rax\n xor $0x200000, %eax\n push %rax\n popfq\n call 1f\n jmp 2f\n1: pushfq\n pop %rdx\n ret\n2: and $0x200cd5, %eax\n and $0x200cd5, %edx\n pushfq\n andl $~0x200000, (%rsp)\n popfq");
SNIPPET("nested task flag", "pushfq\n orl $0x4000, (%rsp)\n popfq\n pushfq\n pop %rax\n and $0x4000, %eax\n pushfq\n andl $~0x4000, (%rsp)\n popfq");
SNIPPET("iopl does not change", "pushfq\n orl $0x3000, (%rsp)\n popfq\n pushfq\n pop %rax\n and $0x3000, %eax");
SNIPPET("interrupt flag neither", "pushfq\n andl $~0x200, (%rsp)\n popfq\n pushfq\n pop %rax\n and $0x10200, %eax");
SNIPPET("rf reads as 0", "pushfq\n orl $0x10000, (%rsp)\n popfq\n pushfq\n pop %rax\n and $0x10000, %eax");

static int wants_bmi2(const char *name) { return strstr(name, "rorx") != NULL && !__builtin_cpu_supports("bmi2"); }

int main(void) {
	unsettled = wants_bmi2;
	run_snippets();
	snippet_flags = 0x202 | 0x8d5; // and again with all of them set at the start
	run_snippets();
	ok("flags");
}
