// Handles a fault, a signal of its own making on another stack and a timer's,
// and dies of SIGABRT.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile sig_atomic_t seen;

static void fault(int sig) {
	(void)sig;
	siglongjmp(back, 1);
}

static void note(int sig) { seen = sig; }

int main(void) {
	static char stack[1 << 16];
	stack_t alt = {.ss_sp = stack, .ss_size = sizeof stack};
	sigaltstack(&alt, 0);
	signal(SIGSEGV, fault);
	if (!sigsetjmp(back, 1))
		*(volatile int *)16 = 1;
	struct sigaction act = {.sa_handler = note, .sa_flags = SA_ONSTACK};
	sigaction(SIGUSR1, &act, 0);
	raise(SIGUSR1);
	if (seen != SIGUSR1)
		return 1;
	signal(SIGALRM, note);
	struct itimerval soon = {.it_value = {.tv_usec = 1000}};
	setitimer(ITIMER_REAL, &soon, 0);
	while (seen != SIGALRM)
		pause();
	abort();
}
