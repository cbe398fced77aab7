// Proves: priority-inheriting mutexes: the kernel itself writes the new owner's tid into the futex word.
#include "../debuggee.h"
#include <pthread.h>

static pthread_mutex_t m;
static int count;

static void *work(void *arg) {
	for (int i = 0; i < 50; i++) {
		CHECK(pthread_mutex_lock(&m) == 0);
		count++;
		mix_mem(&m, 40);
		if (i % 5 == 0) nap(0); // others wait in the kernel
		CHECK(pthread_mutex_unlock(&m) == 0);
		witness();
	}
	return arg;
}

int main(void) {
	pthread_mutexattr_t a;
	pthread_mutexattr_init(&a);
	pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT);
	CHECK(pthread_mutex_init(&m, &a) == 0);
	pthread_t t[4];
	for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, work, NULL);
	for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
	CHECK(count == 200);
	ok("pi_mutex");
}
