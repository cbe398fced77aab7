// Proves: vfork and exec 50 times, vfork and _exit, a failing exec after vfork; the child writes to the parent's memory.
#include "../debuggee.h"

int main(int argc, char **argv) {
	if (argc > 1) return atoi(argv[1]) % 100;
	for (volatile int i = 1; i <= 50; i++) {
		char n[12];
		snprintf(n, sizeof n, "%d", i);
		volatile int mark = 0;
		pid_t kid = vfork();
		if (kid == 0) {
			mark = i;
			if (i % 10 == 0) _exit(i);
			if (i % 10 == 5) execl("/no/such/program", "x", NULL), _exit(i);
			execl("/proc/self/exe", argv[0], n, NULL);
			_exit(111);
		}
		CHECK(kid > 0 && mark == i);
		int st;
		CHECK(waitpid(kid, &st, 0) == kid && WIFEXITED(st) && WEXITSTATUS(st) == i);
		mix(kid), witness();
	}
	ok("vfork50");
}
