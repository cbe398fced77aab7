// Proves: a crash in one of several threads while the others block: the whole process ends with 139.
// status: 139
#include "../debuggee.h"
#include <pthread.h>

static void *work(void *arg) {
	if (arg == NULL) for (;;) pause();
	nap(5);
	mix(gettid()), witness();
	*(volatile int *)8 = 1; // BP1
	return NULL;
}

int main(void) {
	pthread_t t[4];
	puts("before");
	fflush(stdout);
	for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, work, i == 2 ? t : NULL);
	pthread_join(t[0], NULL);
}
