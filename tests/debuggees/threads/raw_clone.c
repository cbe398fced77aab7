// Proves: raw clone: CLONE_VM|CLONE_VFORK on a stack of one's own, a bare thread with SETTID and CLEARTID writes and SETTLS,
// CLONE_PARENT_SETTID of a plain child, CLONE_VM without CLONE_THREAD.
#include "../debuggee.h"
#include <sched.h>
#include <sys/mman.h>
#include <linux/futex.h>

static int shared, tid_here, tid_there;

static int vforked(void *arg) {
	shared += (intptr_t)arg;
	witness();
	_exit(0);
}

static int bare(void *arg) { // a thread without libc: raw system calls only
	(void)arg;
	shared = (int)db_raw(SYS_gettid, 0, 0, 0, 0, 0, 0);
	db_raw(SYS_getpriority, 99, shared, 0, 0, 0, 0);
	db_raw(SYS_exit, 0, 0, 0, 0, 0, 0);
	return 0;
}

int main(void) {
	char *stack = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	for (int i = 1; i <= 3; i++) {
		pid_t kid = clone(vforked, stack + 65536, CLONE_VM | CLONE_VFORK | SIGCHLD, (void *)(intptr_t)i);
		CHECK(kid > 0);
		reap(kid);
	}
	CHECK(shared == 6);
	ok("CLONE_VM|CLONE_VFORK");
	pid_t kid = clone(vforked, stack + 65536, CLONE_VM | SIGCHLD, (void *)10L);
	CHECK(kid > 0);
	reap(kid);
	CHECK(shared == 16);
	ok("CLONE_VM");
	static uint64_t tls[512];
	tls[256] = (uintptr_t)&tls[256], tls[258] = (uintptr_t)&tls[256];
	for (int i = 0; i < 5; i++) {
		tid_there = -1;
		int r = clone(bare, stack + 65536, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
		              CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID, NULL, &tid_here, &tls[256], &tid_there);
		CHECK(r > 0 && tid_here == r);
		int v;
		while ((v = *(volatile int *)&tid_there) != 0) syscall(SYS_futex, &tid_there, FUTEX_WAIT, v, NULL, NULL, 0);
		CHECK(shared == r);
		mix(r), mix(tid_there), witness();
	}
	ok("bare thread");
	long r = syscall(SYS_clone, CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, NULL, &tid_here, &tid_there, NULL);
	if (r == 0) {
		CHECK(tid_there == getpid());
		_exit(0);
	}
	CHECK(tid_here == r && tid_there == 0);
	reap(r);
	ok("settid");
}
