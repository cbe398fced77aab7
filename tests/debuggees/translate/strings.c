// Proves: movs, stos, lods, scas and cmps of every size, alone and with rep, repe, repne, forwards and backwards, with counts of
// zero, one and many, overlapping, with 32-bit addresses: registers, memory and flags.
#include "snippets.h"

#define SIZES(name, pre, op, post) \
	SNIPPET(name " b", pre op "b\n" post); SNIPPET(name " w", pre op "w\n" post); SNIPPET(name " l", pre op "l\n" post); SNIPPET(name " q", pre op "q\n" post)
#define ALL(op, rep)                                                         \
	SIZES(rep op, "cmp %rdx, %rax\n", rep " " op, "");                    \
	SIZES(rep op " 0", "xor %ecx, %ecx\n stc\n", rep " " op, "");         \
	SIZES(rep op " 1", "mov $1, %ecx\n clc\n", rep " " op, "");           \
	SIZES(rep op " 60", "mov $60, %ecx\n", rep " " op, "");               \
	SIZES(rep op " back", "add $512, %rsi\n mov $40, %ecx\n std\n", rep " " op, "cld")
ALL("movs", "rep");
ALL("stos", "rep");
ALL("lods", "rep");
ALL("movs", "");
ALL("stos", "");
ALL("lods", "");
ALL("scas", "repne");
ALL("scas", "repe");
ALL("scas", "");
ALL("cmps", "repe");
ALL("cmps", "repne");
ALL("cmps", "");
SIZES("overlap 1", "lea 1(%rsi), %rdi\n mov $100, %ecx\n", "rep movs", "");
SIZES("overlap -1", "mov %rsi, %rdi\n lea 1(%rsi), %rsi\n mov $100, %ecx\n", "rep movs", "");
SIZES("overlap back", "lea 1001(%rsi), %rdi\n add $1000, %rsi\n mov $100, %ecx\n std\n", "rep movs", "cld");
SIZES("found", "mov 17(%rdi), %rax\n mov %rax, 40(%rdi)\n mov $64, %ecx\n", "repne scas", "sete %dl\n setb %dh");
SIZES("equal", "mov %rsi, %rdi\n mov $64, %ecx\n", "repe cmps", "sete %r8b\n setb %r9b");
SIZES("ends unequal", "lea 2048(%rsi), %rdi\n mov %rdi, %rdx\n mov %rsi, %rbx\n mov $80, %ecx\n rep movsq\n mov %rdx, %rdi\n mov %rbx, %rsi\n xorb $1, 67(%rdi)\n mov $400, %ecx\n", "repe cmps", "sete %r8b\n setb %r9b");

SNIPPET("in a loop", "mov $50, %r10d\n1: mov %rsi, %r8\n mov %rdi, %r9\n mov %r10d, %ecx\n rep movsb\n mov %r8, %rsi\n mov %r9, %rdi\n addb $3, (%rsi,%r10)\n dec %r10d\n jnz 1b");
SNIPPET("strlen by scasb", "movb $0, 300(%rsi)\n lea 64(%rsi), %rdi\n xor %eax, %eax\n mov $-1, %rcx\n repne scasb\n not %rcx\n dec %rcx");
SNIPPET("flags of rep movs", "mov $9, %ecx\n cmp $10, %ecx\n rep movsb\n setb %al\n setp %ah\n sets %dl");

int main(void) {
	run_snippets();
	ok("strings");
}
