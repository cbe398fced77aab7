// Proves: 200 threads made and joined: the kernel's write of zero at clear_child_tid, stacks used again; and exit values.
#include "../debuggee.h"
#include <pthread.h>
#include <sched.h>

static void *work(void *arg) {
	mix(gettid()), witness();
	return (char *)arg + 1;
}

int main(void) {
	for (int i = 0; i < 200; i++) {
		pthread_t t;
		void *r;
		CHECK(pthread_create(&t, NULL, work, (void *)(intptr_t)i) == 0);
		if (i % 3 == 0) sched_yield();
		CHECK(pthread_join(t, &r) == 0 && (intptr_t)r == i + 1);
		mix(t);
	}
	ok("join200");
}
