// Proves: a loop that faults all the time (protected page, ud2, division) while a timer ticks: both kinds of signal keep their places.
#include "ticks.h"
#include <sys/mman.h>

static char *page;
static volatile int faults;

static void fault(int s, siginfo_t *i, void *u) {
	greg_t *g = ((ucontext_t *)u)->uc_mcontext.gregs;
	faults++;
	mix(s), mix_registers(u);
	if (s == SIGSEGV) CHECK(i->si_addr == page + 8 && mprotect(page, 4096, PROT_READ | PROT_WRITE) == 0);
	if (s == SIGILL) g[REG_RIP] += 2;
	if (s == SIGFPE) g[REG_RCX] = 3;
}

int main(void) {
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	on(SIGSEGV, fault, 0), on(SIGILL, fault, 0), on(SIGFPE, fault, 0), on(SIGALRM, tick, 0);
	every(ITIMER_REAL, 600);
	int rounds = 0;
	for (; ticks < 30; rounds++) {
		CHECK(mprotect(page, 4096, PROT_NONE) == 0);
		uint64_t state[2] = {1, 2};
		for (int k = 0; k < 2000; k++) turn(state);
		*(volatile int *)(page + 8) = rounds;
		__asm__ volatile("ud2" ::: "memory");
		int q;
		__asm__ volatile("cltd\n\tidivl %%ecx" : "=a"(q) : "0"(33), "c"(0) : "rdx", "cc", "memory");
		CHECK(q == 11 && faults == 3 * (rounds + 1));
	}
	every(ITIMER_REAL, 0);
	mix(rounds);
	ok("faulting");
}
