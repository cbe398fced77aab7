// Proves: all sixteen conditions over all 64 states of CF, PF, AF, ZF, SF and OF: jcc in both lengths and directions, setcc to
// register and memory, cmovcc of 16, 32 (which clears the upper half in any case) and 64 bits, from register and memory.
#include "../debuggee.h"

// Each condition's function takes flags and a place for a byte, and returns a bit for each form that saw the condition.
#define EACH(x) x(o) x(no) x(b) x(ae) x(e) x(ne) x(be) x(a) x(s) x(ns) x(p) x(np) x(l) x(ge) x(le) x(g)
#define DEFINE(cc)                                                                                                     \
	uint64_t see_##cc(uint64_t flags, unsigned char *byte);                                                         \
	__asm__("see_" #cc ": push %rbx\n mov $-1, %r8\n mov $1, %r9\n xor %r10d, %r10d\n mov $-1, %r11\n"               \
	        "mov $0x7fffffffffff, %rdx\n xor %eax, %eax\n mov $5, %ecx\n push %rdi\n push $1\n popfq\n popfq\n"      \
	        "j" #cc " 1f\n jmp 2f\n"                                                                                \
	        "3: lea 4(%rax), %rax\n jmp 4f\n"                                                                       \
	        "1: lea 1(%rax), %rax\n"                                                                                \
	        "2: j" #cc ".d32 5f\n jmp 6f\n .skip 200, 0xcc\n"                                                       \
	        "5: lea 2(%rax), %rax\n"                                                                                \
	        "6: j" #cc " 3b\n"                                                                                      \
	        "4: set" #cc " %r10b\n set" #cc " (%rsi)\n cmov" #cc " %r9, %r8\n cmov" #cc " %r9d, %r11d\n"             \
	        "cmov" #cc " %cx, %dx\n mov %rsp, %rbx\n pushfq\n cmov" #cc " -8(%rbx), %rbx\n pop %rcx\n"               \
	        "xor %rdi, %rcx\n and $0x8d5, %ecx\n shl $20, %rcx\n or %rcx, %rax\n" /* the flags are still the same */ \
	        "cmp %rsp, %rbx\n setne %cl\n movzbl %cl, %ecx\n shl $3, %ecx\n or %rcx, %rax\n"                         \
	        "shl $4, %r10\n or %r10, %rax\n"                                                                        \
	        "and $2, %r8d\n xor $2, %r8d\n shl $4, %r8\n or %r8, %rax\n"                                             \
	        "mov %r11, %rcx\n shr $32, %rcx\n shl $40, %rcx\n or %rcx, %rax\n" /* the upper half is 0 */             \
	        "and $2, %r11d\n xor $2, %r11d\n shl $5, %r11\n or %r11, %rax\n"                                         \
	        "movabs $0x7fffffff0000, %rcx\n movzwl %dx, %r8d\n xor %rdx, %rcx\n xor %r8, %rcx\n shl $50, %rcx\n or %rcx, %rax\n" \
	        "cmp $5, %r8d\n sete %cl\n movzbl %cl, %ecx\n shl $7, %ecx\n or %rcx, %rax\n"                            \
	        "pop %rbx\n ret\n");
EACH(DEFINE)

#define ENTRY(cc) {#cc, see_##cc},
static const struct { const char *name; uint64_t (*see)(uint64_t, unsigned char *); } conditions[16] = {EACH(ENTRY)};

static int expected(int k, uint64_t f) {
	int c = f & 1, p = f >> 2 & 1, z = f >> 6 & 1, s = f >> 7 & 1, o = f >> 11 & 1;
	int base[] = {o, c, z, c | z, s, p, s ^ o, z | (s ^ o)};
	return base[k / 2] ^ (k & 1);
}

int main(void) {
	for (int k = 0; k < 16; k++) {
		uint64_t sum = 0;
		for (int round = 0; round < 8; round++)
			for (uint64_t bits = 0; bits < 64; bits++) {
				uint64_t f = 2 | (bits & 1) | (bits >> 1 & 1) << 2 | (bits >> 2 & 1) << 4 | (bits >> 3 & 1) << 6 | (bits >> 4 & 1) << 7 | (bits >> 5 & 1) << 11;
				unsigned char byte = 9;
				uint64_t seen = conditions[k].see(f, &byte);
				if (seen != (expected(k, f) ? 0xff : 0) || byte != expected(k, f))
					printf("%s with %lx: %lx, %d\n", conditions[k].name, f, seen, byte), sum = 1ul << 63;
				sum += byte;
			}
		printf("%-2s %lu\n", conditions[k].name, sum);
		mix(sum), witness();
	}
	ok("conditions");
}
