// Proves: SIGBUS in a file mapping beyond the end of the file, handled; and after the file was cut while mapped.
#include "../debuggee.h"
#include <setjmp.h>
#include <sys/mman.h>

static sigjmp_buf back;
static volatile int bus;

static void handler(int s, siginfo_t *i, void *u) {
	(void)u;
	CHECK(s == SIGBUS);
	mix((uintptr_t)i->si_addr), mix(i->si_code);
	bus++;
	siglongjmp(back, 1);
}

static int dies(volatile char *p) {
	if (sigsetjmp(back, 1)) return 1;
	*p = 1;
	return 0;
}

int main(void) {
	enter_tmp();
	struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	sigaction(SIGBUS, &a, NULL);
	int f = open("f", O_CREAT | O_RDWR, 0600);
	CHECK(write(f, "short", 5) == 5);
	char *p = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
	char *q = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE, f, 0);
	CHECK(!dies(p + 4095) && dies(p + 4096) && dies(q + 8192) && !dies(q + 100));
	ok("beyond the end");
	CHECK(ftruncate(f, 16384) == 0);
	CHECK(!dies(p + 4096) && !dies(q + 8192) && p[8192] == 0);
	mix_mem(p, 16384);
	ok("grown");
	CHECK(ftruncate(f, 4096) == 0);
	CHECK(dies(p + 4096) && dies(q + 12288));
	int z[2];
	CHECK(pipe(z) == 0 && write(z[1], "k", 1) == 1);
	CHECK(read(z[0], p + 4096, 1) == -1 && errno == EFAULT);
	mix_mem(p, 4096), mix_mem(q, 4096), mix(bus);
	ok("cut");
	leave_tmp();
}
