// Functions to call in a copy, and a program whose own results show whether it
// was touched: threads, a lock, shared memory, generated code.
#define _GNU_SOURCE
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

long global = 7;
static long *shared;
static unsigned char *code[2]; // mov $1, %eax; ret: in private and in shared memory
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

long sum(long a, long b, long c, long d, long e, long f, long g, long h) {
	return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h;
}

double mix(double a, long b, double c) { return (a - c) * b; }
long double wide(double a) { return (long double)a / 3; }
double narrow(double a) { return (double)(wide(a) * 3); }

// alloc takes memory of all kinds, and prints.
char *alloc(long n) {
	char *last = 0;
	for (long i = 0; i < n; i++) {
		last = malloc(1000 * (i + 1));
		memset(last, 'x', 1000 * (i + 1));
		if (i % 3 == 0) free(last);
	}
	last = realloc(malloc(400000), 900000);
	snprintf(last, 100, "%ld of %s", n, "them");
	puts(last);
	fprintf(stderr, "%g\n", n / 4.0);
	return last;
}

// hoard takes memory until there is no more, 256 MiB at a time.
long hoard(void) {
	volatile long n = 0;
	while (malloc(1 << 28)) n++;
	return n;
}

long change(void) {
	global = 1000, *shared = 1000;
	for (int i = 0; i < 2; i++) code[i][1] = 100;
	return ((int (*)(void))code[0])() + ((int (*)(void))code[1])() + global + *shared;
}

long crash(void) { return *(volatile long *)0x40; }
long astray(void) { return ((long (*)(void))0x7777777777777777)(); }
void halt(void) { __asm__ volatile("hlt"); }
void loop(void) { for (volatile long i = 0;; i++) ; }
void quit(int n) { exit(n); }
void take(void) { pthread_mutex_lock(&lock); }
long deep(long n) { volatile char a[1000]; a[n % 1000] = 1; return n ? deep(n - 1) + a[n % 1000] : 0; }

// old makes a call of the legacy vsyscall page, and one through the 32-bit gate.
long old(void) {
	long result, now = ((long (*)(long *))0xffffffffff600400)(0);
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory", "r8", "r9", "r10", "r11");
	return now > 1000000000 ? result : 0;
}

// outside tries to reach the world.
long outside(void) {
	int fd = open("/dev/null", O_RDWR);
	return fd * 1000 + errno;
}

long clocks(void) {
	unsigned a, b, c, d;
	unsigned long t = __rdtsc();
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	__cpuid(0, a, b, c, d);
	return t < __rdtsc() && now.tv_sec > 0 && time(0) >= now.tv_sec && usleep(1000) == 0;
}

long ids(void) { return getpid() * 100000L + gettid(); }

__attribute__((noinline)) void held(void) { __asm__ volatile(""); }

static void *thread(void *p) {
	for (int i = 0; i < 4; i++) {
		pthread_mutex_lock(&lock);
		(*shared)++, held();
		pthread_mutex_unlock(&lock);
		usleep(10);
	}
	return p;
}

int main(void) {
	shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < 2; i++) {
		code[i] = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, (i ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS, -1, 0);
		memcpy(code[i], "\xb8\x01\0\0\0\xc3", 6);
	}
	pthread_t t;
	pthread_create(&t, 0, thread, 0);
	for (int i = 0; i < 30; i++) {
		global += ((int (*)(void))code[0])() + 3 * ((int (*)(void))code[1])();
		char text[40];
		int n = snprintf(text, sizeof text, "%ld %s\n", global, i % 2 ? "odd" : "even");
		if (write(1, text, n) != n) return 1;
	}
	pthread_join(t, 0);
	return global + *shared != 7 + 30 * 4 + 4;
}
