// Proves: 300 forks and waits, in batches, each child with memory of its own.
#include "../debuggee.h"

static char data[10000];

int main(void) {
	for (int i = 0; i < 300; i += 10) {
		pid_t kids[10];
		for (int k = 0; k < 10; k++) {
			kids[k] = fork();
			CHECK(kids[k] >= 0);
			if (kids[k] == 0) {
				data[i + k] = k;
				mix(getpid()), MIX(data), witness();
				_exit((i + k) % 250);
			}
		}
		for (int k = 9; k >= 0; k--) {
			int st;
			CHECK(waitpid(kids[k], &st, 0) == kids[k] && WIFEXITED(st) && WEXITSTATUS(st) == (i + k) % 250);
			mix(kids[k]);
		}
		CHECK(data[i + 1] == 0);
		witness();
	}
	int st;
	CHECK(wait(&st) == -1 && errno == ECHILD);
	ok("forks300");
}
