// Proves: the pointer to the last x87 instruction, as fnstenv, fnsave, fxsave64 and xsave store it, lies in the program's own
// function (or is 0, on CPUs that keep it only after errors), and the pointer to its operand is the program's.
#include "../debuggee.h"

static struct { uint16_t words[14]; } environment;
static unsigned char image[4096] __attribute__((aligned(64)));
static double operand = 2.5;

#define FUNCTION(name, store)                                                                                          \
	void name(void *);                                                                                              \
	extern const char name##_at[], name##_end[];                                                                    \
	__asm__(".text\n" #name ": fninit\n fldl operand(%rip)\n" #name "_at: faddl operand(%rip)\n mov %rdi, %rsi\n " store "\n fninit\n ret\n" #name "_end:\n")
FUNCTION(by_fnstenv, "fnstenv (%rdi)");
FUNCTION(by_fnsave, "fnsave (%rdi)");
FUNCTION(by_fxsave, "fxsave64 (%rdi)");
FUNCTION(by_fxsave_later, "xor %eax, %eax\n push %rax\n call 1f\n jmp 2f\n1: ret\n2: pop %rax\n fxsave64 (%rdi)");
FUNCTION(by_xsave, "mov $7, %eax\n xor %edx, %edx\n xsave64 (%rdi)");
FUNCTION(by_xsavec, "mov $7, %eax\n xor %edx, %edx\n xsavec64 (%rdi)");
FUNCTION(restored, "fxsave64 (%rdi)\n fninit\n fxrstor64 (%rdi)\n fxsave64 (%rdi)");

static void see(const char *name, uint64_t pc, uint64_t data, const char *at, unsigned bits) {
	uint64_t mask = bits == 64 ? ~0ul : (1ul << bits) - 1;
	const char *places[] = {"elsewhere", "own", "none"};
	int in_place = pc == ((uint64_t)at & mask), own = data == ((uint64_t)&operand & mask);
	printf("%s: pc %s, operand %s\n", name, places[pc == 0 ? 2 : in_place], places[data == 0 ? 2 : own]);
	mix(pc), mix(data);
}

static void see_image(const char *name, const char *at) {
	uint64_t pc, data;
	memcpy(&pc, image + 8, 8), memcpy(&data, image + 16, 8);
	see(name, pc, data, at, 64);
}

int main(void) {
	for (int round = 0; round < 3; round++) {
		uint32_t pc, data;
		by_fnstenv(&environment);
		memcpy(&pc, &environment.words[6], 4), memcpy(&data, &environment.words[10], 4);
		see("fnstenv", pc, data, by_fnstenv_at, 32);
		by_fnsave(image);
		memcpy(&pc, image + 12, 4), memcpy(&data, image + 20, 4);
		see("fnsave", pc, data, by_fnsave_at, 32);
		by_fxsave(image), see_image("fxsave64", by_fxsave_at);
		by_fxsave_later(image), see_image("fxsave64 after a call", by_fxsave_later_at);
		restored(image), see_image("fxrstor64", restored_at);
		unsigned a, b, c, d;
		__asm__ volatile("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "0"(1), "2"(0));
		if (c >> 27 & 1) memset(image, 0, sizeof image), by_xsave(image), see_image("xsave64", by_xsave_at);
		__asm__ volatile("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "0"(13), "2"(1));
		if (a >> 1 & 1) memset(image, 0, sizeof image), by_xsavec(image), see_image("xsavec64", by_xsavec_at);
		witness();
	}
	ok("x87_pointer");
}
