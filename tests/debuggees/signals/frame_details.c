// Proves: what a handler sees in its frame and may change: all registers, flags, mask, and code it returns to.
#include "../debuggee.h"
#include <ucontext.h>

static uint64_t want;

static void handler(int s, siginfo_t *i, void *u) {
	ucontext_t *c = u;
	(void)i;
	mix(s), mix_mem(c->uc_mcontext.gregs, sizeof(gregset_t));
	CHECK((uint64_t)c->uc_mcontext.gregs[REG_R12] == 0x1212121212121212);
	c->uc_mcontext.gregs[REG_R12] = want; // a register of the interrupted code
	c->uc_mcontext.fpregs->_xmm[5].element[0] = 0x55555555;
	sigaddset(&c->uc_sigmask, SIGUSR2); // the mask after the return
	witness();
}

int main(void) {
	struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	sigaction(SIGUSR1, &a, NULL);
	for (want = 1; want < 20; want++) {
		uint64_t r12, x5;
		long r;
		__asm__ volatile("mov $0x1212121212121212, %%r12\n\tpxor %%xmm5, %%xmm5\n\tsyscall\n\tmov %%r12, %1\n\tmovq %%xmm5, %2"
		                 : "=a"(r), "=&r"(r12), "=&r"(x5) : "0"(SYS_tgkill), "D"((long)getpid()), "S"((long)gettid()), "d"((long)SIGUSR1)
		                 : "rcx", "r11", "r12", "xmm5", "memory");
		CHECK(r == 0 && r12 == want && x5 == 0x55555555);
		sigset_t m;
		sigprocmask(SIG_BLOCK, NULL, &m);
		CHECK(sigismember(&m, SIGUSR2));
		sigemptyset(&m);
		sigprocmask(SIG_SETMASK, &m, NULL);
	}
	ok("frame_details");
}
