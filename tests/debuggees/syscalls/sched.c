// Proves: the sched_* calls, affinity above all (the recorder pins; what the program sees must replay).
#include "../debuggee.h"
#include <sched.h>

int main(void) {
	cpu_set_t c;
	FILL(c);
	long n = syscall(SYS_sched_getaffinity, 0, sizeof c, &c);
	CHECK(n > 0);
	mix(n), MIX(c);
	FILL(c);
	CHECK(sched_getaffinity(0, sizeof c, &c) == 0 && CPU_COUNT(&c) >= 1);
	MIX(c);
	CHECK(sched_setaffinity(0, sizeof c, &c) == 0);
	mix(sched_getcpu());
	struct sched_param p;
	FILL(p);
	CHECK(sched_getparam(0, &p) == 0 && p.sched_priority == 0);
	MIX(p);
	struct timespec t;
	FILL(t);
	CHECK(sched_rr_get_interval(0, &t) == 0);
	MIX(t);
	char a[64];
	FILL(a);
	CHECK(syscall(SYS_sched_getattr, 0, a, sizeof a, 0) == 0);
	MIX(a);
	CHECK(sched_getscheduler(0) == SCHED_OTHER);
	CHECK(sched_get_priority_max(SCHED_FIFO) == 99 && sched_get_priority_min(SCHED_FIFO) == 1);
	p.sched_priority = 0;
	CHECK(sched_setscheduler(0, SCHED_BATCH, &p) == 0);
	for (int i = 0; i < 20; i++) CHECK(sched_yield() == 0);
	ok("sched");
}
