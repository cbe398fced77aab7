// Proves: a static executable (no dynamic linker, no PIE, IFUNCs resolved at the start) with a thread.
// flags: -static -no-pie
#include "../debuggee.h"
#include <pthread.h>

static void *work(void *arg) { return mix(gettid()), witness(), arg; }

int main(void) {
	pthread_t t;
	char a[300], b[300];
	memset(a, 'a', sizeof a), memcpy(b, a, sizeof b);
	pthread_create(&t, NULL, work, NULL);
	pthread_join(t, NULL);
	mix((uintptr_t)main), MIX(b), mix(time(NULL));
	ok("static");
}
