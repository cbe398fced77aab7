// Proves: waitpid(WNOHANG) in a loop with sleeps, until the children are gone: results 0 and pid.
#include "../debuggee.h"

int main(void) {
	pid_t kids[3];
	for (int i = 0; i < 3; i++)
		if ((kids[i] = fork()) == 0) {
			nap(5 + 5 * i);
			_exit(i + 1);
		}
	int left = 3, sum = 0, tries = 0;
	while (left > 0) {
		int st;
		pid_t r = waitpid(-1, &st, WNOHANG);
		CHECK(r >= 0);
		mix(r), mix(tries++), witness();
		if (r == 0) {
			nap(1);
			continue;
		}
		sum += WEXITSTATUS(st), left--;
	}
	CHECK(sum == 6);
	ok("waitpid_poll");
}
