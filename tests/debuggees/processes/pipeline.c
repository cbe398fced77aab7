// Proves: five processes in a pipeline of 300 kB, each blocking on the others; the reader's end-of-file.
#include "../debuggee.h"

int main(void) {
	int in = -1;
	pid_t kids[4];
	for (int i = 0; i < 4; i++) {
		int p[2];
		CHECK(pipe(p) == 0);
		kids[i] = fork();
		if (kids[i] == 0) {
			char b[5000];
			close(p[0]);
			if (i == 0) {
				memset(b, 'a', sizeof b);
				for (int n = 0; n < 60; n++) CHECK(write(p[1], b, sizeof b) == sizeof b);
			} else {
				ssize_t n;
				while ((n = read(in, b, sizeof b)) > 0) {
					for (ssize_t k = 0; k < n; k++) b[k]++;
					mix_mem(b, n);
					CHECK(write(p[1], b, n) == n);
				}
			}
			witness();
			_exit(0);
		}
		close(p[1]);
		if (in >= 0) close(in);
		in = p[0];
	}
	char b[7000];
	ssize_t n, total = 0;
	while ((n = read(in, b, sizeof b)) > 0) {
		CHECK(b[0] == 'd' && b[n - 1] == 'd');
		mix_mem(b, n), mix(n);
		total += n;
	}
	CHECK(total == 300000);
	for (int i = 0; i < 4; i++) reap(kids[i]);
	ok("pipeline");
}
