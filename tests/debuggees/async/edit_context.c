// Proves: a handler that changes the interrupted rax, rip, flags, stack pointer or xmm0 frees a loop that never ends by itself.
#include "ticks.h"

static int what, edits;
static char other_stack[4096] __attribute__((aligned(16)));

static void arm(int k) {
	struct itimerval t = {{0, 0}, {0, 800}};
	what = k;
	setitimer(ITIMER_REAL, &t, NULL);
}

// The first two bytes of the instructions of each loop.
static const uint16_t loops[][2] = {{0x8548, 0xfb74}, {0xfeeb, 0xfeeb}, {0xfe73, 0xfe73}, {0x0f66, 0xfae3}, {0x394c, 0xfb74}};

static void handler(int s, siginfo_t *i, void *u) {
	ucontext_t *c = u;
	greg_t *g = c->uc_mcontext.gregs;
	tick(s, i, u);
	uint16_t at;
	memcpy(&at, (void *)g[REG_RIP], 2);
	if (at != loops[what][0] && at != loops[what][1]) { // not there yet
		arm(what);
		return;
	}
	edits++;
	switch (what) {
	case 0: g[REG_RAX] = 77; break;
	case 1: g[REG_RIP] += 2; break;
	case 2: g[REG_EFL] |= 1; break;
	case 3: c->uc_mcontext.fpregs->_xmm[0].element[0] = 5; break;
	case 4: g[REG_R8] = g[REG_RSP], g[REG_RSP] = (greg_t)(other_stack + sizeof other_stack - 256); break;
	}
}

int main(void) {
	on(SIGALRM, handler, 0);
	for (int round = 0; round < 5; round++) {
		uint64_t r;
		arm(0);
		__asm__ volatile("xor %%eax, %%eax\n1: test %%rax, %%rax\n\tje 1b" : "=a"(r)::"cc");
		CHECK(r == 77);
		arm(1);
		__asm__ volatile("movl $9, %%eax\n1: jmp 1b" : "=a"(r));
		CHECK(r == 9);
		arm(2);
		__asm__ volatile("clc\n1: jnc 1b\n\tsbb %0, %0" : "=r"(r)::"cc");
		CHECK(r == ~0ul);
		arm(3);
		__asm__ volatile("pxor %%xmm0, %%xmm0\n1: movd %%xmm0, %%ecx\n\tjrcxz 1b\n\tmov %%rcx, %0" : "=r"(r)::"rcx", "xmm0");
		CHECK(r == 5);
		arm(4);
		__asm__ volatile("xor %%r8d, %%r8d\n\tmov %%rsp, %%r9\n1: cmp %%r9, %%rsp\n\tje 1b\n\tcmp %%r8, %%r9\n\tsete %b0\n\tmov %%r9, %%rsp"
		                 : "=r"(r)::"r8", "r9", "cc", "memory");
		CHECK((r & 1) == 1);
		CHECK(edits == 5 * (round + 1));
	}
	ok("edit_context");
}
