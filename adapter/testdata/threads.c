// Two threads and a child, and a signal that is handled.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
volatile int shared;

__attribute__((noinline)) void add(int n) {
	pthread_mutex_lock(&lock);
	shared += n;
	pthread_mutex_unlock(&lock);
}

static void *work(void *by) {
	for (int i = 0; i < 3; i++)
		add((int)(long)by);
	return 0;
}

volatile int handled;
void handler(int sig) { handled = sig; }

int main(void) {
	signal(SIGUSR1, handler);
	raise(SIGUSR1);
	pthread_t a, b;
	pthread_create(&a, 0, work, (void *)1);
	pthread_create(&b, 0, work, (void *)10);
	pthread_join(a, 0);
	pthread_join(b, 0);
	pid_t child = fork();
	if (child == 0) {
		add(100);
		_exit(3);
	}
	int status;
	waitpid(child, &status, 0);
	printf("%d %d\n", shared, WEXITSTATUS(status));
	return 0;
}
