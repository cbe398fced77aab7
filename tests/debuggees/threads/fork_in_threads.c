// Proves: fork in a program with other threads running: only the forking thread lives in the child; atfork handlers run.
#include "../debuggee.h"
#include <pthread.h>

static int before, in_child;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void prepare(void) { pthread_mutex_lock(&m), before++; }
static void parent(void) { pthread_mutex_unlock(&m); }
static void child(void) { pthread_mutex_unlock(&m), in_child = 1; }

static void *work(void *arg) {
	for (int i = 0; i < 5; i++) {
		pid_t kid = fork();
		CHECK(kid >= 0);
		if (kid == 0) {
			CHECK(in_child == 1 && gettid() == getpid());
			mix(before), witness();
			char *s = strdup("malloc works");
			pthread_mutex_lock(&m);
			_exit(s[0] != 'm');
		}
		reap(kid);
	}
	return arg;
}

int main(void) {
	pthread_t t[4];
	pthread_atfork(prepare, parent, child);
	for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, work, NULL);
	for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
	CHECK(before == 20 && in_child == 0);
	ok("fork_in_threads");
}
