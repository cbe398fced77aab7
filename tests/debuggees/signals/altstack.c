// Proves: handlers on the normal and on an alternate stack, siginfo and ucontext contents, and sigaltstack's own answers.
#include "../debuggee.h"
#include <ucontext.h>

static char alt[65536];
static volatile int on_alt, calls;

static void handler(int s, siginfo_t *i, void *u) {
	ucontext_t *c = u;
	char here;
	on_alt = &here >= alt && &here < alt + sizeof alt;
	calls++;
	mix(s), mix_mem(i, sizeof *i), mix_mem(c->uc_mcontext.gregs, sizeof c->uc_mcontext.gregs), mix_mem(&c->uc_sigmask, 8);
	mix((uintptr_t)u), mix(c->uc_flags), mix((uintptr_t)c->uc_stack.ss_sp), mix(c->uc_stack.ss_flags);
	mix_mem(c->uc_mcontext.fpregs, 512);
	CHECK(i->si_pid == getpid());
	stack_t now;
	FILL(now);
	CHECK(sigaltstack(NULL, &now) == 0);
	CHECK(!!(now.ss_flags & SS_ONSTACK) == on_alt);
	MIX(now), witness();
}

int main(void) {
	struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	stack_t st = {.ss_sp = alt, .ss_size = sizeof alt}, old;
	CHECK(sigaction(SIGUSR1, &a, NULL) == 0);
	a.sa_flags |= SA_ONSTACK;
	CHECK(sigaction(SIGUSR2, &a, NULL) == 0);
	raise(SIGUSR1); // BP1
	CHECK(calls == 1 && !on_alt);
	raise(SIGUSR2);
	CHECK(calls == 2 && !on_alt); // no alternate stack yet
	FILL(old);
	CHECK(sigaltstack(&st, &old) == 0 && (old.ss_flags & SS_DISABLE));
	MIX(old);
	raise(SIGUSR2);
	CHECK(calls == 3 && on_alt);
	raise(SIGUSR1);
	CHECK(calls == 4 && !on_alt);
	for (int i = 0; i < 50; i++) raise(i % 2 ? SIGUSR1 : SIGUSR2);
	MIX(alt); // the frames that the kernel left there
	CHECK(calls == 54);
	st.ss_flags = SS_DISABLE;
	CHECK(sigaltstack(&st, NULL) == 0);
	ok("altstack");
}
