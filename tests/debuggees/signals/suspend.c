// Proves: sigsuspend, pause, sigwaitinfo, sigtimedwait, sigwait: blocked until a child's signal; masks restored.
#include "../debuggee.h"

static volatile int calls;
static void handler(int s) { calls += s; }

static pid_t later(int sig) {
	pid_t kid = fork(), p = getppid();
	if (kid == 0) {
		nap(10);
		kill(p, sig);
		_exit(0);
	}
	return kid;
}

int main(void) {
	sigset_t block, old, m;
	signal(SIGUSR1, handler);
	sigemptyset(&block), sigaddset(&block, SIGUSR1), sigaddset(&block, SIGUSR2);
	CHECK(sigprocmask(SIG_BLOCK, &block, &old) == 0);
	MIX(old);
	pid_t kid = later(SIGUSR1);
	CHECK(sigsuspend(&old) == -1 && errno == EINTR && calls == SIGUSR1); // BP1
	sigprocmask(SIG_BLOCK, NULL, &m);
	CHECK(sigismember(&m, SIGUSR1));
	reap(kid);
	ok("sigsuspend");

	siginfo_t i;
	FILL(i);
	kid = later(SIGUSR2);
	CHECK(sigwaitinfo(&block, &i) == SIGUSR2 && i.si_pid == kid);
	MIX(i);
	reap(kid);
	FILL(i);
	CHECK(sigtimedwait(&block, &i, &(struct timespec){0, 3000000}) == -1 && errno == EAGAIN);
	MIX(i);
	kill(getpid(), SIGUSR1);
	CHECK(sigtimedwait(&block, &i, &(struct timespec){0, 0}) == SIGUSR1);
	MIX(i);
	int s = 0;
	kid = later(SIGUSR1);
	CHECK(sigwait(&block, &s) == 0 && s == SIGUSR1);
	reap(kid);
	kill(getpid(), SIGUSR2);
	CHECK(sigpending(&m) == 0 && sigismember(&m, SIGUSR2) && !sigismember(&m, SIGUSR1));
	MIX(m);
	CHECK(sigwaitinfo(&block, NULL) == SIGUSR2);
	ok("sigwait");

	// pause: the signal may come before it, so the child repeats until it is killed
	sigprocmask(SIG_UNBLOCK, &block, NULL);
	calls = 0;
	pid_t p = getpid();
	kid = fork();
	if (kid == 0)
		for (;;) {
			nap(5);
			kill(p, SIGUSR1);
		}
	CHECK(pause() == -1 && errno == EINTR);
	kill(kid, SIGKILL);
	CHECK(waitpid(kid, &s, 0) == kid && calls >= SIGUSR1);
	ok("pause");
}
