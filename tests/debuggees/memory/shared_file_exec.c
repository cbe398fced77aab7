// Proves: two processes, one of them a fresh exec, map the same file shared and pass values through it.
#include "../debuggee.h"
#include <sys/mman.h>

static volatile uint32_t *map(const char *path) {
	int f = open(path, O_RDWR | O_CREAT, 0600);
	CHECK(f >= 0 && ftruncate(f, 4096) == 0);
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
	CHECK(p != MAP_FAILED);
	return p;
}

static void turn(volatile uint32_t *w, uint32_t from, uint32_t to) {
	uint32_t v;
	while ((v = w[0]) != from) syscall(SYS_futex, w, 0 /* wait */, v, NULL, NULL, 0);
	w[1] = w[1] * 3 + getpid(), w[2 + to % 1000] += to;
	mix(w[1]), mix_mem((void *)w, 4096), witness();
	w[0] = to;
	syscall(SYS_futex, w, 1 /* wake */, 1, NULL, NULL, 0);
}

int main(int argc, char **argv) {
	if (argc > 1) {
		volatile uint32_t *w = map(argv[1]);
		for (int i = 0; i < 50; i++) turn(w, 2 * i + 1, 2 * i + 2);
		return 0;
	}
	enter_tmp();
	char path[100];
	snprintf(path, sizeof path, "%s/f", db_dir);
	volatile uint32_t *w = map(path);
	pid_t kid = fork();
	if (kid == 0) {
		execl("/proc/self/exe", argv[0], path, NULL);
		_exit(1);
	}
	for (int i = 0; i < 50; i++) turn(w, 2 * i, 2 * i + 1);
	reap(kid);
	CHECK(w[0] == 100);
	mix_mem((void *)w, 4096);
	ok("shared_file_exec");
	leave_tmp();
}
