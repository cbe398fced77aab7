// Proves: calls that are continued by restart_syscall after a stop (nanosleep, poll, futex with time-out): the child is stopped
// and continued in the middle and sees nothing of it.
#include "../debuggee.h"
#include <poll.h>

int main(void) {
	for (int kind = 0; kind < 3; kind++) {
		int p[2], q[2], word = 0;
		CHECK(pipe(p) == 0 && pipe(q) == 0);
		pid_t kid = fork();
		if (kid == 0) {
			struct timespec left, t = {0, 40000000};
			struct pollfd f = {q[0], POLLIN, 3};
			FILL(left);
			CHECK(write(p[1], "r", 1) == 1);
			if (kind == 0) CHECK(nanosleep(&t, &left) == 0);
			if (kind == 1) CHECK(poll(&f, 1, 40) == 0);
			if (kind == 2) CHECK(syscall(SYS_futex, &word, 0, 0, &t, NULL, 0) == -1 && errno == ETIMEDOUT);
			MIX(left), MIX(f), witness();
			_exit(0);
		}
		char c;
		int st;
		CHECK(read(p[0], &c, 1) == 1);
		for (int i = 0; i < 2; i++) {
			nap(5);
			kill(kid, SIGSTOP);
			CHECK(waitpid(kid, &st, WUNTRACED) == kid);
			if (!WIFSTOPPED(st)) { // it was faster
				CHECK(st == 0);
				kid = 0;
				break;
			}
			nap(3);
			kill(kid, SIGCONT);
		}
		if (kid) reap(kid);
	}
	ok("restart_block");
}
