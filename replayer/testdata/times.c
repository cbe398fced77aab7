// Threads, signals, forks and computation, for travel to all of its times.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile unsigned long sum;
static void on_signal(int sig) { sum += sig; }

static int order(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

static void work(unsigned seed) {
	int list[64];
	for (int i = 0; i < 64; i++) list[i] = seed = seed * 1103515245 + 12345;
	qsort(list, 64, sizeof *list, order);
	char text[200];
	snprintf(text, sizeof text, "%d %g %s", list[3], list[7] / 3.0, "some text");
	sum += strlen(text) + list[5];
}

static void *thread(void *p) {
	for (int i = 0; i < 5; i++) work((unsigned long)p + i), usleep(10);
	return p;
}

int main(void) {
	signal(SIGUSR1, on_signal);
	pthread_t t[2];
	pthread_attr_t small;
	pthread_attr_init(&small), pthread_attr_setstacksize(&small, 64 << 10);
	for (long i = 0; i < 2; i++) pthread_create(&t[i], &small, thread, (void *)i);
	for (int i = 0; i < 5; i++) work(i * 77), raise(SIGUSR1);
	for (int i = 0; i < 2; i++) pthread_join(t[i], 0);
	if (fork() == 0) {
		work(5);
		_exit(0);
	}
	int status;
	wait(&status);
	work(6);
	printf("%lu\n", sum);
	return 0;
}
