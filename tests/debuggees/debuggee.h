// Common to all debuggees: a running checksum over everything nondeterministic that the program reads, and a
// harmless system call that shows it to the recorder in a register, so that any difference in memory between
// the recorded run and the replay appears at an event.
//
//   mix(v)          fold a value in             mix_mem(p, n)   fold n bytes of memory in
//   FILL(x)         poison an object with 0xA5 before the kernel writes to it; then MIX(x) folds all of it in,
//                   the bytes that the kernel left alone too
//   witness()       getpriority(99, sum): always EINVAL, touches nothing, not even errno
//   CHECK(c)        complain on standard error and exit 1 when c is false
//   ok("what")      print "what ok"
#ifndef DEBUGGEE_H
#define DEBUGGEE_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static __thread uint64_t db_sum __attribute__((unused)) = 0x9e3779b97f4a7c15u;

static inline void mix(uint64_t v) {
	uint64_t s = db_sum ^ v;
	db_sum = ((s << 27) | (s >> 37)) * 0xff51afd7ed558ccdu + 1;
}

static inline void mix_mem(const void *p, size_t n) {
	const unsigned char *b = (const unsigned char *)p;
	uint64_t w;
	for (; n >= 8; n -= 8, b += 8) {
		memcpy(&w, b, 8);
		mix(w);
	}
	for (w = 0; n > 0; n--) w = w << 8 | *b++;
	mix(w);
}

static inline long db_raw(long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f) {
	long r;
	register uint64_t r10 __asm__("r10") = d;
	register uint64_t r8 __asm__("r8") = e;
	register uint64_t r9 __asm__("r9") = f;
	__asm__ volatile("syscall"
	                 : "=a"(r)
	                 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
	                 : "rcx", "r11", "memory");
	return r; // -errno on failure
}

static inline void witness(void) { db_raw(SYS_getpriority, 99, db_sum, 0, 0, 0, 0); }

#define FILL(x) memset(&(x), 0xA5, sizeof(x))
#define MIX(x) mix_mem(&(x), sizeof(x))

#define CHECK(c)                                                                                         \
	do {                                                                                             \
		if (!(c)) {                                                                              \
			fflush(stdout);                                                                  \
			fprintf(stderr, "%s:%d: not so: %s (errno %d)\n", __FILE__, __LINE__, #c, errno); \
			_exit(1);                                                                        \
		}                                                                                        \
	} while (0)

static inline void ok(const char *what) {
	witness();
	printf("%s ok\n", what);
	fflush(stdout);
}

// pid must exit with status 0
static inline void reap(pid_t pid) {
	int st = 0;
	pid_t r;
	do r = waitpid(pid, &st, 0);
	while (r < 0 && errno == EINTR);
	CHECK(r == pid);
	CHECK(WIFEXITED(st) && WEXITSTATUS(st) == 0);
	mix(pid);
	mix(st);
}

static inline void nap(long ms) {
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};
	nanosleep(&t, NULL);
}

static char db_dir[64] __attribute__((unused));

// enter_tmp moves to a new empty folder; leave_tmp deletes it with the plain files in it.
static inline void enter_tmp(void) {
	strcpy(db_dir, "/tmp/stepback-debuggee-XXXXXX");
	CHECK(mkdtemp(db_dir) != NULL);
	CHECK(chdir(db_dir) == 0);
	mix_mem(db_dir, strlen(db_dir));
}

static inline void leave_tmp(void) {
	DIR *d = opendir(db_dir);
	CHECK(d != NULL);
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (e->d_name[0] != '.' || strlen(e->d_name) > 2) {
			char p[400];
			snprintf(p, sizeof p, "%s/%s", db_dir, e->d_name);
			if (unlink(p) < 0) rmdir(p);
		}
	closedir(d);
	CHECK(chdir("/") == 0);
	CHECK(rmdir(db_dir) == 0);
}

#endif
