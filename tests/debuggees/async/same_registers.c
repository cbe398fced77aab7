// Proves: a loop whose registers are the same in every round is stopped in the right round: only memory tells the rounds
// apart, a counter in one page, or a count in another page while the one written all the time repeats.
#include "ticks.h"

static struct {
	volatile uint64_t inner, limit;
	char apart[8192];
	volatile uint64_t outer;
	volatile int stop;
} m __attribute__((aligned(4096)));

static void handler(int s, siginfo_t *i, void *u) {
	tick(s, i, u);
	mix(m.inner), mix(m.outer), witness();
	if (ticks == 6) m.stop = 1;
}

int main(void) {
	on(SIGALRM, handler, 0);
	every(ITIMER_REAL, 1000);
	__asm__ volatile("1: addq $1, %0\n\tcmpl $0, %1\n\tje 1b" : "+m"(m.inner) : "m"(m.stop) : "cc");
	every(ITIMER_REAL, 0);
	mix(m.inner);
	ok("a counter");

	ticks = m.stop = 0;
	m.inner = m.limit = 1000;
	every(ITIMER_REAL, 1000);
	__asm__ volatile("1: subq $1, %0\n\tjnz 2f\n\tmovq $1000, %0\n\taddq $1, %1\n2: cmpl $0, %2\n\tje 1b"
	                 : "+m"(m.inner), "+m"(m.outer) : "m"(m.stop) : "cc");
	every(ITIMER_REAL, 0);
	mix(m.inner), mix(m.outer);
	ok("a far counter");

	// Two states in turns, nothing else: each visit of a state is as good as the others.
	ticks = m.stop = 0;
	every(ITIMER_REAL, 1000);
	__asm__ volatile("1: xorq $-1, %0\n\tcmpl $0, %1\n\tje 1b" : "+m"(m.inner) : "m"(m.stop) : "cc");
	every(ITIMER_REAL, 0);
	mix(m.inner);
	ok("a toggle");
}
