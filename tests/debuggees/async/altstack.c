// Proves: a signal in a loop without system calls is handled on the alternate stack, and on the normal one below the red zone.
#include "ticks.h"

static char stack[64 << 10] __attribute__((aligned(64)));
static volatile int there, here;

static void handler(int s, siginfo_t *i, void *u) {
	char mark;
	tick(s, i, u);
	if (&mark > stack && &mark < stack + sizeof stack) there++;
	else here++;
}

// A leaf function with its state in the red zone, below the stack pointer.
static uint64_t red_zone(volatile int *count, int end) {
	uint64_t sum;
	__asm__ volatile("movq $0, -8(%%rsp)\n\tmovq $0, -64(%%rsp)\n\tmovq $0, -128(%%rsp)\n"
	                 "1: addq $1, -8(%%rsp)\n\taddq $2, -64(%%rsp)\n\taddq $3, -128(%%rsp)\n\t"
	                 "cmpl %2, %1\n\tjl 1b\n\t"
	                 "movq -8(%%rsp), %0\n\timulq $5, %0, %0\n\tsubq -64(%%rsp), %0\n\tsubq -128(%%rsp), %0"
	                 : "=&r"(sum) : "m"(*count), "r"(end) : "cc", "memory");
	return sum;
}

int main(void) {
	stack_t alt = {.ss_sp = stack, .ss_size = sizeof stack};
	CHECK(sigaltstack(&alt, NULL) == 0);
	on(SIGALRM, handler, SA_ONSTACK);
	every(ITIMER_REAL, 1000);
	CHECK(red_zone(&there, 8) == 0);
	CHECK(there >= 8 && here == 0);
	ok("alternate stack");
	on(SIGALRM, handler, 0);
	CHECK(red_zone(&here, 8) == 0);
	every(ITIMER_REAL, 0);
	CHECK(here >= 8);
	ok("red zone");
}
