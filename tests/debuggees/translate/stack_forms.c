// Proves: push, pop and friends in their odd forms: of rsp itself, of memory relative to rsp, 16 bits wide, enter and leave with
// nesting, xchg with rsp, rsp as a plain register, and the red zone below rsp across jumps of every kind.
#include "snippets.h"

SNIPPET("push rsp, pop rsp", "push %rsp\n mov (%rsp), %rax\n sub %rsp, %rax\n mov %rsp, %rbx\n lea 512(%rsi), %rdx\n push %rdx\n pop %rsp\n mov %rsp, %r8\n push %r9\n mov %rbx, %rsp\n pop %rcx");
SNIPPET("push 8(%rsp), pop 8(%rsp)", "push %rax\n push %rbx\n pushq 8(%rsp)\n pushq (%rsp)\n popq 8(%rsp)\n popq (%rsp)\n popq -24(%rsp)\n pop %rdx");
SNIPPET("16 bits", "pushw %ax\n pushw $0x1234\n pushw 2(%rsp)\n popw %dx\n popw 4(%rsp)\n popw %bx\n pushw %fs\n popw %cx");
SNIPPET("push of every register", "push %rax\n push %rcx\n push %rdx\n push %rbx\n push %rbp\n push %rsi\n push %rdi\n push %r8\n push %r9\n push %r10\n push %r11\n push %r12\n push %r13\n push %r14\n push %r15\n pop %rax\n pop %rcx\n pop %rdx\n pop %rbx\n pop %rbp\n pop %rsi\n pop %rdi\n pop %r8\n pop %r9\n pop %r10\n pop %r11\n pop %r12\n pop %r13\n pop %r14\n pop %r15");
SNIPPET("push of immediates", "pushq $-1\n pushq $0x7f\n pushq $0x12345678\n pushq $-0x80000000\n pushw $-2\n lea 2(%rsp), %rsp");
SNIPPET("enter and leave", "mov %rsp, %rbp\n enter $32, $0\n mov %rax, -8(%rbp)\n call 1f\n leave\n jmp 2f\n1: enter $16, $3\n mov (%rbp), %rdx\n push %rbx\n leave\n ret\n2:");
SNIPPET("xchg with rsp", "lea 512(%rsi), %rbx\n xchg %rbx, %rsp\n push %rax\n push %rdx\n call 1f\n xchg %rsp, %rbx\n jmp 2f\n1: ret\n2:");
SNIPPET("mov from (%rsp) to rsp", "mov %rsp, %rbx\n push %rbx\n sub $64, %rsp\n mov 64(%rsp), %rsp");
SNIPPET("and, lea, add on rsp", "mov %rsp, %rbx\n lea -37(%rsp), %rsp\n and $-64, %rsp\n push %rax\n add $8, %rsp\n inc %rsp\n dec %rsp\n lea (%rsp,%rcx,8), %rsp\n call 1f\n mov %rbx, %rsp\n jmp 2f\n1: ret\n2:");
SNIPPET("rsp is no stack", "mov %rsp, %rbx\n mov $3000, %ecx\n xor %esp, %esp\n1: lea 7(%rsp,%rcx), %rsp\n test $1, %cl\n jz 3f\n xor %rcx, %rsp\n3: dec %ecx\n jnz 1b\n lea 4f(%rip), %rax\n mov %rax, (%rsi)\n jmp *%rax\n ud2\n4: lea 5f(%rip), %rax\n mov %rax, 8(%rsi)\n jmp *8(%rsi)\n ud2\n5: mov %rsp, %rdx\n loop 6f\n6: mov %rbx, %rsp");
SNIPPET("rsp is zero in a loop", "mov %rsp, %rbx\n xor %esp, %esp\n mov $500, %ecx\n lea 1f(%rip), %rax\n1: add %rcx, %r8\n dec %ecx\n jz 2f\n jmp *%rax\n2: mov %rsp, %rdx\n mov %rbx, %rsp");
SNIPPET("rsp is not canonical", "mov %rsp, %rbx\n movabs $0x8000000000001234, %rsp\n lea 1f(%rip), %rax\n mov $50, %ecx\n1: rol $1, %rsp\n loop 3f\n jmp 2f\n3: jmp *%rax\n2: mov %rsp, %rdx\n mov %rbx, %rsp");
SNIPPET("unaligned stack", "mov %rsp, %rbx\n sub $3, %rsp\n call 1f\n push %rax\n pop %rdx\n movq $0, -27(%rbx)\n mov %rbx, %rsp\n jmp 2f\n1: push %rcx\n call 3f\n pop %rcx\n ret\n3: ret\n2:");
#define FILL_RED "movq %rax, -8(%rsp)\n movq %rbx, -16(%rsp)\n movq %rdx, -64(%rsp)\n movq %r8, -120(%rsp)\n movq %r9, -128(%rsp)\n movq %r10, -136(%rsp)\n movq %r11, -256(%rsp)\n"
#define READ_RED "add -8(%rsp), %r12\n add -16(%rsp), %r12\n add -64(%rsp), %r13\n add -120(%rsp), %r14\n add -128(%rsp), %r15\n add -136(%rsp), %r15\n add -256(%rsp), %r15\n"
SNIPPET("red zone, direct", FILL_RED "mov $100, %ecx\n1: addq %rcx, -8(%rsp)\n test $1, %cl\n jz 3f\n addq $3, -120(%rsp)\n3: loop 1b\n jmp 2f\n2:" READ_RED);
SNIPPET("red zone, indirect", FILL_RED "lea 1f(%rip), %rax\n mov %rax, %rbx\n mov $100, %ecx\n1: addq %rcx, -8(%rsp)\n rolq $3, -128(%rsp)\n dec %ecx\n jz 2f\n jmp *%rbx\n2:" READ_RED "mov $0, %eax\n mov $0, %ebx");
SNIPPET("red zone, table", FILL_RED "lea 1f(%rip), %rax\n lea 3f(%rip), %rbx\n mov %rax, (%rsi)\n mov %rbx, 8(%rsi)\n mov $100, %ecx\n1: addq %rcx, -8(%rsp)\n3: addq $7, -16(%rsp)\n dec %ecx\n jz 2f\n mov %ecx, %eax\n and $1, %eax\n jmp *(%rsi,%rax,8)\n2:" READ_RED);
SNIPPET("below a ret", "mov $100, %ecx\n1: call 3f\n add -16(%rsp), %r9\n add -24(%rsp), %r10\n loop 1b\n jmp 2f\n3: mov %rcx, -8(%rsp)\n mov %r8, -16(%rsp)\n ret\n2:");
SNIPPET("below a call", "mov %rax, -40(%rsp)\n mov $100, %ecx\n lea 3f(%rip), %rbx\n1: call 3f\n call *%rbx\n add -40(%rsp), %r8\n loop 1b\n jmp 2f\n3: add $1, %r10\n ret\n2: xor %ebx, %ebx");

int main(void) {
	run_snippets();
	ok("stack_forms");
}
