// Proves: pthread_cancel of threads that block in read, nanosleep and a condition, with cleanup handlers run.
#include "../debuggee.h"
#include <pthread.h>

static int p[2], cleaned, ready[2];
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;

static void clean(void *arg) { __atomic_add_fetch(&cleaned, (intptr_t)arg, __ATOMIC_SEQ_CST); }
static void unlock(void *arg) { pthread_mutex_unlock(arg); }

static void *work(void *arg) {
	char b;
	pthread_cleanup_push(clean, arg);
	CHECK(write(ready[1], "r", 1) == 1);
	switch ((intptr_t)arg) {
	case 1: CHECK(read(p[0], &b, 1) == -2); break;
	case 2:
		for (;;) nap(50);
	default:
		pthread_mutex_lock(&m);
		pthread_cleanup_push(unlock, &m);
		for (;;) pthread_cond_wait(&c, &m);
		pthread_cleanup_pop(1);
	}
	pthread_cleanup_pop(1);
	return NULL;
}

int main(void) {
	CHECK(pipe(p) == 0 && pipe(ready) == 0);
	pthread_t t[3];
	char b[3];
	for (int i = 0; i < 3; i++) {
		CHECK(pthread_create(&t[i], NULL, work, (void *)(intptr_t)(i + 1)) == 0);
		CHECK(read(ready[0], b, 1) == 1);
	}
	nap(5);
	for (int i = 0; i < 3; i++) CHECK(pthread_cancel(t[i]) == 0);
	for (int i = 0; i < 3; i++) {
		void *r;
		CHECK(pthread_join(t[i], &r) == 0 && r == PTHREAD_CANCELED);
	}
	CHECK(cleaned == 6);
	ok("cancel");
}
