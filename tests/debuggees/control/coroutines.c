// Proves: coroutines with makecontext and swapcontext (other stacks, sigprocmask calls), generator style.
#include "../debuggee.h"
#include <ucontext.h>

static long sum;
static ucontext_t back, co[3];
static int value;

static void generate(int me) {
	for (int i = 0; i < 50; i++) {
		value = me * 1000 + i;
		mix(value), witness();
		swapcontext(&co[me], &back); // BP1
	}
}

int main(void) {
	static char stacks[3][65536];
	for (int i = 0; i < 3; i++) {
		getcontext(&co[i]);
		co[i].uc_stack.ss_sp = stacks[i], co[i].uc_stack.ss_size = sizeof stacks[i], co[i].uc_link = &back;
		makecontext(&co[i], (void (*)(void))(void *)generate, 1, i);
	}
	for (int n = 0; n < 51; n++)
		for (int i = 0; i < 3; i++) {
			value = 0;
			swapcontext(&back, &co[i]);
			sum += value;
		}
	printf("sum %ld\n", sum);
	CHECK(sum == 50 * 3000 + 3 * 1225);
	ok("coroutines");
}
