// Stacks of many kinds: recursion, callbacks from libc, signal handlers on the
// stack and on one of their own, frames of variable size, threads, tail calls,
// functions that are called through the linkage table for the first time, and a
// call through a null pointer.
#include <alloca.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

volatile long sink;

__attribute__((noinline)) long leaf(long n) { return n * 3 + sink; }

__attribute__((noinline)) long tail(long n) { return leaf(n + 1); }

__attribute__((noinline)) long recurse(long n, long a, long b, long c)
{
	if (n == 0)
		return tail(a) + b + c;
	long r = recurse(n - 1, b + n, c ^ n, a * 2);
	return r + recurse(n / 3, a, r, n) + a * b - c;
}

__attribute__((noinline)) long variable(long n)
{
	char *p = alloca(n * 16);
	memset(p, (int)n, n * 16);
	return leaf(p[n]) + strlen(memchr(p, (int)n, n * 16) ? "found" : "");
}

int compare(const void *a, const void *b)
{
	sink += leaf(1);
	return *(const int *)a - *(const int *)b;
}

void handler(int sig)
{
	sink += variable(sig) + recurse(2, sig, 1, 2);
}

sigjmp_buf back;

void rescue(int sig)
{
	sink += leaf(sig);
	siglongjmp(back, 1);
}

__attribute__((noinline)) void badCall(void (*f)(void))
{
	f();
	sink++;
}

void *thread(void *arg)
{
	sink += recurse(4, (long)arg, 5, 6);
	raise(SIGUSR1);
	return NULL;
}

int main(void)
{
	static char alternative[1 << 16];
	stack_t stack = {.ss_sp = alternative, .ss_size = sizeof alternative};
	sigaltstack(&stack, NULL);
	struct sigaction here = {.sa_handler = handler}, there = {.sa_handler = handler, .sa_flags = SA_ONSTACK}, bad = {.sa_handler = rescue};
	sigaction(SIGUSR1, &here, NULL);
	sigaction(SIGUSR2, &there, NULL);
	sigaction(SIGSEGV, &bad, NULL);
	sink = recurse(5, 1, 2, 3);
	for (int i = 1; i < 5; i++)
		sink += variable(i * 10);
	int list[64];
	for (int i = 0; i < 64; i++)
		list[i] = (i * 37) % 64;
	qsort(list, 64, sizeof *list, compare);
	raise(SIGUSR1);
	raise(SIGUSR2);
	kill(getpid(), SIGUSR2);
	pthread_t t;
	pthread_create(&t, NULL, thread, (void *)7);
	pthread_join(t, NULL);
	if (!sigsetjmp(back, 1))
		badCall(NULL);
	printf("%ld %s\n", sink, strerror(2));
	return 0;
}
