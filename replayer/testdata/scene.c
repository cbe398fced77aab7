// A program in which each mistake of a recording shows at a known system call.
// The places are told apart by the numbers of calls that nobody else makes.
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// call makes a system call with the same flags each time: they show in r11.
static long call(long nr, long a, long b) {
	long r;
	__asm__ volatile("cmp %%eax, %%eax\n syscall" : "=a"(r) : "a"(nr), "D"(a), "S"(b) : "rcx", "r11", "cc", "memory");
	return r;
}

static int there[2], back[2];
static int shared;

// The thread looks at shared only after main has told it to.
static void *other(void *arg) {
	char c;
	if (read(there[0], &c, 1) != 1)
		return arg;
	call(SYS_getpgid, -1 - shared, 0);
	if (write(back[1], &c, 1) != 1)
		return arg;
	return 0;
}

static sigjmp_buf after;

static void fault(int sig) {
	(void)sig;
	siglongjmp(after, 1);
}

static void note(int sig) { (void)sig; }

int main(void) {
	int p[2];
	char buf[16];
	if (pipe(p) || pipe(there) || pipe(back))
		return 1;

	// What a read brings goes to a vector register, then to an argument.
	if (write(p[1], "0123456789abcdef", 16) != 16 || read(p[0], buf, 16) != 16)
		return 2;
	long r;
	__asm__ volatile("movdqu (%1), %%xmm5\n syscall"
			 : "=a"(r) : "r"(buf), "a"((long)SYS_getuid) : "rcx", "r11", "xmm5", "memory");
	call(SYS_getsid, -1 - buf[15], 0);

	// Two calls with nothing between that changes registers.
	__asm__ volatile("syscall\n mov %2, %%eax\n syscall"
			 : "=a"(r) : "a"((long)SYS_geteuid), "i"(SYS_getegid) : "rcx", "r11", "memory");

	// A trapped instruction whose result is an argument.
	unsigned lo, hi;
	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	call(SYS_getpriority, 77, lo);

	// A fault, and a signal of one's own.
	signal(SIGSEGV, fault);
	if (!sigsetjmp(after, 1))
		*(volatile int *)0x123 = 1;
	signal(SIGUSR1, note);
	call(SYS_kill, getpid(), SIGUSR1);
	call(SYS_getgid, 0, 0);

	// Shared memory, and a child that writes to it.
	int *m = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!fork()) {
		*m = 5;
		_exit(3);
	}
	int status;
	wait(&status);
	call(SYS_getpgid, -100 - *m, 0);

	pthread_t t;
	pthread_create(&t, 0, other, 0);
	shared = 41;
	char c = 'x';
	if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
		return 4;
	pthread_join(t, 0);
	printf("status %d\n", WEXITSTATUS(status));
	return 0;
}
