// Proves: detached threads that free their own stacks at the end (munmap of the stack one stands on), counted by a semaphore.
#include "../debuggee.h"
#include <pthread.h>
#include <semaphore.h>

static sem_t done;

static void *work(void *arg) {
	char big[50000];
	memset(big, (intptr_t)arg, sizeof big);
	MIX(big), witness();
	sem_post(&done);
	return NULL;
}

int main(void) {
	pthread_attr_t a;
	pthread_attr_init(&a);
	pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&a, 300000);
	sem_init(&done, 0, 0);
	for (int i = 0; i < 60; i++) {
		pthread_t t;
		CHECK(pthread_create(&t, &a, work, (void *)(intptr_t)i) == 0);
		mix(t);
		if (i % 4 == 0) sem_wait(&done);
	}
	for (int i = 0; i < 45; i++) sem_wait(&done);
	ok("detached");
}
