// Proves: a computing child is stopped and continued by its parent, and computes on.
#include "ticks.h"
#include <sys/mman.h>

int main(void) {
	volatile int *end = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child = fork();
	if (child == 0) {
		uint64_t state[2] = {1, 2}, rounds = 0;
		setpgid(0, 0);
		*end = 2;
		for (; *end != 1; rounds++) turn(state);
		mix(state[0]), mix(rounds), witness();
		_exit(0);
	}
	while (*end != 2) nap(1);
	for (int round = 0; round < 6; round++) {
		int st, sig = SIGSTOP;
		CHECK(kill(child, sig) == 0);
		CHECK(waitpid(child, &st, WUNTRACED) == child && WIFSTOPPED(st) && WSTOPSIG(st) == sig);
		nap(1);
		CHECK(waitpid(child, &st, WUNTRACED | WNOHANG) == 0);
		CHECK(kill(child, SIGCONT) == 0);
		CHECK(waitpid(child, &st, WCONTINUED) == child && WIFCONTINUED(st));
		nap(1);
	}
	*end = 1;
	reap(child);
	ok("stop_continue");
}
