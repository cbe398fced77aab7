// Proves: poll, ppoll, select and pselect: results in place, the time left written back, masks only for the call.
#include "../debuggee.h"
#include <poll.h>
#include <sys/select.h>

static int p[2], q[2];

static void later(void) {
	if (fork() == 0) {
		nap(10);
		CHECK(write(p[1], "x", 1) == 1);
		_exit(0);
	}
}

static void done(void) {
	char c;
	int st;
	CHECK(read(p[0], &c, 1) == 1);
	CHECK(wait(&st) > 0 && st == 0);
}

int main(void) {
	CHECK(pipe(p) == 0 && pipe(q) == 0);
	struct pollfd f[4] = {{p[0], POLLIN, 7}, {q[0], POLLIN, 7}, {-1, POLLIN, 7}, {q[1], POLLOUT, 7}};
	CHECK(poll(f, 3, 5) == 0);
	MIX(f);
	CHECK(poll(f, 4, -1) == 1 && f[3].revents == POLLOUT);
	MIX(f);
	later();
	CHECK(poll(f, 3, 5000) == 1);
	MIX(f);
	done();
	ok("poll");

	sigset_t m;
	sigfillset(&m);
	struct timespec t = {5, 0};
	later();
	long n = syscall(SYS_ppoll, f, 3, &t, &m, 8);
	CHECK(n == 1 && t.tv_sec <= 4); // the system call writes the time that is left
	MIX(f), MIX(t);
	done();
	ok("ppoll");

	fd_set r, w, x;
	FILL(r), FILL(w), FILL(x);
	FD_ZERO(&r); FD_SET(p[0], &r); FD_SET(q[0], &r);
	FD_ZERO(&w); FD_SET(q[1], &w);
	struct timeval tv = {5, 0};
	CHECK(select(20, &r, &w, NULL, &tv) == 1 && FD_ISSET(q[1], &w) && !FD_ISSET(p[0], &r));
	MIX(r), MIX(w), MIX(x), MIX(tv);
	FD_SET(p[0], &r);
	later();
	CHECK(select(20, &r, NULL, NULL, &tv) == 1 && tv.tv_sec <= 4);
	MIX(r), MIX(tv);
	done();
	FD_SET(p[0], &r);
	tv = (struct timeval){0, 5000};
	CHECK(select(20, &r, NULL, &x, &tv) == 0 || errno == EBADF); // x is poison
	MIX(r), MIX(x), MIX(tv);
	ok("select");

	FD_ZERO(&r); FD_SET(p[0], &r);
	t = (struct timespec){5, 0};
	later();
	struct {
		sigset_t *s;
		size_t n;
	} arg = {&m, 8};
	n = syscall(SYS_pselect6, p[0] + 1, &r, NULL, NULL, &t, &arg);
	CHECK(n == 1);
	MIX(r), MIX(t);
	done();
	ok("pselect");
}
