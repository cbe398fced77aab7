// Proves: the program's own death by a signal is the recorder's exit status 128+n; what it printed before is there.
// case: signals/die-abrt
// args: 6
// status: 134
// case: signals/die-term
// args: 15
// status: 143
// case: signals/die-kill
// args: 9
// status: 137
// case: signals/die-segv
// args: 11
// status: 139
#include "../debuggee.h"
#include <sys/resource.h>

int main(int argc, char **argv) {
	struct rlimit none = {0, 0};
	setrlimit(RLIMIT_CORE, &none);
	int sig = argc > 1 ? atoi(argv[1]) : SIGTERM;
	printf("dying by %d\n", sig);
	fflush(stdout);
	mix(getpid()), witness();
	if (sig == SIGABRT) abort();
	if (sig == SIGSEGV) *(volatile int *)0 = 1; // BP1
	kill(getpid(), sig);
	return 1;
}
