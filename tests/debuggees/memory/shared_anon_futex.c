// Proves: two processes with mutex and condition variable in a shared anonymous mapping, 500 hand-overs.
#include "../debuggee.h"
#include <pthread.h>
#include <sys/mman.h>

struct box {
	pthread_mutex_t m;
	pthread_cond_t c;
	int turn, total;
	uint64_t trail;
};

int main(void) {
	struct box *b = mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t ma;
	pthread_condattr_t ca;
	pthread_mutexattr_init(&ma), pthread_mutexattr_setpshared(&ma, PTHREAD_PROCESS_SHARED);
	pthread_condattr_init(&ca), pthread_condattr_setpshared(&ca, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&b->m, &ma), pthread_cond_init(&b->c, &ca);
	pid_t kid = fork();
	int me = kid == 0;
	for (int i = 0; i < 250; i++) {
		pthread_mutex_lock(&b->m);
		while (b->turn != me) pthread_cond_wait(&b->c, &b->m);
		b->turn = !me, b->total++;
		b->trail = b->trail * 31 + getpid();
		mix(b->trail);
		pthread_cond_signal(&b->c);
		pthread_mutex_unlock(&b->m);
		witness();
	}
	if (me) _exit(0);
	reap(kid);
	CHECK(b->total == 500);
	ok("shared_anon_futex");
}
