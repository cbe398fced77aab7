// Proves: prctls that write to memory or change what the program sees; arch_prctl.
#include "../debuggee.h"
#include <asm/prctl.h>
#include <sys/prctl.h>
#include <linux/securebits.h>

int main(void) {
	char name[32];
	FILL(name);
	CHECK(prctl(PR_GET_NAME, name) == 0 && strlen(name) > 0 && name[16] == (char)0xA5);
	MIX(name);
	CHECK(prctl(PR_SET_NAME, "a name that is longer than 15") == 0);
	FILL(name);
	CHECK(prctl(PR_GET_NAME, name) == 0 && strcmp(name, "a name that is ") == 0);
	MIX(name);
	int sig = 77, v = 77;
	CHECK(prctl(PR_SET_PDEATHSIG, SIGUSR1) == 0 && prctl(PR_GET_PDEATHSIG, &sig) == 0 && sig == SIGUSR1);
	CHECK(prctl(PR_SET_PDEATHSIG, 0) == 0);
	CHECK(prctl(PR_GET_CHILD_SUBREAPER, &v) == 0 && v == 0);
	uint64_t tid = 5;
	mix(prctl(PR_GET_TID_ADDRESS, &tid)), mix(tid);
	mix(prctl(PR_GET_DUMPABLE)), mix(prctl(PR_GET_SECUREBITS)), mix(prctl(PR_GET_KEEPCAPS));
	CHECK(prctl(PR_SET_TIMERSLACK, 60000) == 0 && prctl(PR_GET_TIMERSLACK) == 60000);
	mix(prctl(PR_CAPBSET_READ, 5));
	mix(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	unsigned long fs = 0, gs = 1;
	CHECK(syscall(SYS_arch_prctl, ARCH_GET_FS, &fs) == 0 && syscall(SYS_arch_prctl, ARCH_GET_GS, &gs) == 0);
	CHECK(fs != 0 && gs == 0);
	mix(fs);
	static uint64_t cell = 0x123456789abcdef;
	CHECK(syscall(SYS_arch_prctl, ARCH_SET_GS, &cell) == 0);
	uint64_t got;
	__asm__ volatile("mov %%gs:0, %0" : "=r"(got));
	CHECK(got == cell);
	pid_t kid = fork();
	if (kid == 0) {
		__asm__ volatile("mov %%gs:0, %0" : "=r"(got));
		CHECK(got == cell);
		_exit(0);
	}
	reap(kid);
	ok("prctl");
}
