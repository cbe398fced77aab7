// Proves: what a system call leaves in rcx, r11, flags and the untouched registers; also after a signal, a fork and a failed call.
#include "../debuggee.h"

static void handler(int s) { mix(s); }

static void call(long nr, long a, long b, long c) {
	register long r12 __asm__("r12") = 0x1212, r13 __asm__("r13") = 0x1313, r8 __asm__("r8") = 0x88, r9 __asm__("r9") = 0x99, r10 __asm__("r10") = 0x1010;
	uint64_t rcx = 0x5151, r11, flags;
	long r;
	__asm__ volatile("std\n\tcmc\n\tsyscall\n\tpushf\n\tpop %3\n\tmov %%rcx, %1\n\tmov %%r11, %2\n\tcld"
	                 : "=a"(r), "=&r"(rcx), "=&r"(r11), "=&r"(flags), "+r"(r12), "+r"(r13), "+r"(r8), "+r"(r9), "+r"(r10)
	                 : "0"(nr), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory", "cc");
	CHECK(r12 == 0x1212 && r13 == 0x1313 && r8 == 0x88 && r9 == 0x99 && r10 == 0x1010);
	if (nr == SYS_fork && r == 0) _exit(0);
	if (nr == SYS_fork) reap(r);
	CHECK(flags & 0x400);
	mix(rcx), mix(r11), mix(flags), mix(r), witness();
}

int main(void) {
	signal(SIGUSR1, handler);
	for (int i = 0; i < 20; i++) {
		call(SYS_getpid, 1, 2, 3);
		call(SYS_close, -1, 2, 3);
		call(9999, 1, 2, 3);
		call(SYS_tgkill, getpid(), gettid(), SIGUSR1);
	}
	ok("rcx_r11");
}
