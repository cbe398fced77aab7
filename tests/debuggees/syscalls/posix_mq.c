// Proves: POSIX message queues: priority written back, attributes, a receiver that blocks, a time-out.
#include "../debuggee.h"
#include <mqueue.h>

int main(void) {
	char name[40], b[64];
	snprintf(name, sizeof name, "/stepback-%d", getpid());
	struct mq_attr a = {.mq_maxmsg = 4, .mq_msgsize = 32};
	mqd_t q = mq_open(name, O_CREAT | O_RDWR, 0600, &a);
	if (q == (mqd_t)-1) {
		CHECK(errno == ENOSYS || errno == EACCES);
		ok("posix_mq");
		return 0;
	}
	CHECK(mq_unlink(name) == 0);
	pid_t kid = fork();
	if (kid == 0) {
		nap(10);
		CHECK(mq_send(q, "first", 5, 3) == 0);
		_exit(0);
	}
	unsigned prio = 99;
	FILL(b);
	CHECK(mq_receive(q, b, sizeof b, &prio) == 5 && prio == 3);
	MIX(b), mix(prio);
	reap(kid);
	FILL(a);
	CHECK(mq_getattr(q, &a) == 0 && a.mq_maxmsg == 4);
	MIX(a);
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	CHECK(mq_timedreceive(q, b, sizeof b, &prio, &t) == -1 && errno == ETIMEDOUT);
	ok("posix_mq");
}
