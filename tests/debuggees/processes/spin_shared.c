// Proves: two processes that hand a turn to and fro in shared memory by spinning, and a third that only computes, all get on.
#include "../debuggee.h"
#include <sys/mman.h>

enum { rounds = 50 };
static volatile struct {
	int turn, done;
	uint64_t sum;
} *s;

static void play(int me) {
	for (int i = 0; i < rounds; i++) {
		while (s->turn != me)
			;
		s->sum = s->sum * 31 + me;
		s->turn = !me;
	}
}

int main(void) {
	s = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(s != MAP_FAILED);
	uint64_t want = 0;
	for (int i = 0; i < 2 * rounds; i++) want = want * 31 + i % 2;
	pid_t busy = fork();
	if (busy == 0) {
		while (!s->done) mix(1);
		_exit(0);
	}
	pid_t other = fork();
	if (other == 0) {
		play(1);
		_exit(s->turn);
	}
	play(0);
	reap(other);
	s->done = 1;
	reap(busy);
	mix(s->sum);
	CHECK(s->sum == want);
	ok("spin_shared");
}
