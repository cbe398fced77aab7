// Proves: control that goes to a bad place faults there, at the place and with the registers of the program: call, jmp and ret to
// null, unmapped, non-canonical, kernel and non-executable addresses, by register, memory, stack and displacement.
// flags: -no-pie
#include "snippets.h"
#include <sys/mman.h>

#define WORK "add %rbx, %r8\n push %r9\n cmp %rdx, %rax\n lea 9(%r8), %r10\n"
#define TO(what, place)                                                                                     \
	SNIPPET("call *%rax to " what, WORK place ", %rax\n call *%rax\n ud2");                              \
	SNIPPET("call *%r15 to " what, WORK place ", %r15\n call *%r15\n ud2");                              \
	SNIPPET("call *mem to " what, WORK place ", %rax\n mov %rax, 8(%rsi)\n call *8(%rsi)\n ud2");         \
	SNIPPET("jmp *%rax to " what, WORK place ", %rax\n jmp *%rax\n ud2");                                \
	SNIPPET("jmp *mem to " what, WORK place ", %rax\n mov %rax, snippet_data+8(%rip)\n jmp *snippet_data+8(%rip)\n ud2"); \
	SNIPPET("ret to " what, WORK place ", %rax\n push %rax\n ret\n ud2");                                \
	SNIPPET("ret 8 to " what, WORK place ", %rax\n push %rax\n ret $8\n ud2");                           \
	SNIPPET("changed return to " what, WORK place ", %rax\n call 1f\n ud2\n1: mov %rax, (%rsp)\n ret\n ud2")
TO("null", "mov $0");
TO("one", "mov $1");
TO("unmapped", "movabs $0x123456789000");
TO("non-canonical", "movabs $0x8000000000000000");
TO("kernel", "movabs $0xffffffff81000000");
TO("data", "mov $snippet_data+16");
TO("stack", "mov $snippet_stack+16");
TO("beyond the end", "movabs $0x7ffffffff000");
SNIPPET("jmp to the far", "jmp .-0x300000");
SNIPPET("call to the far", WORK "call .-0x300000\n ud2");
SNIPPET("jcc to the far", "cmp %rax, %rax\n inc %r8\n cmp %rax, %rax\n je .-0x300000\n ud2");
SNIPPET("jcc not to the far", "cmp %rax, %rax\n jne .-0x300000\n inc %r8");
SNIPPET("far away and caught", "mov $4, %ecx\n1: dec %ecx\n jz 2f\n call 3f\n jmp 1b\n3: ret\n2: xor %eax, %eax\n jmp *%rax");
SNIPPET("iretq to null", "mov %rsp, %rax\n pushq $0x2b\n push %rax\n pushfq\n pushq $0x33\n pushq $0\n iretq");
SNIPPET("iretq non-canonical", "mov %rsp, %rax\n movabs $0x8000000000000000, %rbx\n pushq $0x2b\n push %rax\n pushfq\n pushq $0x33\n push %rbx\n iretq");
SNIPPET("iretq to a bad selector", "mov %rsp, %rax\n lea 1f(%rip), %rbx\n pushq $0x2b\n push %rax\n pushfq\n pushq $0x1233\n push %rbx\n iretq\n1:");
SNIPPET("lretq to a bad selector", "lea 1f(%rip), %rbx\n pushq $0x1233\n push %rbx\n lretq\n1:");
SNIPPET("ljmp to a bad selector", "movq $0, (%rsi)\n movw $0x1233, 8(%rsi)\n rex.w ljmp *(%rsi)\n1:");

int main(void) {
	run_snippets();
	ok("faults_control");
}
