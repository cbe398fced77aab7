// Proves: threads that mostly run rep instructions take turns and get signals, while SIGTRAP is free, blocked, or ignored; how
// the program handles SIGTRAP stays as it is.
#include "../debuggee.h"
#include <pthread.h>
#include <sys/time.h>

static volatile int ticks;
static char areas[2][2 << 20];

static void handler(int s) { mix(s), ticks++; }

static void *fill(void *area) {
	for (int i = 0; i < 40; i++) {
		void *to = area;
		size_t n = sizeof areas[0];
		__asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(i) : "memory");
		CHECK(n == 0 && ((char *)area)[n] == i && ((char *)to)[-1] == i);
	}
	return NULL;
}

static void run(const char *what, int blocked, int ignored) {
	struct itimerval t = {{0, 3000}, {0, 3000}};
	setitimer(ITIMER_REAL, &t, NULL);
	pthread_t other;
	CHECK(pthread_create(&other, NULL, fill, areas[1]) == 0);
	fill(areas[0]);
	CHECK(pthread_join(other, NULL) == 0);
	t.it_interval.tv_usec = t.it_value.tv_usec = 0;
	setitimer(ITIMER_REAL, &t, NULL);
	sigset_t mask;
	struct sigaction a;
	CHECK(pthread_sigmask(SIG_BLOCK, NULL, &mask) == 0 && sigaction(SIGTRAP, NULL, &a) == 0);
	CHECK(sigismember(&mask, SIGTRAP) == blocked && (a.sa_handler == SIG_IGN) == ignored);
	mix(ticks);
	ok(what);
}

int main(void) {
	struct sigaction a = {.sa_handler = handler, .sa_flags = SA_RESTART};
	sigset_t trap;
	sigaction(SIGALRM, &a, NULL);
	sigemptyset(&trap), sigaddset(&trap, SIGTRAP);
	run("free", 0, 0);
	pthread_sigmask(SIG_BLOCK, &trap, NULL);
	run("blocked", 1, 0);
	pthread_sigmask(SIG_UNBLOCK, &trap, NULL);
	signal(SIGTRAP, SIG_IGN);
	run("ignored", 0, 1);
}
