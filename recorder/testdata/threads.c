// Four threads take turns with a condition, each a hundred times; one ends
// the process while the others wait.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn;

static void *play(void *arg) {
	int me = (int)(long)arg;
	pthread_mutex_lock(&lock);
	for (int i = 0; i < 100; i++) {
		while (turn % 4 != me)
			pthread_cond_wait(&changed, &lock);
		turn++;
		pthread_cond_broadcast(&changed);
	}
	pthread_mutex_unlock(&lock);
	return 0;
}

int main(void) {
	pthread_t t[3];
	for (long i = 0; i < 3; i++)
		pthread_create(&t[i], 0, play, (void *)(i + 1));
	play(0);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], 0);
	printf("%d\n", turn);
	return 0;
}
