// Proves: a program that single-steps itself with the trap flag sees every one of its instructions, once each, at their own
// addresses: over calls, returns, jumps, rep movs (each round), system calls, popf, a fault, and in generated code.
#include "snippets.h"
#include <sys/mman.h>

static const char *base;
static volatile int steps, quiet;
static uint64_t trace;
static volatile uint64_t stepped_by[16];

static void step(int s, siginfo_t *i, void *u) {
	greg_t *g = ((ucontext_t *)u)->uc_mcontext.gregs;
	if (s == SIGSEGV) {
		g[REG_RAX] = (greg_t)base, trace = trace * 31 + 11;
		return;
	}
	uint64_t at = g[REG_RIP] - (uint64_t)base, count = g[REG_RCX];
	if (count - (uint64_t)base < 4096) count -= (uint64_t)base; // a system call leaves the pc in rcx
	steps++;
	trace = (trace ^ at) * 0x9e3779b97f4a7c15u + (g[REG_EFL] & 0x8d5) + count * 3 + i->si_code;
	if (steps <= 60 && !quiet) printf(" %lx", at < 4096 ? at : 0xffff);
}

#define ON "pushfq\n orl $0x100, (%rsp)\n popfq\n"
#define OFF "pushfq\n andl $~0x100, (%rsp)\n popfq\n"
#define STEPPED(name, code) __asm__(".pushsection .text\n.p2align 4\n" #name ": push %rbx\n mov $3, %ecx\n xor %eax, %eax\n" ON code "\n" OFF "pop %rbx\n ret\n" #name "_end: .popsection"); void name(void)
STEPPED(straight, "nop\n inc %eax\n lea 3(%rax), %edx\n cmp %eax, %edx\n nop");
STEPPED(calls, "call 1f\n call 1f\n lea 1f(%rip), %rdx\n call *%rdx\n jmp 2f\n1: inc %eax\n ret\n2: push %rdx\n pop %rdx");
STEPPED(jumps, "1: dec %ecx\n jz 2f\n jmp 1b\n2: lea 3f(%rip), %rdx\n jmp *%rdx\n nop\n3: push $4\n pop %rcx\n4: loop 4b\n jrcxz 5f\n nop\n5:");
STEPPED(repeats, "lea stepped_by(%rip), %rdi\n lea stepped_by+64(%rip), %rsi\n mov $5, %ecx\n rep movsb\n mov $0, %ecx\n rep stosb\n mov $3, %ecx\n std\n rep stosb\n cld\n mov $4, %ecx\n xor %eax, %eax\n repe scasb");
STEPPED(system_calls, "mov $39, %eax\n syscall\n nop\n mov $39, %eax\n syscall\n mov $1, %ecx\n mov $1, %ecx");
STEPPED(faults, "xor %eax, %eax\n mov (%rax), %edx\n inc %ecx\n mov (%rax), %edx\n nop");
STEPPED(flags, "stc\n pushfq\n popfq\n sbb %edx, %edx\n lahf\n sahf\n pushfq\n pop %rdx\n test $0x100, %edx\n jz 1f\n inc %ecx\n1: nop");
STEPPED(selectors, "mov %ss, %edx\n mov %edx, %ss\n nop\n nop");
STEPPED(lookups, "mov $0, %eax\n cpuid\n mov $9, %ecx\n rdtsc\n mov $8, %ecx\n xor %edx, %edx");
STEPPED(many, "mov $150, %ecx\n1: call 2f\n dec %ecx\n jnz 1b\n jmp 3f\n2: add %ecx, %eax\n ret\n3:");
STEPPED(breakpoint, "nop\n int3\n nop");

int main(void) {
	struct sigaction a = {.sa_sigaction = step, .sa_flags = SA_SIGINFO};
	sigaction(SIGTRAP, &a, NULL), sigaction(SIGSEGV, &a, NULL);
	setvbuf(stdout, malloc(1 << 16), _IOFBF, 1 << 16);
#define RUN(name) base = (const char *)name, steps = 0, trace = 0, printf(#name ":"), name(), printf("; %d steps, %016lx\n", steps, trace), mix(trace), witness()
	for (int round = 0; round < 2; round++) {
		RUN(straight), RUN(calls), RUN(jumps), RUN(repeats), RUN(system_calls), RUN(faults), RUN(flags), RUN(selectors), RUN(lookups), RUN(breakpoint);
		quiet = 1;
	}
	// generated code, of which the handler's trap flag is the program's
	char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void (*generated)(void) = (void (*)(void))p;
	extern const char jumps_end[];
	memcpy(p, (const char *)jumps, jumps_end - (const char *)jumps);
	RUN(generated);
	// many steps: a loop with a call in it
	quiet = 1;
	RUN(many);
	ok("single_step");
}
