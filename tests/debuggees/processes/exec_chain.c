// Proves: a chain of execs with arguments and environments that change, one of 100 kB; descriptors and close-on-exec, ignored signals
// and masks that pass over.
#include "../debuggee.h"

static void handler(int s) { (void)s; }

int main(int argc, char **argv) {
	int depth = argc > 1 ? atoi(argv[1]) : 0;
	const char *e = getenv("DEPTH");
	CHECK(depth == 0 ? argc == 1 : argc == depth + 2 && e && atoi(e) == depth);
	if (depth > 0) {
		struct sigaction a;
		sigset_t m;
		CHECK(sigaction(SIGUSR1, NULL, &a) == 0 && a.sa_handler == SIG_IGN);
		CHECK(sigaction(SIGUSR2, NULL, &a) == 0 && a.sa_handler == SIG_DFL);
		CHECK(sigprocmask(SIG_BLOCK, NULL, &m) == 0 && sigismember(&m, SIGALRM));
		CHECK(fcntl(30, F_GETFD) == 0 && fcntl(31, F_GETFD) == -1);
		CHECK(strlen(getenv("BIG")) == 100000);
	}
	printf("depth %d\n", depth);
	fflush(stdout);
	mix((uintptr_t)&depth), witness();
	if (depth == 8) return 0;
	if (depth == 0) {
		sigset_t m;
		sigemptyset(&m), sigaddset(&m, SIGALRM), sigprocmask(SIG_BLOCK, &m, NULL);
		signal(SIGUSR1, SIG_IGN), signal(SIGUSR2, handler);
		dup2(1, 30);
	}
	dup3(1, 31, O_CLOEXEC);
	static char big[100000 + 5] = "BIG=", env[20];
	memset(big + 4, 'b', 100000);
	snprintf(env, sizeof env, "DEPTH=%d", depth + 1);
	char n[12], *args[20] = {argv[0], n}, *envs[] = {big, env, NULL};
	snprintf(n, sizeof n, "%d", depth + 1);
	for (int i = 0; i <= depth; i++) args[2 + i] = "more";
	args[depth + 3] = NULL;
	if (depth % 2) {
		int f = open("/proc/self/exe", O_RDONLY);
		fexecve(f, args, envs);
	} else {
		execve("/proc/self/exe", args, envs);
	}
	CHECK(!"exec");
}
