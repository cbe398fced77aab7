// Proves: a stack overflow (of a thread's small stack) handled on the alternate stack, left by siglongjmp.
#include "../debuggee.h"
#include <pthread.h>
#include <setjmp.h>

static __thread sigjmp_buf env;

static void handler(int s, siginfo_t *i, void *u) {
	(void)u;
	mix(s), mix((uintptr_t)i->si_addr), witness();
	siglongjmp(env, 1);
}

static int __attribute__((noinline)) forever(int n) {
	volatile char frame[2000];
	frame[n % 2000] = n;
	return n < 0 ? 0 : forever(n + 1) + frame[n % 2000];
}

static void *work(void *arg) {
	stack_t st = {.ss_sp = malloc(65536), .ss_size = 65536};
	sigaltstack(&st, NULL);
	for (volatile int i = 0; i < 3; i++) {
		if (sigsetjmp(env, 1) == 0) {
			mix(forever(0));
			CHECK(!"reached");
		}
	}
	return arg;
}

int main(void) {
	struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
	sigaction(SIGSEGV, &a, NULL);
	pthread_attr_t at;
	pthread_attr_init(&at);
	pthread_attr_setstacksize(&at, 256 << 10);
	pthread_t t;
	pthread_create(&t, &at, work, NULL);
	pthread_join(t, NULL);
	ok("stack_overflow");
}
