// Proves: process groups and sessions: setpgid, setsid, kill of a group, waitpid of a group, a child that leaves.
#include "../debuggee.h"

int main(void) {
	int p[2];
	char c;
	CHECK(pipe(p) == 0);
	pid_t lead = 0, kids[3];
	for (int i = 0; i < 3; i++) {
		kids[i] = fork();
		if (kids[i] == 0) {
			setpgid(0, lead);
			CHECK(write(p[1], "r", 1) == 1);
			for (;;) pause();
		}
		if (i == 0) lead = kids[0];
		setpgid(kids[i], lead);
		CHECK(read(p[0], &c, 1) == 1);
		CHECK(getpgid(kids[i]) == lead);
	}
	CHECK(kill(-lead, SIGTERM) == 0);
	for (int i = 0; i < 3; i++) {
		int st;
		pid_t r = waitpid(-lead, &st, 0);
		CHECK(r > 0 && WIFSIGNALED(st) && WTERMSIG(st) == SIGTERM);
		mix(r);
	}
	CHECK(kill(-lead, 0) == -1 && errno == ESRCH);
	pid_t kid = fork();
	if (kid == 0) {
		CHECK(setsid() == getpid() && getsid(0) == getpid() && getpgrp() == getpid() && setsid() == -1);
		_exit(0);
	}
	reap(kid);
	ok("groups");
}
