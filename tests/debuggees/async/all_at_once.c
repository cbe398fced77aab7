// Proves: exit and exec of a process whose other threads compute without end.
// case: async/all_at_once-exit
// args: exit
// status: 7
// case: async/all_at_once-exec
// args: exec
#include "ticks.h"
#include <pthread.h>

static volatile int running;

static void *compute(void *p) {
	uint64_t state[2] = {1, 2};
	for (__atomic_fetch_add(&running, 1, __ATOMIC_SEQ_CST);;) {
		turn(state);
		__asm__ volatile("" ::: "memory");
	}
	return p;
}

int main(int argc, char **argv) {
	CHECK(argc == 2);
	if (argv[1][0] == 'd') return ok("executed"), 0;
	pthread_t t;
	for (int i = 0; i < 3; i++) CHECK(pthread_create(&t, NULL, compute, NULL) == 0);
	while (running < 3) {}
	ok(argv[1]);
	if (strcmp(argv[1], "exit") == 0) exit(7);
	execl("/proc/self/exe", argv[0], "done", NULL);
	return 1;
}
