// Proves: rseq may be refused; the kernel never writes a CPU number into the program's memory behind the recording.
#include "../debuggee.h"
#include <sched.h>

static struct {
	uint32_t cpu_start, cpu;
	uint64_t cs;
	uint32_t flags, node, mm_cid;
	char pad[4];
} area __attribute__((aligned(32)));

int main(void) {
	long r = syscall(SYS_rseq, &area, 32, 0, 0x53053053);
	CHECK(r == 0 || errno == ENOSYS || errno == EINVAL || errno == EBUSY || errno == EPERM);
	for (int i = 0; i < 50; i++) {
		sched_yield();
		MIX(area);
		witness();
	}
	ok("rseq");
	_exit(0);
}
