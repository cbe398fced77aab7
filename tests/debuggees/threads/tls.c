// Proves: thread-local storage (initial, dynamic, pthread keys with destructors) and the fs base of each thread.
#include "../debuggee.h"
#include <pthread.h>

static __thread int small = 5;
static __thread char large[20000];
static pthread_key_t key;
static int destroyed;

static void destroy(void *v) { destroyed += *(int *)v; free(v); }

static void *work(void *arg) {
	int me = (intptr_t)arg;
	CHECK(small == 5 && large[me] == 0);
	small += me;
	memset(large, me, sizeof large);
	int *v = malloc(sizeof *v);
	*v = me;
	pthread_setspecific(key, v);
	mix(gettid()), mix((uintptr_t)&small), mix(pthread_self());
	for (int i = 0; i < 20; i++) {
		nap(0);
		CHECK(small == 5 + me && large[19999] == me && *(int *)pthread_getspecific(key) == me);
		MIX(large), witness();
	}
	return NULL;
}

int main(void) {
	pthread_t t[6];
	pthread_key_create(&key, destroy);
	for (int i = 0; i < 6; i++) pthread_create(&t[i], NULL, work, (void *)(intptr_t)(i + 1));
	for (int i = 0; i < 6; i++) pthread_join(t[i], NULL);
	CHECK(small == 5 && destroyed == 21);
	ok("tls");
}
