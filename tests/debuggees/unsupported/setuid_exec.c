// Proves: set-uid programs and identity changes: setuid to oneself, no_new_privs, a set-uid program's exec.
#include "../debuggee.h"
#include <sys/prctl.h>
#include <sys/fsuid.h>

int main(void) {
	CHECK(setuid(getuid()) == 0 && setgid(getgid()) == 0 && setresuid(-1, -1, -1) == 0);
	mix(setfsuid(-1)), mix(prctl(PR_SET_DUMPABLE, 0)), mix(prctl(PR_GET_DUMPABLE)), mix(prctl(PR_SET_DUMPABLE, 1));
	pid_t kid = fork();
	if (kid == 0) {
		int n = open("/dev/null", O_WRONLY);
		dup2(n, 1), dup2(n, 2);
		execl("/bin/su", "su", "--version", NULL);
		_exit(0); // no su here
	}
	reap(kid);
	ok("setuid_exec");
}
