// Proves: the old numbers that libc no longer uses: open, pipe, fork, nanosleep, select, epoll_create, eventfd, signalfd,
// inotify_init, utime, utimes, futimesat, mknod, lchown, semop, setrlimit, creat, alarm.
#include "../debuggee.h"
#include <sys/ipc.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/time.h>
#include <utime.h>

int main(void) {
	enter_tmp();
	int p[2] = {-1, -1}, st;
	CHECK(syscall(SYS_pipe, p) == 0 && p[0] >= 0);
	MIX(p);
	long kid = db_raw(SYS_fork, 0, 0, 0, 0, 0, 0);
	if (kid == 0) {
		struct timespec t = {0, 5000000}, left;
		FILL(left);
		CHECK(syscall(SYS_nanosleep, &t, &left) == 0);
		MIX(left), witness();
		CHECK(syscall(SYS_write, p[1], "x", 1) == 1);
		syscall(SYS_exit, 3);
	}
	fd_set r;
	FD_ZERO(&r);
	FD_SET(p[0], &r);
	struct timeval tv = {5, 0};
	CHECK(syscall(SYS_select, p[0] + 1, &r, NULL, NULL, &tv) == 1 && tv.tv_sec <= 4);
	MIX(r), MIX(tv);
	CHECK(waitpid(kid, &st, 0) == kid && WEXITSTATUS(st) == 3);
	ok("processes");
	int f = syscall(SYS_open, "f", O_CREAT | O_RDWR, 0600);
	CHECK(f >= 0 && syscall(SYS_epoll_create, 4) >= 0 && syscall(SYS_eventfd, 7) >= 0 && syscall(SYS_inotify_init) >= 0);
	sigset_t m;
	sigemptyset(&m);
	CHECK(syscall(SYS_signalfd, -1, &m, 8) >= 0);
	struct utimbuf u = {1, 2};
	struct timeval tvs[2] = {{3, 4}, {5, 6}};
	struct stat s;
	CHECK(syscall(SYS_utime, "f", &u) == 0 && syscall(SYS_utimes, "f", tvs) == 0 && syscall(SYS_futimesat, AT_FDCWD, "f", tvs) == 0);
	FILL(s);
	CHECK(syscall(SYS_fstat, f, &s) == 0 && s.st_mtim.tv_sec == 5);
	MIX(s);
	CHECK(syscall(SYS_mknod, "fifo", S_IFIFO | 0600, 0) == 0 && syscall(SYS_lchown, "f", -1, -1) == 0);
	struct rlimit l = {50, 4096};
	mix(syscall(SYS_setrlimit, RLIMIT_NOFILE, &l));
	int sem = semget(IPC_PRIVATE, 1, 0600);
	struct sembuf up = {0, 1, 0};
	CHECK(syscall(SYS_semop, sem, &up, 1) == 0 && semctl(sem, 0, IPC_RMID) == 0);
	ok("files");
	leave_tmp();
}
