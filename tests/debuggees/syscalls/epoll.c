// Proves: epoll_wait, epoll_pwait and epoll_pwait2 write exactly the events that are ready; blocking and timing out.
#include "../debuggee.h"
#include <sys/epoll.h>

int main(void) {
	int e = epoll_create1(EPOLL_CLOEXEC), p[3][2];
	struct epoll_event ev[6];
	for (int i = 0; i < 3; i++) {
		CHECK(pipe(p[i]) == 0);
		struct epoll_event x = {.events = EPOLLIN | (i == 2 ? EPOLLET : 0), .data.u64 = 0x1111111100000000 + i};
		CHECK(epoll_ctl(e, EPOLL_CTL_ADD, p[i][0], &x) == 0);
	}
	FILL(ev);
	CHECK(epoll_wait(e, ev, 6, 0) == 0);
	MIX(ev);
	CHECK(epoll_wait(e, ev, 6, 10) == 0);
	MIX(ev);
	ok("none");
	CHECK(write(p[0][1], "x", 1) == 1 && write(p[2][1], "x", 1) == 1);
	CHECK(epoll_wait(e, ev, 6, -1) == 2);
	MIX(ev);
	FILL(ev);
	sigset_t none;
	sigemptyset(&none);
	CHECK(epoll_pwait(e, ev, 6, -1, &none) == 1); // the edge is gone
	MIX(ev);
	FILL(ev);
	struct timespec t = {1, 0};
	long n = syscall(SYS_epoll_pwait2, e, ev, 6, &t, NULL, 8);
	CHECK(n == 1 || errno == ENOSYS);
	MIX(t);
	ok("ready");

	pid_t kid = fork();
	if (kid == 0) {
		nap(10);
		CHECK(write(p[1][1], "wake", 4) == 4);
		_exit(0);
	}
	CHECK(epoll_ctl(e, EPOLL_CTL_DEL, p[0][0], NULL) == 0);
	FILL(ev);
	CHECK(epoll_wait(e, ev, 6, 5000) == 1); // blocks
	CHECK(ev[0].data.u64 == 0x1111111100000001);
	MIX(ev);
	reap(kid);
	ok("blocked");
}
