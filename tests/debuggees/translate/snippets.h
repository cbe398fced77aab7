// Runs snippets of assembly with known registers, flags and memory, and prints a line for each: what stopped it, where, and a
// checksum of all registers, flags and memory afterwards. So a snippet that is translated wrongly prints something else.
//
//   SNIPPET(name, "code")   a snippet. It ends by running to its end, or by a signal.
//   run_snippets()          runs all of them, several times each
//   unsettled(name)         may be set to a function that says that a snippet is not for this CPU
//
// At its start rsi, rbp and rdi point to the start, the middle and the end less 1 KiB of 4 KiB of data, rcx is 5, rsp points
// into a stack of its own of 8 KiB, and the other registers hold noise. Addresses of data, stack and snippets count as offsets.
#ifndef SNIPPETS_H
#define SNIPPETS_H
#include "../debuggee.h"
#include <ucontext.h>

#define SNIPPET(name, code)                                                                                               \
	__asm__(".pushsection .rodata\n9: .asciz \"" name "\"\n.popsection\n"                                              \
	        ".pushsection snippet_code, \"ax\", @progbits\n.p2align 4\n8: " code "\n7: jmp snippet_end\n.p2align 4, 0xcc\n" \
	        ".pushsection snippet_list, \"aw\", @progbits\n.quad 9b, 8b, 7b\n.popsection\n.popsection")

struct snippet {
	const char *name;
	const void *start, *end;
};
extern struct snippet __start_snippet_list[], __stop_snippet_list[];
extern char __start_snippet_code[], __stop_snippet_code[];

// rax rcx rdx rbx rsp rbp rsi rdi r8 … r15, rip, flags
enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, RIP = 16, FLAGS, registers };
static const int places[registers] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI, REG_R8,
                                      REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP, REG_EFL};

__attribute__((used)) static uint64_t snippet_in[registers], snippet_out[registers], snippet_saved;
__attribute__((used)) static char snippet_data[4096] __attribute__((aligned(4096))), snippet_stack[8192] __attribute__((aligned(4096)));
static struct { int signal, code; uint64_t address; } stopped;

void snippet_enter(void), snippet_back(void);
__asm__(".text\nsnippet_enter:\n"
        "push %rbp\n push %rbx\n push %r12\n push %r13\n push %r14\n push %r15\n mov %rsp, snippet_saved(%rip)\n"
        "push snippet_in + 136(%rip)\n popfq\n"
        "mov snippet_in + 0(%rip), %rax\n mov snippet_in + 8(%rip), %rcx\n mov snippet_in + 16(%rip), %rdx\n mov snippet_in + 24(%rip), %rbx\n"
        "mov snippet_in + 32(%rip), %rsp\n mov snippet_in + 40(%rip), %rbp\n mov snippet_in + 48(%rip), %rsi\n mov snippet_in + 56(%rip), %rdi\n"
        "mov snippet_in + 64(%rip), %r8\n mov snippet_in + 72(%rip), %r9\n mov snippet_in + 80(%rip), %r10\n mov snippet_in + 88(%rip), %r11\n"
        "mov snippet_in + 96(%rip), %r12\n mov snippet_in + 104(%rip), %r13\n mov snippet_in + 112(%rip), %r14\n mov snippet_in + 120(%rip), %r15\n"
        "jmp *snippet_in + 128(%rip)\n"
        "snippet_end:\n"
        "mov %rax, snippet_out + 0(%rip)\n mov %rcx, snippet_out + 8(%rip)\n mov %rdx, snippet_out + 16(%rip)\n mov %rbx, snippet_out + 24(%rip)\n"
        "mov %rsp, snippet_out + 32(%rip)\n mov %rbp, snippet_out + 40(%rip)\n mov %rsi, snippet_out + 48(%rip)\n mov %rdi, snippet_out + 56(%rip)\n"
        "mov %r8, snippet_out + 64(%rip)\n mov %r9, snippet_out + 72(%rip)\n mov %r10, snippet_out + 80(%rip)\n mov %r11, snippet_out + 88(%rip)\n"
        "mov %r12, snippet_out + 96(%rip)\n mov %r13, snippet_out + 104(%rip)\n mov %r14, snippet_out + 112(%rip)\n mov %r15, snippet_out + 120(%rip)\n"
        "mov snippet_saved(%rip), %rsp\n pushfq\n pop snippet_out + 136(%rip)\n"
        "snippet_back:\n"
        "mov snippet_saved(%rip), %rsp\n cld\n pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbx\n pop %rbp\n ret\n");

// snippet_stop, the handler, keeps what the signal met and goes back to C.
static __attribute__((unused)) void snippet_stop(int s, siginfo_t *i, void *u) {
	greg_t *g = ((ucontext_t *)u)->uc_mcontext.gregs;
	stopped.signal = s, stopped.code = i->si_code;
	stopped.address = s == SIGTRAP || i->si_code == SI_KERNEL ? 0 : (uint64_t)i->si_addr;
	for (int k = 0; k < registers; k++) snippet_out[k] = g[places[k]];
	g[REG_RIP] = (greg_t)snippet_back;
	g[REG_EFL] &= ~0x40500;
}

// at turns an address of ours into an offset, the same wherever the program is loaded.
static inline uint64_t at(uint64_t v) {
	struct { char *start, *end; uint64_t name; } r[] = {
		{snippet_data, snippet_data + sizeof snippet_data, 0xda7a00000000},
		{snippet_stack, snippet_stack + sizeof snippet_stack, 0x57ac00000000},
		{__start_snippet_code, __stop_snippet_code, 0xc0de00000000},
	};
	for (int k = 0; k < 3; k++)
		if (v >= (uint64_t)r[k].start && v <= (uint64_t)r[k].end) return r[k].name + (v - (uint64_t)r[k].start);
	return v;
}

static int (*unsettled)(const char *name) __attribute__((unused));
static uint64_t snippet_flags __attribute__((unused)) = 0x202;

static uint64_t run_snippet(const struct snippet *s) {
	uint64_t sum = 1, v = 0x0123456789abcdef;
	for (int k = 0; k < 16; k++) snippet_in[k] = v = (v << 9 | v >> 55) * 0x9e3779b97f4a7c15u;
	for (size_t k = 0; k < sizeof snippet_data; k++) snippet_data[k] = k * 37 + (k >> 5);
	memset(snippet_stack, 0xee, sizeof snippet_stack);
	snippet_in[RCX] = 5, snippet_in[RSP] = (uint64_t)snippet_stack + 6144, snippet_in[RIP] = (uint64_t)s->start;
	snippet_in[RSI] = (uint64_t)snippet_data, snippet_in[RBP] = (uint64_t)snippet_data + 2048, snippet_in[RDI] = (uint64_t)snippet_data + 3072;
	snippet_in[FLAGS] = snippet_flags;
	memset(&stopped, 0, sizeof stopped);
	memset(snippet_out, 0, sizeof snippet_out);
	snippet_enter();
	snippet_out[FLAGS] &= 0x40cd5; // not RF, which faults set
#define fold(x) sum = ((sum ^ (x)) << 29 | (sum ^ (x)) >> 35) * 0xff51afd7ed558ccdu + 1
	for (int k = 0; k < registers; k++)
		if (k != RIP) fold(at(snippet_out[k]));
	for (size_t k = 0; k < sizeof snippet_data; k += 8) fold(at(*(uint64_t *)(snippet_data + k)));
	for (size_t k = 0; k < sizeof snippet_stack; k += 8) fold(at(*(uint64_t *)(snippet_stack + k)));
#undef fold
	return sum;
}

static __attribute__((unused)) void run_snippets(void) {
	static char stack[64 << 10] __attribute__((aligned(64)));
	stack_t alt = {.ss_sp = stack, .ss_size = sizeof stack};
	struct sigaction a = {.sa_sigaction = snippet_stop, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
	CHECK(sigaltstack(&alt, NULL) == 0);
	for (int k = 0; k < 5; k++) CHECK(sigaction(signals[k], &a, NULL) == 0);
	for (struct snippet *s = __start_snippet_list; s < __stop_snippet_list; s++) {
		if (unsettled && unsettled(s->name)) continue;
		uint64_t sum = run_snippet(s);
		for (int again = 0; again < 3; again++) CHECK(run_snippet(s) == sum);
		mix(sum), witness();
		printf("%-24s ", s->name);
		if (stopped.signal) {
			uint64_t where = snippet_out[RIP] - (uint64_t)s->start;
			printf("signal %d code %d at ", stopped.signal, stopped.code);
			if (where < 65536) printf("+%lu of %lu ", where, (char *)s->end - (char *)s->start);
			else printf("%lx ", at(snippet_out[RIP]));
			printf("address %lx ", at(stopped.address));
		}
		printf("%016lx\n", sum);
	}
	fflush(stdout);
}
#endif
