// Proves: a program that installs a seccomp filter of its own (error answers, SIGSYS handled, death): behaves, or is refused ENOSYS
// or EINVAL by name and goes on.
#include "../debuggee.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

static volatile int sys;
static void handler(int s, siginfo_t *i, void *u) {
	(void)u;
	CHECK(s == SIGSYS && i->si_code == 1);
	mix_mem(i, 40);
	sys = i->si_syscall;
}

int main(void) {
	struct sock_filter code[] = {
	        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 77),
	        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgrp, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
	        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getegid, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {sizeof code / sizeof *code, code};
	struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	sigaction(SIGSYS, &a, NULL);
	pid_t kid = fork();
	if (kid == 0) {
		CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) != 0) {
			CHECK(errno == ENOSYS || errno == EINVAL);
			_exit(0);
		}
		CHECK(prctl(PR_GET_SECCOMP) == 2);
		CHECK(syscall(SYS_getppid) == -1 && errno == 77);
		syscall(SYS_getpgrp);
		CHECK(sys == SYS_getpgrp);
		pid_t grandkid = fork();
		if (grandkid == 0) {
			syscall(SYS_getegid);
			_exit(1);
		}
		int st;
		CHECK(waitpid(grandkid, &st, 0) == grandkid && WIFSIGNALED(st) && WTERMSIG(st) == SIGSYS);
		witness();
		_exit(0);
	}
	reap(kid);
	ok("own_seccomp");
}
