// Proves: 1 MB of output through a pipe or into a file, in writes of many sizes; and standard error stays apart.
#include "../debuggee.h"

int main(void) {
	static char b[4096];
	for (unsigned i = 0; i < sizeof b; i++) b[i] = "0123456789abcde\n"[i % 16];
	size_t total = 0;
	for (int i = 0; total < 1 << 20; i++) {
		size_t n = 1 + i * 37 % sizeof b;
		if (total + n > 1 << 20) n = (1 << 20) - total;
		ssize_t w = write(1, b + sizeof b - n, n);
		CHECK(w > 0);
		total += w;
	}
	fprintf(stderr, "on standard error\n");
	witness();
	return 0;
}
