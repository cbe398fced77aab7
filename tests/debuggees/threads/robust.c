// Proves: a robust mutex whose owner dies, thread and process: the kernel writes FUTEX_OWNER_DIED at exit.
#include "../debuggee.h"
#include <pthread.h>
#include <sys/mman.h>

static pthread_mutex_t *m;

static void *dies(void *arg) {
	(void)arg;
	pthread_mutex_lock(m);
	return NULL;
}

int main(void) {
	m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t a;
	pthread_mutexattr_init(&a);
	pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(m, &a);
	pthread_t t;
	pthread_create(&t, NULL, dies, NULL);
	pthread_join(t, NULL);
	mix_mem(m, 40), witness(); // BP1
	CHECK(pthread_mutex_lock(m) == EOWNERDEAD && pthread_mutex_consistent(m) == 0 && pthread_mutex_unlock(m) == 0);
	ok("thread");
	int p[2];
	CHECK(pipe(p) == 0);
	pid_t kid = fork();
	if (kid == 0) {
		pthread_mutex_lock(m);
		CHECK(write(p[1], "l", 1) == 1);
		nap(10); // the parent waits in lock
		_exit(0);
	}
	char c;
	CHECK(read(p[0], &c, 1) == 1);
	CHECK(pthread_mutex_lock(m) == EOWNERDEAD);
	mix_mem(m, 40);
	CHECK(pthread_mutex_consistent(m) == 0 && pthread_mutex_unlock(m) == 0);
	reap(kid);
	kid = fork();
	if (kid == 0) {
		pthread_mutex_lock(m);
		kill(getpid(), SIGKILL);
	}
	int st;
	CHECK(waitpid(kid, &st, 0) == kid && WTERMSIG(st) == SIGKILL);
	CHECK(pthread_mutex_lock(m) == EOWNERDEAD);
	mix_mem(m, 40);
	ok("process");
}
