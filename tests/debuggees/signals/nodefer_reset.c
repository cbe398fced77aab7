// Proves: SA_NODEFER (recursion into the same handler), SA_RESETHAND (default after the first), sa_mask.
// status: 138
#include "../debuggee.h"

static volatile int depth, calls;

static void recursive(int s) {
	calls++;
	if (++depth < 5) raise(s);
	depth--;
	witness();
}

static void once(int s) {
	struct sigaction a;
	CHECK(sigaction(s, NULL, &a) == 0 && a.sa_handler == SIG_DFL);
	calls++;
}

static void masked(int s) {
	int before = calls;
	raise(SIGRTMIN + 1); // blocked by sa_mask
	CHECK(calls == before);
	mix(s);
}

int main(void) {
	struct sigaction a = {.sa_handler = recursive, .sa_flags = SA_NODEFER};
	sigaction(SIGUSR2, &a, NULL);
	sigaction(SIGRTMIN + 1, &a, NULL);
	raise(SIGUSR2);
	CHECK(calls == 5 && depth == 0);
	ok("SA_NODEFER");
	struct sigaction b = {.sa_handler = masked};
	sigemptyset(&b.sa_mask), sigaddset(&b.sa_mask, SIGRTMIN + 1);
	sigaction(SIGRTMIN, &b, NULL);
	raise(SIGRTMIN);
	CHECK(calls == 10); // delivered after the handler
	ok("sa_mask");
	struct sigaction c = {.sa_handler = once, .sa_flags = SA_RESETHAND};
	sigaction(SIGUSR1, &c, NULL);
	raise(SIGUSR1);
	CHECK(calls == 11);
	ok("SA_RESETHAND");
	raise(SIGUSR1); // dies: 128 + 10
	return 0;
}
