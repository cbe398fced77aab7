// Proves: code written through one mapping and run through another, of a memfd, of a file (with write, too) and of System V shared
// memory: each call runs what was last written.
#include "jit.h"
#include <sys/shm.h>

static void patch_and_run(const char *what, unsigned char *w, unsigned char *x) {
	uint64_t sum = 0;
	for (int i = 0; i < 500; i++) {
		unsigned at = i % 4 * 1022; // the last crosses into the next page
		if (i % 2) emit_constant(w + at, i);
		else *(volatile unsigned char *)(w + at + 1) = i, w[at] = 0xb8, w[at + 5] = 0xc3, w[at + 2] = i >> 8, w[at + 3] = w[at + 4] = 0;
		CHECK(call(x + at) == i);
		sum += call(x + at);
	}
	printf("%s %lu\n", what, sum);
	mix(sum), witness();
}

int main(void) {
	int f = memfd_create("code", 0);
	CHECK(ftruncate(f, 8192) == 0);
	unsigned char *w = mmap(NULL, 8192, RW, MAP_SHARED, f, 0), *x = mmap(NULL, 8192, RX, MAP_SHARED, f, 0);
	CHECK(w != MAP_FAILED && x != MAP_FAILED);
	patch_and_run("memfd", w, x);
	unsigned char *second = mmap(NULL, 8192, RWX, MAP_SHARED, f, 0);
	patch_and_run("third view", second, x);
	patch_and_run("itself", second, second);
	for (int i = 0; i < 200; i++) { // written by the kernel
		unsigned char code[8];
		emit_constant(code, i * 5);
		CHECK(pwrite(f, code, 6, 4093) == 6);
		CHECK(call(x + 4093) == i * 5 && call(second + 4093) == i * 5);
	}
	ok("pwrite");

	enter_tmp();
	int file = open("code", O_RDWR | O_CREAT, 0600);
	CHECK(ftruncate(file, 8192) == 0);
	unsigned char *fw = mmap(NULL, 8192, RW, MAP_SHARED, file, 0), *fx = mmap(NULL, 8192, RX, MAP_SHARED, file, 0);
	CHECK(fw != MAP_FAILED && fx != MAP_FAILED);
	patch_and_run("file", fw, fx);
	close(file);
	leave_tmp();

	int id = shmget(IPC_PRIVATE, 8192, IPC_CREAT | 0700);
	unsigned char *sw = shmat(id, NULL, 0), *sx = shmat(id, NULL, SHM_EXEC | SHM_RDONLY);
	CHECK(sw != (void *)-1 && sx != (void *)-1);
	patch_and_run("segment", sw, sx);
	shmctl(id, IPC_RMID, NULL);
	ok("smc_two_views");
}
