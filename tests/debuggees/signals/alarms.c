// Proves: SIGALRM from setitimer interrupts read, nanosleep, poll, semaphore and wait with EINTR, or restarts read with SA_RESTART.
#include "../debuggee.h"
#include <poll.h>
#include <sys/time.h>

static volatile int ticks;
static int p[2], answer;

static void handler(int s) {
	mix(s);
	ticks++;
	if (answer && ticks == 2) CHECK(write(p[1], "from the handler", 16) == 16);
}

static void start(int flags) {
	struct sigaction a = {.sa_handler = handler, .sa_flags = flags};
	struct itimerval i = {{0, 10000}, {0, 10000}};
	sigaction(SIGALRM, &a, NULL);
	ticks = 0;
	CHECK(setitimer(ITIMER_REAL, &i, NULL) == 0);
}

static void stop(void) {
	struct itimerval i = {{0, 0}, {0, 0}};
	CHECK(setitimer(ITIMER_REAL, &i, NULL) == 0);
	CHECK(ticks >= 1);
	mix(ticks), witness();
}

int main(void) {
	char b[32];
	struct timespec left;
	CHECK(pipe(p) == 0);
	FILL(b);
	start(0);
	CHECK(read(p[0], b, sizeof b) == -1 && errno == EINTR); // BP1
	MIX(b);
	stop();
	ok("read");
	FILL(left);
	start(0);
	CHECK(nanosleep(&(struct timespec){20, 0}, &left) == -1 && errno == EINTR && left.tv_sec >= 15);
	MIX(left);
	stop();
	FILL(left);
	start(SA_RESTART); // nanosleep is not restarted after a handler
	CHECK(clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){20, 0}, &left) == EINTR && left.tv_sec >= 15);
	MIX(left);
	stop();
	ok("nanosleep");
	struct pollfd f = {p[0], POLLIN, 5};
	start(SA_RESTART);
	CHECK(poll(&f, 1, 20000) == -1 && errno == EINTR);
	MIX(f);
	stop();
	ok("poll");
	answer = 1;
	start(SA_RESTART);
	CHECK(read(p[0], b, sizeof b) == 16 && memcmp(b, "from the handler\xA5", 17) == 0); // restarted twice
	MIX(b);
	stop();
	answer = 0;
	ok("SA_RESTART");
	pid_t kid = fork();
	if (kid == 0) {
		pause();
		_exit(0);
	}
	int st;
	start(0);
	CHECK(waitpid(kid, &st, 0) == -1 && errno == EINTR);
	stop();
	kill(kid, SIGKILL);
	CHECK(waitpid(kid, &st, 0) == kid);
	ok("wait");
}
