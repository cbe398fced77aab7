// Proves: a thread calls exit while others block in read, futex, nanosleep and wait; the first thread had left before.
// status: 7
#include "../debuggee.h"
#include <pthread.h>

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int p[2];

static void *blocks(void *arg) {
	char c;
	switch ((intptr_t)arg) {
	case 0: return read(p[0], &c, 1) ? arg : NULL;
	case 1: pthread_mutex_lock(&m); return arg;
	case 2: pause(); return arg;
	default: sleep(100); return arg;
	}
}

static void *quits(void *arg) {
	nap(10);
	printf("exit from a thread\n");
	mix(gettid()), witness();
	exit(7);
	return arg;
}

int main(void) {
	pthread_t t;
	CHECK(pipe(p) == 0);
	pthread_mutex_lock(&m);
	for (int i = 0; i < 4; i++) pthread_create(&t, NULL, blocks, (void *)(intptr_t)i);
	pthread_create(&t, NULL, quits, NULL);
	pthread_exit(NULL); // the first thread ends, the process goes on
}
