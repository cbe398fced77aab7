// Proves: raw futex commands between processes: wait with a time-out, wake, bitset, requeue, wake_op's write, futex_waitv.
#include "../debuggee.h"
#include <linux/futex.h>
#include <sys/mman.h>

struct waitv {
	uint64_t val, addr;
	uint32_t flags, reserved;
};

static long futex(uint32_t *u, int op, uint32_t v, void *t, uint32_t *u2, uint32_t v3) {
	return syscall(SYS_futex, u, op, v, t, u2, v3);
}

int main(void) {
	uint32_t *w = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct timespec t = {0, 5000000};
	CHECK(futex(w, FUTEX_WAIT, 1, NULL, NULL, 0) == -1 && errno == EAGAIN);
	CHECK(futex(w, FUTEX_WAIT, 0, &t, NULL, 0) == -1 && errno == ETIMEDOUT);
	CHECK(futex(w, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &(struct timespec){1, 0}, NULL, 1) == -1 && errno == ETIMEDOUT);
	pid_t kid = fork();
	if (kid == 0) {
		nap(5);
		w[0] = 77;
		futex(w, FUTEX_WAKE, 1, NULL, NULL, 0);
		nap(5);
		w[1] = 88;
		futex(w + 1, FUTEX_WAKE_BITSET, 1, NULL, NULL, 4);
		nap(5);
		w[2] = 99;
		futex(w + 2, FUTEX_WAKE, 1, NULL, NULL, 0);
		_exit(0);
	}
	while (w[0] == 0) futex(w, FUTEX_WAIT, 0, NULL, NULL, 0);
	while (w[1] == 0) futex(w + 1, FUTEX_WAIT_BITSET, 0, NULL, NULL, 4);
	mix(w[0]), mix(w[1]);
	ok("wait and wake");
	struct waitv v[2] = {{0, (uintptr_t)(w + 2), 2, 0}, {0, (uintptr_t)(w + 3), 2, 0}};
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	now.tv_sec += 5;
	long r = syscall(449 /* futex_waitv */, v, 2, 0, &now, CLOCK_MONOTONIC);
	CHECK(r == 0 || errno == EAGAIN || errno == ENOSYS);
	reap(kid);
	CHECK(w[2] == 99);
	ok("waitv");
	// wake_op: w[5] += 9, the old value compared: the kernel writes to memory
	w[5] = 1;
	CHECK(futex(w + 4, FUTEX_WAKE_OP, 1, (void *)1L, w + 5, FUTEX_OP(FUTEX_OP_ADD, 9, FUTEX_OP_CMP_EQ, 1)) == 0 && w[5] == 10);
	CHECK(futex(w + 4, FUTEX_CMP_REQUEUE, 1, (void *)1L, w + 5, 0) == 0);
	mix_mem(w, 64);
	ok("wake_op");
}
