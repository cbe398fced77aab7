// Proves: a daemon (double fork, setsid) that finishes after the first process has ended, and still writes to standard output.
#include "../debuggee.h"

int main(void) {
	int life[2]; // its end of file comes when the first process is gone
	CHECK(pipe(life) == 0);
	pid_t kid = fork();
	if (kid == 0) {
		close(life[1]);
		setsid();
		pid_t parent = getpid();
		if (fork() == 0) {
			char c;
			while (getppid() == parent) nap(2);
			CHECK(read(life[0], &c, 1) == 0);
			nap(20);
			printf("the orphan ends last\n");
			fflush(stdout);
			mix(getppid()), witness();
			_exit(0);
		}
		_exit(0);
	}
	reap(kid);
	ok("parent");
}
