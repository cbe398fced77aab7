// Proves: sysinfo, uname, rlimits, prlimit of another process, getrusage, getcpu, times, and the ids.
#include "../debuggee.h"
#include <grp.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/utsname.h>

int main(void) {
	struct sysinfo s;
	struct utsname u;
	struct rlimit l;
	struct rusage r;
	struct tms t;
	FILL(s), FILL(u), FILL(l), FILL(r), FILL(t);
	CHECK(sysinfo(&s) == 0 && s.totalram > 0);
	CHECK(uname(&u) == 0 && strcmp(u.sysname, "Linux") == 0);
	MIX(s), MIX(u);
	ok("system");
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		CHECK(getrlimit(i, &l) == 0);
		MIX(l);
	}
	CHECK(syscall(SYS_getrlimit, RLIMIT_STACK, &l) == 0);
	CHECK(getrlimit(RLIMIT_NOFILE, &l) == 0);
	l.rlim_cur = 64;
	CHECK(setrlimit(RLIMIT_NOFILE, &l) == 0);
	CHECK(prlimit(getppid(), RLIMIT_CPU, NULL, &l) == 0 || errno == EPERM);
	MIX(l);
	CHECK(getrusage(RUSAGE_SELF, &r) == 0 && r.ru_maxrss > 0);
	MIX(r);
	FILL(r);
	CHECK(getrusage(RUSAGE_CHILDREN, &r) == 0 && getrusage(RUSAGE_THREAD, &r) == 0);
	MIX(r);
	mix(times(&t)), MIX(t);
	ok("limits and usage");
	unsigned cpu = 77, node = 77;
	CHECK(syscall(SYS_getcpu, &cpu, &node, NULL) == 0);
	mix(cpu), mix(node);
	uid_t i[3] = {9, 9, 9};
	gid_t g[200];
	FILL(g);
	CHECK(getresuid(i, i + 1, i + 2) == 0);
	MIX(i);
	CHECK(getresgid(i, i + 1, i + 2) == 0);
	MIX(i);
	mix(getgroups(0, NULL)), mix(getgroups(200, g)), MIX(g);
	mix(getuid()), mix(geteuid()), mix(getgid()), mix(getegid()), mix(getpid()), mix(getppid()), mix(gettid());
	mix(getpgrp()), mix(getsid(0)), mix(getpgid(0));
	uint32_t head[2] = {0x20080522, 0}, data[6];
	FILL(data);
	CHECK(syscall(SYS_capget, head, data) == 0);
	MIX(head), MIX(data);
	head[0] = 1; // unknown version: the kernel writes the one it prefers
	mix(syscall(SYS_capget, head, NULL)), MIX(head);
	mix(getpriority(PRIO_PROCESS, 0));
	CHECK(setpriority(PRIO_PROCESS, 0, 5) == 0 && getpriority(PRIO_PROCESS, 0) == 5);
	ok("ids");
}
