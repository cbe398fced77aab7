// In all functions, twin is 3 * n + 7 from the call to the return: wherever a
// debugger has both, they must fit. Where variables of threads are,
// noted is told.
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define PAIR(n) (n), 3 * (n) + 7

volatile long sink;
long unused;
__thread long first = 1, own = 2;
void *(*their)(void);

// Its parameters are dead early: that they were is known from the call.
__attribute__((noinline)) void dead(long n, long twin)
{
	sink += n + twin;
	sink *= 3;
	sink ^= 5;
	puts("");
	sink -= 4;
}

__attribute__((noinline)) long many(long n, long twin, long a, long b, long c, long d, long e, long f)
{
	dead(PAIR(a));
	sink += b + c + d;
	dead(PAIR(n + e));
	sink += e * f;
	return n + twin;
}

__attribute__((noinline)) long recurse(long n, long twin)
{
	if (n <= 0)
		return twin;
	long r = recurse(PAIR(n - 1));
	dead(PAIR(r & 15));
	r += recurse(PAIR(n / 3)) + many(PAIR(n * 2), 1, 2, 3, 4, 5, 6);
	return r + n;
}

static int compare(const void *a, const void *b)
{
	long n = *(const int *)a;
	dead(PAIR(n));
	return n - *(const int *)b;
}

__attribute__((noinline)) void noted(long *ours, void *theirs) { sink += ours[-1] + (theirs != NULL); }

void *thread(void *library)
{
	their = library ? (void *(*)(void))dlsym(library, "their") : NULL;
	noted(&own, their ? their() : NULL);
	sink += recurse(PAIR(3));
	return NULL;
}

#ifndef LIBRARY
#define LIBRARY NULL
#endif

int main(void)
{
	int list[] = {5, 3, 9, 1, 7};
	qsort(list, 5, sizeof *list, compare);
	sink = recurse(PAIR(7L));
	noted(&own, NULL);
	pthread_t t;
	pthread_create(&t, NULL, thread, LIBRARY ? dlopen(LIBRARY, RTLD_NOW) : NULL);
	pthread_join(t, NULL);
	return 0;
}
