// Proves: a fatal signal ends a computing process where it is: children by their parent, a thread group, the program itself.
// case: async/death-children
// args: children
// case: async/death-self
// args: self
// status: 143
#include "ticks.h"
#include <pthread.h>
#include <sys/mman.h>

static volatile int *ready;

static void *compute(void *p) {
	uint64_t state[2] = {1, 2};
	for (*ready += 1;;) {
		turn(state);
		__asm__ volatile("" ::: "memory");
	}
	return p;
}

int main(int argc, char **argv) {
	CHECK(argc == 2);
	ready = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_t t;
	if (argv[1][0] == 's') {
		pid_t parent = getpid();
		if (fork() == 0) {
			while (*ready == 0) nap(1);
			nap(3);
			kill(parent, SIGTERM);
			_exit(0);
		}
		ok("about to die");
		compute(NULL);
	}
	int signals[] = {SIGTERM, SIGINT, SIGKILL, SIGSEGV, SIGALRM, SIGRTMIN + 3};
	for (int k = 0; k < 6; k++)
		for (int threads = 1; threads <= 2; threads++) {
			*ready = 0;
			pid_t child = fork();
			if (child == 0) {
				if (threads == 2) pthread_create(&t, NULL, compute, NULL);
				compute(NULL);
			}
			while (*ready == 0) nap(1);
			nap(2);
			int st;
			CHECK(kill(child, signals[k]) == 0);
			CHECK(waitpid(child, &st, 0) == child && WIFSIGNALED(st) && WTERMSIG(st) == signals[k]);
		}
	ok("children");
}
