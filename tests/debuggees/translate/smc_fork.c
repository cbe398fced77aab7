// Proves: after a fork, parent and child patch the same generated code differently and run it in turns, through pipes; in shared
// memory, though, what one writes is what the other runs.
#include "jit.h"

enum { rounds = 40 };

int main(void) {
	unsigned char *own = code_pages(1, RWX), *shared = mmap(NULL, 4096, RWX, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(shared != MAP_FAILED);
	emit_constant(own, 1), emit_constant(own + 2048, 5), emit_constant(shared, 2);
	for (int i = 0; i < 10; i++) CHECK(call(own) == 1 && call(shared) == 2);
	int down[2], up[2];
	CHECK(pipe(down) == 0 && pipe(up) == 0);
	pid_t child = fork();
	int me = child == 0, in = me ? down[0] : up[0], out = me ? up[1] : down[1];
	uint64_t sum = 0;
	for (int i = 0; i < rounds; i++) {
		int token = i;
		if (me || i > 0) CHECK(read(in, &token, sizeof token) == sizeof token);
		if (i > 0 || me) CHECK(call(shared) == token);
		if (i > 0) CHECK(call(own) == i - 1 + 1000 * (me + 1));
		emit_constant(own, i + 1000 * (me + 1));
		CHECK(call(own) == i + 1000 * (me + 1) && call(own + 2048) == 5);
		if (i % 8 == 3) { // a child of its own, for a moment
			pid_t grandchild = fork();
			if (grandchild == 0) {
				emit_constant(own, 77);
				_exit(call(own) == 77 && call(own + 2048) == 5 ? 0 : 1);
			}
			reap(grandchild);
			CHECK(call(own) == i + 1000 * (me + 1));
		}
		token = i * 2 + me + 100;
		*(volatile int *)(shared + 1) = token;
		CHECK(call(shared) == token);
		sum = sum * 31 + token + call(own);
		CHECK(write(out, &token, sizeof token) == sizeof token);
	}
	mix(sum), witness();
	if (me) _exit(0);
	reap(child);
	printf("%016lx\n", sum);
	ok("smc_fork");
}
