// Computes without system calls, in a way that the argument names, until it is
// told to stop by a signal or by another thread.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

static volatile int ticks;
static volatile unsigned long count;
static volatile int turn;
static char buffer[8 << 20];

static void note(int sig) {
	(void)sig;
	ticks++;
}

static void every(long usec) {
	struct itimerval t = {{0, usec}, {0, usec}};
	signal(SIGALRM, note);
	setitimer(ITIMER_REAL, &t, 0);
}

// Each round leaves the registers as they were.
static void loop(int end) {
	while (ticks < end)
		count++;
}

static void *spin(void *arg) {
	int me = arg != 0;
	for (int i = 0; i < 20; i++) {
		while (turn != me)
			;
		turn = !me;
	}
	return 0;
}

// fill is where the interrupted thread must not be found: at a rep instruction.
extern const char fill[];

static void *repeat(void *arg) {
	for (int i = 0; i < 40; i++) {
		void *to = buffer;
		size_t n = sizeof buffer;
		__asm__ volatile(".global fill\nfill: rep stosb" : "+D"(to), "+c"(n) : "a"(i) : "memory");
	}
	return arg;
}

int main(int argc, char **argv) {
	const char *how = argc > 1 ? argv[1] : "";
	pthread_t t[2];
	sigset_t all, mask;
	struct sigaction trap;
	if (!strcmp(how, "alarm")) {
		every(2000);
		loop(20);
	} else if (!strcmp(how, "fast alarm")) {
		every(20);
		loop(50);
	} else if (!strcmp(how, "spin")) {
		for (long i = 0; i < 2; i++)
			pthread_create(&t[i], 0, spin, (void *)i);
		for (int i = 0; i < 2; i++)
			pthread_join(t[i], 0);
	} else if (!strncmp(how, "repeat", 6)) {
		printf("%p\n", (void *)fill);
		if (strstr(how, "blocked")) {
			sigfillset(&all);
			pthread_sigmask(SIG_SETMASK, &all, 0);
		} else if (strstr(how, "ignored")) {
			signal(SIGTRAP, SIG_IGN);
		}
		if (strstr(how, "alarm"))
			every(3000);
		pthread_create(&t[0], 0, repeat, 0);
		pthread_create(&t[1], 0, repeat, 0);
		pthread_join(t[0], 0);
		pthread_join(t[1], 0);
		// What the recorder did must not show.
		pthread_sigmask(SIG_BLOCK, 0, &mask);
		sigaction(SIGTRAP, 0, &trap);
		printf("blocked %d ignored %d\n", sigismember(&mask, SIGTRAP), trap.sa_handler == SIG_IGN);
	}
	return 0;
}
