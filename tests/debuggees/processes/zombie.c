// Proves: a child that stays a zombie while the parent looks at it, one that is never waited for, and SIGCHLD ignored (no zombie).
#include "../debuggee.h"

int main(void) {
	pid_t kid = fork();
	if (kid == 0) _exit(3);
	siginfo_t i;
	CHECK(waitid(P_PID, kid, &i, WEXITED | WNOWAIT) == 0);
	CHECK(kill(kid, 0) == 0 && kill(kid, SIGTERM) == 0); // a zombie can be signalled, without effect
	char path[40], b[400];
	snprintf(path, sizeof path, "/proc/%d/stat", kid);
	FILL(b);
	int f = open(path, O_RDONLY);
	CHECK(f >= 0 && read(f, b, sizeof b - 1) > 0);
	MIX(b);
	int st;
	CHECK(waitpid(kid, &st, 0) == kid && WEXITSTATUS(st) == 3);
	signal(SIGCHLD, SIG_IGN);
	kid = fork();
	if (kid == 0) _exit(4);
	CHECK(waitpid(kid, &st, 0) == -1 && errno == ECHILD); // blocks until it is gone
	signal(SIGCHLD, SIG_DFL);
	if (fork() == 0) _exit(5); // never waited for
	nap(5);
	ok("zombie");
}
