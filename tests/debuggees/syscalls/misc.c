// Proves: rare calls that write to memory, each tolerated when it fails: the call's answer is mixed in, whatever it is.
#include "../debuggee.h"
#include <sys/fanotify.h>
#include <sys/mman.h>
#include <sys/personality.h>

int main(void) {
	char b[4096];
	int f = open("/proc/self/exe", O_RDONLY);
	char *m = mmap(NULL, 16384, PROT_READ, MAP_PRIVATE, f, 0);
	CHECK(m != MAP_FAILED);
	FILL(b);
	CHECK(mincore(m, 16384, (void *)b) == 0);
	MIX(b);
	void *head = NULL;
	size_t len = 0;
	CHECK(syscall(SYS_get_robust_list, 0, &head, &len) == 0);
	mix((uintptr_t)head), mix(len);
	mix(personality(0xffffffff));
	sigset_t s;
	FILL(s);
	CHECK(syscall(SYS_rt_sigpending, &s, 8) == 0);
	MIX(s);
	FILL(b);
	mix(syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 1));
	mix(syscall(SYS_membarrier, 0, 0, 0));
	mix(syscall(SYS_modify_ldt, 0, b, 64)), MIX(b);
	mix(syscall(SYS_sysfs, 3)), mix(syscall(SYS_ustat, 1, b)), MIX(b);
	mix(syscall(SYS_syslog, 10, NULL, 0));
	int mode[4] = {9, 9, 9, 9};
	uint64_t nodes[4] = {9, 9, 9, 9};
	mix(syscall(SYS_get_mempolicy, mode, nodes, 64, NULL, 0)), MIX(mode), MIX(nodes);
	uint64_t range[2] = {0, 4096}, cs[5] = {9, 9, 9, 9, 9};
	mix(syscall(451 /* cachestat */, f, range, cs, 0)), MIX(cs);
	uint64_t req[3] = {24, 1, 2};
	FILL(b);
	mix(syscall(457 /* statmount */, req, b, sizeof b, 0));
	mix(syscall(458 /* listmount */, req, b, 8, 0)), MIX(b);
	mix(syscall(459 /* lsm_get_self_attr */, 100, b, mode, 0)), MIX(b);
	mix(syscall(461 /* lsm_list_modules */, b, mode, 0)), MIX(b), MIX(mode);
	mix(fanotify_init(FAN_CLASS_NOTIF, O_RDONLY));
	mix(syscall(SYS_keyctl, 0, -3, 0)), mix(syscall(SYS_add_key, "user", "k", "v", 1, -2));
	mix(mlock(b, sizeof b)), mix(munlock(b, sizeof b)), mix(mlockall(MCL_CURRENT)), mix(munlockall());
	mix(pkey_alloc(0, 0));
	mix(syscall(SYS_ioprio_get, 1, 0));
	mix(syscall(SYS_lookup_dcookie, 1, b, 10)), mix(syscall(SYS_quotactl, 0x80000101, "/dev/none", 0, b));
	mix(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0)), mix(syscall(SYS_bpf, 99, NULL, 0));
	mix(syscall(SYS_sync_file_range, f, 0, 0, 0)), mix(syscall(SYS_vhangup + 10000));
	MIX(b);
	ok("misc");
}
