// Proves: a load, store, push, pop, call, ret or string instruction that faults in the middle of a block leaves all registers,
// flags and memory as they were before it: every operand position, partial string operations, rip-relative, lock, SSE, divide.
// flags: -no-pie
#include "snippets.h"
#include <sys/mman.h>

char locked_page[4096] __attribute__((aligned(4096))), after_it[4096] __attribute__((aligned(4096)));

// Around the instruction that faults: work before it, and work after it that must not have begun.
#define FAULT(code) SNIPPET(code, "add %rbx, %r8\n lea (%r9,%r10), %r11\n cmp %rdx, %rax\n mov %r8, 64(%rsi)\n push %r12\n mov %rsi, %r14\n xor %edi, %edi\n mov $8, %ecx\n" \
                                  "lea 4(%rdi), %r13\n add $-1, %r15\n" code "\n mov %r9, 128(%rsi)\n xor %eax, %eax\n pop %r12\n")
FAULT("mov (%rdi), %rax");
FAULT("mov %rax, (%rdi)");
FAULT("mov %rdi, (%rdi)");
FAULT("mov (%rdi), %rdi");
FAULT("addq $5, 8(%rdi)");
FAULT("add 8(%rdi), %rsi");
FAULT("lock xadd %rax, (%rdi)");
FAULT("xchg %rax, (%rdi)");
FAULT("lock cmpxchg %rbx, (%rdi)");
FAULT("lock cmpxchg16b (%rdi)");
FAULT("cmp %rax, (%rdi,%rcx,8)");
FAULT("test %al, 0x7f(%rdi)");
FAULT("incl -8(%rdi)");
FAULT("sete (%rdi)");
FAULT("cmovz (%rdi), %rax");
FAULT("cmovnz (%rdi), %rax");
FAULT("shlq %cl, (%rdi)");
FAULT("mulq (%rdi)");
FAULT("divq (%rdi)");
FAULT("movups (%rdi), %xmm0");
FAULT("movaps 1(%rsi), %xmm0");
FAULT("movups %xmm0, (%rdi)");
FAULT("fldl (%rdi)");
FAULT("fstpl (%rdi)");
FAULT("fnsave (%rdi)");
FAULT("fxsave64 (%rdi)");
FAULT("movdqu locked_page(%rip), %xmm3");
FAULT("mov locked_page+8(%rip), %rax");
FAULT("movl $7, locked_page+8(%rip)");
FAULT("cmpb $7, locked_page+8(%rip)");
FAULT("mov locked_page+4092(%rip), %rax");
FAULT("pushq (%rdi)");
FAULT("pushq locked_page(%rip)");
FAULT("popq (%rdi)");
FAULT("popq locked_page(%rip)");
FAULT("call *(%rdi)");
FAULT("jmp *(%rdi)");
FAULT("call *locked_page(%rip)");
FAULT("jmp *locked_page(%rip)");
FAULT("call *8(%rdi,%rcx,2)");
FAULT("mov %rdi, %rsp; push %rax");
FAULT("mov %rdi, %rsp; pushq $77");
FAULT("mov %rdi, %rsp; pop %rax");
FAULT("mov %rdi, %rsp; pushfq");
FAULT("mov %rdi, %rsp; popfq");
FAULT("mov %rdi, %rsp; call 1f; 1:");
FAULT("mov %rdi, %rsp; lea 1f(%rip), %rax; call *%rax; 1:");
FAULT("mov %rdi, %rsp; ret");
FAULT("mov %rdi, %rsp; ret $8");
FAULT("mov %rdi, %rbp; leave");
FAULT("mov %rdi, %rsp; enter $8, $0");
FAULT("movabs $0x8000000000000000, %rsp; push %rax");
FAULT("movabs $0x8000000000000000, %rsp; call 1f; 1:");
FAULT("movabs $0x8000000000000000, %rsp; ret");
FAULT("movabs $0x8000000000000000, %rdi; mov (%rdi), %rax");
FAULT("movabs $0x8000000000000000, %rbp; mov %rax, (%rbp)");
FAULT("movabs 0x123456789, %rax");
FAULT("movabs %al, 0x123456789");
FAULT("lodsq; mov %rdi, %rsi; lodsq");
FAULT("stosq");
FAULT("movsb");
FAULT("scasl");
FAULT("cmpsw");
FAULT("xlat");
FAULT("lea locked_page-20(%rip), %rdi; mov $40, %ecx; rep stosb");
FAULT("lea locked_page-20(%rip), %rdi; mov $40, %ecx; rep movsb");
FAULT("lea locked_page-16(%rip), %rdi; mov $5, %ecx; rep movsq");
FAULT("lea locked_page-20(%rip), %rdi; mov $40, %ecx; mov $0x99, %al; repne scasb");
FAULT("lea after_it+20(%rip), %rdi; mov $40, %ecx; std; rep stosb");
FAULT("xor %ecx, %ecx; rep stosb");
FAULT("mov %ss:(%rdi), %eax");
FAULT("mov %gs:0x10, %eax");
FAULT("maskmovdqu %xmm1, %xmm0");
FAULT("movnti %rax, (%rdi)");
FAULT("prefetcht0 (%rdi)");
FAULT("ldmxcsr (%rdi)");
FAULT("stmxcsr (%rdi)");
FAULT("cmpl $0, (%rdi); jz 1f; 1:");
FAULT("bts %rax, (%rdi)");
FAULT("movbe (%rdi), %rax");
FAULT("xrstor (%rdi)");

static int normal(const char *name) { // what lies before locked_page is normal data, to be filled anew each time
	return memset(after_it, 0, sizeof after_it), name == NULL;
}

int main(void) {
	CHECK(mprotect(locked_page, sizeof locked_page, PROT_NONE) == 0);
	unsettled = normal;
	run_snippets();
	ok("faults_data");
}
