// Proves: signals to oneself, to the group, to another thread with tgkill and pthread_kill, blocked in a system call or not.
#include "../debuggee.h"
#include <pthread.h>

static volatile sig_atomic_t calls;
static volatile pid_t where;
static int p[2], tids[2];

static void handler(int s) {
	where = gettid();
	calls++;
	mix(s);
}

static void *reader(void *arg) {
	char c;
	pid_t t = gettid();
	CHECK(write(tids[1], &t, sizeof t) == sizeof t);
	*(int *)arg = 0;
	for (int i = 0; i < 3; i++) {
		ssize_t r = read(p[0], &c, 1); // BP1
		CHECK(r == -1 && errno == EINTR && where == t);
		++*(int *)arg;
		witness();
		CHECK(write(tids[1], &t, sizeof t) == sizeof t);
	}
	return NULL;
}

int main(void) {
	struct sigaction a = {.sa_handler = handler};
	sigaction(SIGUSR1, &a, NULL);
	setpgid(0, 0);
	kill(getpid(), SIGUSR1);
	CHECK(calls == 1);
	kill(0, SIGUSR1);
	CHECK(calls == 2);
	syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1);
	syscall(SYS_tkill, gettid(), SIGUSR1);
	CHECK(calls == 4);
	siginfo_t i = {.si_code = -5, .si_int = 3};
	CHECK(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &i) == 0 && syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGUSR1, &i) == 0);
	CHECK(calls == 6 && where == gettid());
	ok("self");
	pthread_t t;
	int hits;
	pid_t tid;
	CHECK(pipe(p) == 0 && pipe(tids) == 0);
	CHECK(pthread_create(&t, NULL, reader, &hits) == 0);
	CHECK(read(tids[0], &tid, sizeof tid) == sizeof tid);
	for (int n = 0; n < 3; n++) {
		nap(10); // let it block in read; a signal that comes before would be lost: send until it answers
		do {
			CHECK((n % 2 ? pthread_kill(t, SIGUSR1) : (int)syscall(SYS_tgkill, getpid(), tid, SIGUSR1)) == 0);
			nap(10);
		} while (hits == n);
		CHECK(read(tids[0], &tid, sizeof tid) == sizeof tid);
	}
	CHECK(pthread_join(t, NULL) == 0 && hits == 3);
	CHECK(syscall(SYS_tgkill, getpid(), tid, 0) == -1 && errno == ESRCH);
	ok("other thread");
}
