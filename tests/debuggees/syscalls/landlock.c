// Proves: landlock's calls pass (a kernel without landlock is tolerated); the sandbox holds for the recorded program.
#include "../debuggee.h"
#include <linux/landlock.h>
#include <sys/prctl.h>

int main(void) {
	long v = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	mix(v);
	if (v >= 1) {
		struct landlock_ruleset_attr a = {.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE};
		int r = syscall(SYS_landlock_create_ruleset, &a, sizeof a, 0);
		CHECK(r >= 0);
		struct landlock_path_beneath_attr p = {LANDLOCK_ACCESS_FS_READ_FILE, open("/proc", O_PATH)};
		CHECK(syscall(SYS_landlock_add_rule, r, LANDLOCK_RULE_PATH_BENEATH, &p, 0) == 0);
		CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
		CHECK(syscall(SYS_landlock_restrict_self, r, 0) == 0);
		CHECK(open("/etc/passwd", O_RDONLY) == -1 && errno == EACCES);
		CHECK(open("/proc/self/status", O_RDONLY) >= 0);
	}
	ok("landlock");
}
