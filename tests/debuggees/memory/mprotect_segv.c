// Proves: SIGSEGV on a protected page, whose handler lifts the protection; the instruction then runs again. Often.
#include "../debuggee.h"
#include <sys/mman.h>
#include <ucontext.h>

#define PAGES 64
static char *p;
static volatile int faults;

static void handler(int s, siginfo_t *i, void *u) {
	ucontext_t *c = u;
	CHECK(s == SIGSEGV && i->si_code == SEGV_ACCERR);
	mix((uintptr_t)i->si_addr), mix(c->uc_mcontext.gregs[REG_ERR]), mix(c->uc_mcontext.gregs[REG_RIP]);
	CHECK(mprotect((void *)((uintptr_t)i->si_addr & ~4095ul), 4096, PROT_READ | PROT_WRITE) == 0);
	faults++;
}

int main(void) {
	struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	sigaction(SIGSEGV, &a, NULL);
	p = mmap(NULL, PAGES * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mix((uintptr_t)p);
	for (int i = 0; i < PAGES; i++) p[i * 4096 + i] = i; // BP1
	CHECK(faults == PAGES);
	CHECK(mprotect(p, PAGES * 4096, PROT_READ) == 0);
	for (int i = 0; i < PAGES; i += 2) p[i * 4096 + i]++;
	CHECK(faults == PAGES * 3 / 2);
	CHECK(mprotect(p, PAGES * 4096, PROT_READ) == 0);
	memset(p + 100, 7, 3 * 4096); // a vector or rep instruction that faults half done
	mix_mem(p, PAGES * 4096), mix(faults);
	ok("mprotect_segv");
	// a kernel write to a protected page is EFAULT and no signal
	CHECK(mprotect(p, 4096, PROT_READ) == 0);
	int before = faults;
	int pipefd[2];
	CHECK(pipe(pipefd) == 0 && write(pipefd[1], "abc", 3) == 3);
	CHECK(read(pipefd[0], p, 3) == -1 && errno == EFAULT && faults == before);
	ok("EFAULT");
}
