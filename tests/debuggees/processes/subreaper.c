// Proves: PR_SET_CHILD_SUBREAPER: an orphan's new parent is this process, which waits for it; PR_SET_PDEATHSIG kills.
#include "../debuggee.h"
#include <sys/prctl.h>

int main(void) {
	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	int p[2], q[2];
	CHECK(pipe(p) == 0 && pipe(q) == 0);
	pid_t kid = fork(), orphan;
	if (kid == 0) {
		orphan = fork();
		if (orphan == 0) {
			prctl(PR_SET_PDEATHSIG, SIGTERM);
			orphan = getpid();
			CHECK(write(p[1], &orphan, sizeof orphan) == sizeof orphan);
			for (;;) pause();
		}
		char c;
		CHECK(read(q[0], &c, 1) == 1);
		_exit(0);
	}
	CHECK(read(p[0], &orphan, sizeof orphan) == sizeof orphan);
	mix(orphan);
	CHECK(write(q[1], "g", 1) == 1);
	reap(kid);
	int st;
	CHECK(waitpid(orphan, &st, 0) == orphan && WIFSIGNALED(st) && WTERMSIG(st) == SIGTERM);
	ok("subreaper");
}
