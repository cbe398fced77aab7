// Proves: eventfd as a counter and as a semaphore, and a reader that blocks until another process writes.
#include "../debuggee.h"
#include <sys/eventfd.h>

int main(void) {
	int e = eventfd(3, EFD_CLOEXEC), s = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
	uint64_t v = 0;
	CHECK(read(e, &v, 8) == 8 && v == 3);
	mix(v);
	CHECK(read(s, &v, 8) == 8 && v == 1 && read(s, &v, 8) == 8 && read(s, &v, 8) == -1 && errno == EAGAIN);
	pid_t kid = fork();
	if (kid == 0) {
		nap(10);
		v = 0x123456789;
		CHECK(write(e, &v, 8) == 8);
		_exit(0);
	}
	CHECK(read(e, &v, 8) == 8 && v == 0x123456789);
	mix(v);
	reap(kid);
	ok("eventfd");
}
