// Proves: unshare, setns, chroot and mount attempts (tolerated when refused) do not disturb the recorder.
#include "../debuggee.h"
#include <sched.h>
#include <sys/mount.h>

int main(void) {
	pid_t kid = fork();
	if (kid == 0) {
		mix(unshare(CLONE_FILES | CLONE_FS));
		if (unshare(CLONE_NEWUTS) == 0) mix(sethostname("debuggee", 8));
		mix(mount("none", "/no/such/place", "tmpfs", 0, NULL)), mix(chroot("/")), witness();
		_exit(0);
	}
	reap(kid);
	ok("namespaces");
}
