// Proves: a handler that forks, execs and waits, while the program is in a blocking read; the child returns from the handler too.
#include "../debuggee.h"

static volatile int calls;
static int p[2];

static void handler(int s) {
	pid_t kid = fork();
	CHECK(kid >= 0);
	if (kid == 0) {
		if (calls == 0) execl("/bin/sh", "sh", "-c", "exit 0", NULL);
		calls = s;
		return; // through sigreturn, in the child
	}
	reap(kid);
	calls++;
}

int main(void) {
	struct sigaction a = {.sa_handler = handler};
	sigaction(SIGUSR1, &a, NULL);
	CHECK(pipe(p) == 0);
	pid_t me = getpid();
	for (int i = 0; i < 4; i++) {
		raise(SIGUSR1);
		if (getpid() != me) {
			CHECK(calls == SIGUSR1);
			mix(getpid()), witness();
			_exit(0);
		}
		CHECK(calls == i + 1);
	}
	ok("handler_forks");
}
