// Proves: 8 threads with mutex, condition variable, barrier, rwlock and semaphore: all futexes, contended.
#include "../debuggee.h"
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#define N 8
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t bar;
static sem_t sem;
static int turn, counter, readers;
static uint64_t order;

static void *work(void *arg) {
	int me = (intptr_t)arg;
	for (int i = 0; i < 200; i++) {
		pthread_mutex_lock(&m);
		counter++;
		order = order * 31 + me; // which thread came when
		mix(order);
		if (i % 10 == 0) sched_yield();
		pthread_mutex_unlock(&m);
	}
	pthread_barrier_wait(&bar);
	for (int i = 0; i < 10; i++) {
		pthread_mutex_lock(&m);
		while (turn % N != me) pthread_cond_wait(&c, &m);
		turn++;
		pthread_cond_broadcast(&c);
		pthread_mutex_unlock(&m);
	}
	pthread_barrier_wait(&bar);
	for (int i = 0; i < 40; i++) {
		if (i % 8 == me) {
			pthread_rwlock_wrlock(&rw);
			order += me, readers++;
			sched_yield();
		} else {
			pthread_rwlock_rdlock(&rw);
			mix(order), mix(readers);
		}
		pthread_rwlock_unlock(&rw);
		sem_wait(&sem);
		if (i % 8 == 0) nap(1);
		sem_post(&sem);
		witness();
	}
	return (void *)(intptr_t)(me * 10);
}

int main(void) {
	pthread_t t[N];
	pthread_barrier_init(&bar, NULL, N);
	sem_init(&sem, 0, 2);
	for (int i = 0; i < N; i++) CHECK(pthread_create(&t[i], NULL, work, (void *)(intptr_t)i) == 0);
	for (int i = 0; i < N; i++) {
		void *r;
		CHECK(pthread_join(t[i], &r) == 0 && (intptr_t)r == i * 10);
	}
	CHECK(counter == 200 * N && turn == 10 * N && readers == 5 * N);
	mix(order);
	struct timespec past = {1, 0};
	pthread_mutex_lock(&m);
	CHECK(pthread_cond_timedwait(&c, &m, &past) == ETIMEDOUT);
	ok("locks");
}
