// Proves: ignored signals do not show in blocking calls (read, nanosleep, poll, futex), nor do those that are ignored by default.
#include "../debuggee.h"
#include <poll.h>

static pid_t later(int fd) {
	pid_t kid = fork(), p = getppid();
	if (kid == 0) {
		for (int i = 0; i < 5; i++) {
			nap(3);
			kill(p, SIGUSR1), kill(p, SIGWINCH), kill(p, SIGURG), kill(p, SIGCONT);
		}
		if (fd >= 0) CHECK(write(fd, "x", 1) == 1);
		_exit(0);
	}
	return kid;
}

int main(void) {
	int p[2];
	char c;
	CHECK(pipe(p) == 0);
	signal(SIGUSR1, SIG_IGN);
	pid_t kid = later(p[1]);
	CHECK(read(p[0], &c, 1) == 1);
	reap(kid);
	kid = later(-1);
	struct timespec a, b;
	clock_gettime(CLOCK_MONOTONIC, &a);
	CHECK(nanosleep(&(struct timespec){0, 30000000}, NULL) == 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	CHECK((b.tv_sec - a.tv_sec) * 1000000000l + b.tv_nsec - a.tv_nsec >= 30000000);
	MIX(a), MIX(b);
	reap(kid);
	kid = later(p[1]);
	struct pollfd f = {p[0], POLLIN, 0};
	CHECK(poll(&f, 1, 5000) == 1);
	reap(kid);
	ok("ignored");
}
