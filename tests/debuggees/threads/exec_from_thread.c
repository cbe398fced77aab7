// Proves: a thread that is not the first calls exec while others block: they vanish, the pid stays, the thread becomes the first.
#include "../debuggee.h"
#include <pthread.h>

static char *self;

static void *blocks(void *arg) {
	pause();
	return arg;
}

static void *execs(void *arg) {
	char pid[20];
	snprintf(pid, sizeof pid, "%d", getpid());
	mix(gettid()), witness();
	execl("/proc/self/exe", self, pid, NULL);
	CHECK(!"exec");
	return arg;
}

int main(int argc, char **argv) {
	self = argv[0];
	if (argc > 1) {
		CHECK(getpid() == atoi(argv[1]) && gettid() == getpid());
		ok("after exec");
		return 0;
	}
	pthread_t t;
	for (int i = 0; i < 3; i++) pthread_create(&t, NULL, blocks, NULL);
	ok("before exec");
	pthread_create(&t, NULL, execs, NULL);
	pthread_join(t, NULL);
	return 1;
}
