// Proves: fcntl record locks between processes (F_GETLK's answer, F_SETLKW that blocks), OFD locks, flock, owners.
#include "../debuggee.h"
#include <sys/file.h>

int main(void) {
	enter_tmp();
	int f = open("f", O_CREAT | O_RDWR, 0600), p[2], q[2];
	CHECK(pipe(p) == 0 && pipe(q) == 0);
	struct flock l = {.l_type = F_WRLCK, .l_start = 10, .l_len = 20};
	pid_t kid = fork();
	char c;
	if (kid == 0) {
		CHECK(fcntl(f, F_SETLK, &l) == 0);
		CHECK(write(p[1], "L", 1) == 1 && read(q[0], &c, 1) == 1);
		nap(15); // the parent blocks in F_SETLKW
		_exit(0); // and the kernel lets the lock go
	}
	CHECK(read(p[0], &c, 1) == 1);
	struct flock g = {.l_type = F_RDLCK, .l_start = 0, .l_len = 100};
	CHECK(fcntl(f, F_GETLK, &g) == 0 && g.l_type == F_WRLCK && g.l_pid == kid && g.l_start == 10 && g.l_len == 20);
	MIX(g);
	CHECK(fcntl(f, F_SETLK, &l) == -1 && (errno == EAGAIN || errno == EACCES));
	CHECK(write(q[1], "g", 1) == 1);
	CHECK(fcntl(f, F_SETLKW, &l) == 0);
	reap(kid);
	ok("record locks");
	int h = open("f", O_RDWR);
	struct flock o = {.l_type = F_WRLCK, .l_start = 200, .l_len = 1};
	CHECK(fcntl(f, F_OFD_SETLK, &o) == 0);
	CHECK(fcntl(h, F_OFD_GETLK, &o) == 0 && o.l_type == F_WRLCK && o.l_pid == -1);
	MIX(o);
	CHECK(flock(f, LOCK_EX) == 0 && flock(h, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK);
	kid = fork();
	if (kid == 0) {
		CHECK(close(h) == 0 && (h = open("f", O_RDWR)) >= 0);
		CHECK(write(p[1], "b", 1) == 1 && flock(h, LOCK_EX) == 0); // blocks
		_exit(0);
	}
	CHECK(read(p[0], &c, 1) == 1);
	nap(10);
	CHECK(flock(f, LOCK_UN) == 0);
	reap(kid);
	ok("other locks");
	struct f_owner_ex e = {9, 9};
	CHECK(fcntl(p[0], F_SETOWN, getpid()) == 0 && fcntl(p[0], F_GETOWN) == getpid());
	CHECK(fcntl(p[0], F_GETOWN_EX, &e) == 0 && e.pid == getpid());
	MIX(e);
	uint64_t hint = 5;
	mix(fcntl(f, 1036 /* F_GET_FILE_RW_HINT */, &hint)), mix(hint);
	mix(fcntl(f, F_GETFL)), mix(fcntl(f, F_GETLEASE));
	ok("fcntl");
	leave_tmp();
}
