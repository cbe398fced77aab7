// Proves: SIGSEGV, SIGILL, SIGFPE, SIGTRAP (int3, and the trap flag), SIGBUS, handled and resumed by changing the ucontext.
#include "../debuggee.h"
#include <ucontext.h>

static volatile int last, code, traps;

static void handler(int s, siginfo_t *i, void *u) {
	greg_t *g = ((ucontext_t *)u)->uc_mcontext.gregs;
	last = s, code = i->si_code;
	mix_mem(i, 32), mix_mem(g, sizeof(gregset_t)), witness();
	switch (s) {
	case SIGSEGV: g[REG_RAX] = (greg_t)&last; break; // the load is tried again with another address
	case SIGILL: g[REG_RIP] += 2; break; // over ud2
	case SIGFPE: g[REG_RCX] = 7; break;
	case SIGBUS: g[REG_EFL] &= ~0x40000; break; // the load is tried again without the check
	case SIGTRAP:
		traps++;
		if (traps == 12) g[REG_EFL] &= ~0x100; // stop single-stepping
	}
}

int main(void) {
	struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	int sigs[] = {SIGSEGV, SIGILL, SIGFPE, SIGTRAP, SIGBUS};
	for (int i = 0; i < 5; i++) sigaction(sigs[i], &a, NULL);
	int v = 0;
	for (int i = 0; i < 20; i++) {
		__asm__ volatile("xor %%eax, %%eax\n\tmov (%%rax), %0" : "=r"(v) : : "rax", "memory"); // BP1
		CHECK(v == SIGSEGV && last == SIGSEGV && code == SEGV_MAPERR);
	}
	__asm__ volatile("mov $0x1234567890abcdef, %%rax\n\tmov (%%rax), %0" : "=r"(v) : : "rax", "memory"); // not canonical
	CHECK(v == SIGSEGV && code == SI_KERNEL);
	ok("SIGSEGV");
	last = 0;
	__asm__ volatile("ud2" ::: "memory");
	CHECK(last == SIGILL && code == ILL_ILLOPN);
	ok("SIGILL");
	int q;
	__asm__ volatile("xor %%ecx, %%ecx\n\tmov $42, %%eax\n\tcltd\n\tidivl %%ecx" : "=a"(q) : : "rcx", "rdx", "memory", "cc");
	CHECK(q == 6 && last == SIGFPE && code == FPE_INTDIV);
	ok("SIGFPE");
	traps = 100;
	__asm__ volatile("int3" ::: "memory");
	CHECK(traps == 101 && last == SIGTRAP);
	__asm__ volatile("int $3" ::: "memory");
	CHECK(traps == 102);
	ok("int3");
	traps = 0;
	__asm__ volatile("pushf\n\torl $0x100, (%%rsp)\n\tpopf\n\t.rept 20\n\tnop\n\t.endr" ::: "memory", "cc");
	CHECK(traps == 12);
	ok("trap flag");
	last = 0;
	__asm__ volatile("pushf\n\torl $0x40000, (%%rsp)\n\tpopf\n\tmov 1(%0), %%eax\n\tpushf\n\tandl $~0x40000, (%%rsp)\n\tpopf"
	                 : : "r"(&sigs) : "rax", "memory", "cc"); // alignment check
	CHECK(last == SIGBUS);
	ok("SIGBUS");
}
