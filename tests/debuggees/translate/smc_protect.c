// Proves: a just-in-time compiler that toggles its page between writable and executable sees each new code; and a page that lost
// its permission to execute faults, however often it ran before.
#include "jit.h"
#include <setjmp.h>

static sigjmp_buf out;
static volatile uintptr_t where;

static void handler(int s, siginfo_t *i, void *u) {
	(void)s, (void)u;
	where = (uintptr_t)i->si_addr;
	siglongjmp(out, 1);
}

int main(void) {
	struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	sigaction(SIGSEGV, &a, NULL);
	unsigned char *p = code_pages(2, RW);
	uint64_t sum = 0;
	for (int i = 0; i < 300; i++) {
		unsigned char *f = p + i % 5 * 1000; // one of them across the edge of the pages
		CHECK(mprotect(p, 8192, RW) == 0);
		emit_constant(f, i * 7);
		if (i % 10 == 3) {
			if (sigsetjmp(out, 1) == 0) call(f), where = 0;
			CHECK(where == (uintptr_t)f);
		}
		CHECK(mprotect(p, 8192, i % 3 ? RX : PROT_EXEC) == 0);
		for (int k = 0; k < 3; k++) sum += call(f);
		CHECK(call(f) == i * 7);
	}
	printf("%lu\n", sum);
	mix(sum);
	// a code page written to while it must not be: the fault is the program's own
	CHECK(mprotect(p, 8192, RX) == 0);
	if (sigsetjmp(out, 1) == 0) p[1] = 1, where = 0;
	CHECK(where == (uintptr_t)p + 1);
	ok("smc_protect");
}
