// Common to the programs of this folder: timer signals that meet code without system calls, wherever it is.
//
//   on(sig, handler, flags)   installs a handler of three arguments
//   tick                      such a handler: counts in `ticks`, folds the interrupted registers into the checksum
//   every(which, usec)        starts (or with 0 stops) an interval timer
#ifndef TICKS_H
#define TICKS_H
#include "../debuggee.h"
#include <sys/time.h>
#include <ucontext.h>

static volatile int ticks __attribute__((unused));

static inline void mix_registers(void *u) { mix_mem(((ucontext_t *)u)->uc_mcontext.gregs, sizeof(gregset_t)); }

static __attribute__((unused)) void tick(int s, siginfo_t *i, void *u) {
	mix(s), mix(i->si_code), mix_registers(u);
	if (++ticks % 4 == 0) witness();
	static const struct itimerval off = {{0, 0}, {0, 0}};
	if (ticks == 500) setitimer(ITIMER_REAL, &off, NULL); // too fast for this machine
}

static inline void on(int sig, void (*handler)(int, siginfo_t *, void *), int flags) {
	struct sigaction a;
	memset(&a, 0, sizeof a);
	a.sa_sigaction = handler, a.sa_flags = SA_SIGINFO | flags;
	CHECK(sigaction(sig, &a, NULL) == 0);
}

static inline void every(int which, long usec) {
	struct itimerval t = {{0, usec}, {0, usec}};
	CHECK(setitimer((__itimer_which_t)which, &t, NULL) == 0);
}

// A step of a computation with two words of state.
static inline void turn(uint64_t s[2]) {
	s[0] = s[0] * 6364136223846793005u + 1442695040888963407u;
	s[1] ^= s[0] >> 13;
}
#endif
