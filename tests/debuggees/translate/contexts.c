// Proves: many switches between stacks by swapcontext and by a hand-made switch that pops registers and returns on another stack.
#include "../debuggee.h"
#include <ucontext.h>

static uint64_t sum;

static ucontext_t contexts[4];
static void body(int me) {
	for (int i = 0;; i++) {
		sum = sum * 31 + me * 1000 + i;
		swapcontext(&contexts[me], &contexts[(me + 1) % 4]);
	}
}

// swap(from, to): saves rsp in *from after pushing what calls preserve, and goes on where *to was saved
void swap(void **from, void *to);
__asm__(".text\nswap: push %rbp\n push %rbx\n push %r12\n push %r13\n push %r14\n push %r15\n mov %rsp, (%rdi)\n mov %rsi, %rsp\n pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbx\n pop %rbp\n ret\n");

static void *stacks[3];
__attribute__((noinline)) static uint64_t deep(int n, int me) {
	if (n == 0) {
		swap(&stacks[me], stacks[(me + 1) % 3]);
		return me;
	}
	return deep(n - 1, me) + n;
}
static void fiber1(void) { for (int i = 0;; i++) sum = sum * 7 + deep(i % 20, 1); }
static void fiber2(void) { for (int i = 0;; i++) sum = sum * 5 + deep(i % 7, 2); }

int main(void) {
	static char memory[4][64 << 10] __attribute__((aligned(16)));
	for (int i = 1; i < 4; i++) {
		getcontext(&contexts[i]);
		contexts[i].uc_stack.ss_sp = memory[i], contexts[i].uc_stack.ss_size = sizeof memory[i];
		makecontext(&contexts[i], (void (*)(void))body, 1, i);
	}
	for (int i = 0; i < 400; i++) CHECK(swapcontext(&contexts[0], &contexts[1]) == 0);
	printf("%016lx\n", sum);
	mix(sum), witness();
	void (*fibers[])(void) = {NULL, fiber1, fiber2};
	for (int i = 1; i < 3; i++) {
		void **top = (void **)(memory[i] + sizeof memory[i] - 128);
		*top = (void *)fibers[i], stacks[i] = top - 6;
		memset(top - 6, 0, 48);
	}
	for (int i = 0; i < 6000; i++) sum = sum * 3 + deep(i % 5, 0);
	printf("%016lx\n", sum);
	mix(sum);
	ok("contexts");
}
