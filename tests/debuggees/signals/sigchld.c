// Proves: a SIGCHLD handler that reaps with SA_SIGINFO and SA_RESTART while the program reads from a pipe.
#include "../debuggee.h"

static volatile int reaped, signals;

static void handler(int s, siginfo_t *i, void *u) {
	(void)s, (void)u;
	int st, e = errno;
	mix_mem(i, sizeof *i);
	signals++;
	while (waitpid(-1, &st, WNOHANG) > 0) reaped++, mix(st);
	errno = e;
}

int main(void) {
	struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART | SA_NOCLDSTOP};
	int p[2];
	sigaction(SIGCHLD, &a, NULL);
	CHECK(pipe(p) == 0);
	for (int i = 0; i < 20; i++)
		if (fork() == 0) {
			nap(i % 4);
			CHECK(write(p[1], "x", 1) == 1);
			_exit(i);
		}
	char c;
	for (int i = 0; i < 20; i++) CHECK(read(p[0], &c, 1) == 1);
	while (reaped < 20) nap(1);
	CHECK(signals >= 1 && signals <= 20);
	mix(signals);
	ok("sigchld");
}
