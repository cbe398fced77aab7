// Proves: every form of call and return: through registers and memory, relative to rsp, ret with a count, push and ret, call and
// pop, retpolines, returns to changed addresses; and what the program sees on its stack is the original return address.
#include "snippets.h"

SNIPPET("call", "call 1f\n jmp 2f\n1: add $3, %rax\n ret\n2:");
SNIPPET("call backwards", "jmp 2f\n1: add $3, %rax\n ret\n2: call 1b\n call 1b");
SNIPPET("ret 16", "sub $64, %rsp\n call 1f\n jmp 2f\n1: xor %r8, %rax\n ret $16\n2:");
SNIPPET("ret 0xfff0", "lea 2f(%rip), %rax\n sub $0x1000, %rsp\n push %rax\n ret $0x1000\n2: mov %rsp, %rbx");
SNIPPET("call *%rax", "lea 1f(%rip), %rax\n call *%rax\n jmp 2f\n1: mov (%rsp), %rdx\n ret\n2:");
SNIPPET("call *%rbp and %r12", "lea 1f(%rip), %rbp\n mov %rbp, %r12\n mov %rbp, %r13\n call *%rbp\n call *%r12\n call *%r13\n jmp 2f\n1: add (%rsp), %r8\n sub %rbp, %r8\n ret\n2:");
SNIPPET("call *8(%rsp)", "lea 1f(%rip), %rax\n push %rax\n push %rbx\n call *8(%rsp)\n jmp 2f\n1: mov (%rsp), %rdx\n mov 8(%rsp), %rdi\n ret\n2:");
SNIPPET("call *(%rsp)", "lea 1f(%rip), %rax\n push %rax\n call *(%rsp)\n jmp 2f\n1: mov 8(%rsp), %rdx\n ret\n2:");
SNIPPET("call *-8(%rsp)", "lea 1f(%rip), %rax\n mov %rax, -8(%rsp)\n call *-8(%rsp)\n jmp 2f\n1: mov (%rsp), %rdx\n ret\n2:");
SNIPPET("call *(rsi,rcx,8)", "lea 1f(%rip), %rax\n mov %rax, 40(%rsi)\n call *(%rsi,%rcx,8)\n jmp 2f\n1: mov (%rsp), %rdx\n ret\n2:");
SNIPPET("call *mem(%rip)", "lea 1f(%rip), %rax\n mov %rax, 40+snippet_data(%rip)\n call *40+snippet_data(%rip)\n jmp 2f\n1: mov (%rsp), %rdx\n ret\n2:");
SNIPPET("call *%rsp", "lea 1f(%rip), %rsp\n call *%rsp\n1: ud2");
SNIPPET("jmp *(%rsp)", "lea 2f(%rip), %rax\n push %rax\n jmp *(%rsp)\n ud2\n2: pop %rdx");
SNIPPET("jmp *%r11", "lea 2f(%rip), %r11\n jmp *%r11\n ud2\n2:");
SNIPPET("jmp *(r12)", "lea 2f(%rip), %rax\n mov %rsi, %r12\n mov %rsi, %r13\n mov %rax, (%r12)\n jmp *(%r12)\n ud2\n2: add %rbx, 8(%r13)");
SNIPPET("call next, pop", "call 1f\n1: pop %rax\n mov %rax, %rdx\n sub $4, %rdx");
SNIPPET("call next, ret to it", "lea 2f(%rip), %rbx\n call 1f\n1: add $1, %rdx\n cmp $7, %dl\n xchg %rbx, (%rsp)\n ret\n2: mov (%rsp), %r8");
SNIPPET("push and ret", "lea 2f(%rip), %rax\n push %rax\n ret\n ud2\n2: mov -8(%rsp), %rdx");
SNIPPET("push imm and ret", "lea 2f(%rip), %rax\n push $0x1234\n mov %rax, (%rsp)\n ret\n ud2\n2: mov -8(%rsp), %rdx");
SNIPPET("chain of rets", "lea 2f(%rip), %rax\n lea 3f(%rip), %rdx\n lea 4f(%rip), %rbx\n push %rbx\n push %rdx\n push %rax\n ret\n2: inc %r8\n ret\n3: shl %r8\n ret\n4: dec %r8");
SNIPPET("return skips", "call 1f\n .ascii \"inline text\"\n .byte 0\n jmp 2f\n1: pop %rax\n xor %edx, %edx\n3: movzbl (%rax), %ebx\n add %ebx, %edx\n inc %rax\n test %bl, %bl\n jnz 3b\n push %rax\n ret\n2:");
SNIPPET("return to the caller's", "call 1f\n jmp 2f\n1: call 3f\n ud2\n3: pop %rax\n ret\n2:");
SNIPPET("pop and jump", "call 1f\n jmp 2f\n1: pop %rax\n add $1, %r8\n jmp *%rax\n2:");
SNIPPET("tail call", "call 1f\n jmp 2f\n1: add $1, %r8\n jmp 3f\n ud2\n3: shl %r8\n ret\n2:");
SNIPPET("retpoline", "lea 5f(%rip), %r11\n call 1f\n jmp 2f\n5: mov (%rsp), %rdx\n ret\n1: call 3f\n4: pause\n lfence\n jmp 4b\n3: mov %r11, (%rsp)\n ret\n2:");
SNIPPET("retpoline with lea", "lea 5f(%rip), %r11\n call 3f\n4: pause\n lfence\n jmp 4b\n3: lea 8(%rsp), %rsp\n push %r11\n ret\n ud2\n5:");
SNIPPET("other stack", "mov %rsp, %rbx\n lea 512(%rsi), %rsp\n call 1f\n jmp 2f\n1: mov %rsp, %rax\n lea 768(%rsi), %rsp\n call 3f\n mov %rax, %rsp\n ret\n3: add $1, %r9\n ret\n2: mov %rbx, %rsp");
SNIPPET("two stacks in turns",
        "mov %rsp, %rbx\n lea 512(%rsi), %rdx\n lea 5f(%rip), %rax\n mov %rax, (%rdx)\n mov $6, %r8\n"
        "1: call 3f\n imul $3, %r9\n dec %r8\n jnz 1b\n jmp 2f\n"
        "5: add $17, %r9\n call 3f\n rol $3, %r9\n jmp 5b\n"
        "3: xchg %rsp, %rdx\n ret\n2: mov %rbx, %rsp");
SNIPPET("return address on stack", "call 1f\n jmp 2f\n1: call 3f\n ret\n3: call 4f\n ret\n4: mov (%rsp), %rax\n mov 8(%rsp), %rdx\n mov 16(%rsp), %rbx\n ret\n2:");
SNIPPET("recursion", "mov $40, %rcx\n call 1f\n jmp 2f\n1: test %rcx, %rcx\n jz 3f\n push %rcx\n dec %rcx\n call 1b\n pop %rcx\n add %rcx, %r8\n rol $1, %r8\n3: ret\n2:");
SNIPPET("mutual recursion", "mov $30, %rcx\n call 1f\n jmp 2f\n1: dec %rcx\n jz 3f\n call 4f\n add $1, %r8\n3: ret\n4: dec %rcx\n jz 3b\n call 1b\n shl %r8\n ret\n2:");
SNIPPET("leave a loop by ret", "mov $9, %rcx\n call 1f\n jmp 2f\n1: dec %rcx\n jnz 1b\n ret\n2:");
SNIPPET("call in a loop", "mov $2000, %rcx\n1: call 3f\n dec %rcx\n jnz 1b\n jmp 2f\n3: add %rcx, %r8\n ret\n2:");
SNIPPET("two callers in turns", "mov $2000, %rcx\n1: call 3f\n xor %rcx, %r8\n call 3f\n dec %rcx\n jnz 1b\n jmp 2f\n3: add %rcx, %r8\n ror $7, %r8\n ret\n2:");
SNIPPET("returns to two in turns", "mov $2000, %rcx\n lea 4f(%rip), %rax\n lea 5f(%rip), %rdx\n1: push %rax\n ret\n4: add $3, %r8\n5: xchg %rax, %rdx\n imul $7, %r8\n dec %rcx\n jnz 1b");
SNIPPET("xchg (%rsp)", "call 1f\n jmp 2f\n1: lea 3f(%rip), %rax\n xchg %rax, (%rsp)\n ret\n3: push %rax\n ret\n2:");
SNIPPET("add to (%rsp)", "call 1f\n jmp 3f\njmp 2f\n1: addq $2, (%rsp)\n ret\n3: ud2\n2:");
SNIPPET("bnd call, ret, jmp", "bnd call 1f\n bnd jmp 2f\n1: lea 3f(%rip), %rax\n bnd call *%rax\n bnd ret\n3: mov (%rsp), %rdx\n bnd ret\n2: lea 4f(%rip), %rax\n bnd jmp *%rax\n4: cmp %rax, %rdx\n bnd jne 5f\n ud2\n5:");
SNIPPET("notrack", "lea 1f(%rip), %rax\n notrack jmp *%rax\n ud2\n1: lea 2f(%rip), %rax\n mov %rax, (%rsi)\n notrack call *(%rsi)\n jmp 3f\n2: ret\n3:");
SNIPPET("rex.w call and ret", ".byte 0x48\n call 1f\n jmp 2f\n1: .byte 0x48\n ret\n2:");
SNIPPET("rep ret", "call 1f\n jmp 2f\n1: rep ret\n2:");
SNIPPET("endbr64", "lea 1f(%rip), %rax\n call *%rax\n jmp 2f\n1: endbr64\n mov (%rsp), %rdx\n ret\n2:");

int main(void) {
	run_snippets();
	ok("calls");
}
