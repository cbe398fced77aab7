// Proves: private, shared, file and anonymous mappings; msync; fork sees shared writes and not private ones.
#include "../debuggee.h"
#include <sys/mman.h>

int main(void) {
	enter_tmp();
	int f = open("f", O_CREAT | O_RDWR, 0600);
	char buf[9000];
	for (unsigned i = 0; i < sizeof buf; i++) buf[i] = i / 3;
	CHECK(write(f, buf, sizeof buf) == sizeof buf);
	char *priv = mmap(NULL, 9000, PROT_READ | PROT_WRITE, MAP_PRIVATE, f, 0);
	char *shared = mmap(NULL, 9000, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
	char *second = mmap(NULL, 4096, PROT_READ, MAP_SHARED, f, 4096);
	char *anon = mmap(NULL, 9000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *ashared = mmap(NULL, 9000, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(priv != MAP_FAILED && shared != MAP_FAILED && second != MAP_FAILED && anon != MAP_FAILED && ashared != MAP_FAILED);
	mix((uintptr_t)priv), mix((uintptr_t)shared), mix((uintptr_t)anon), mix((uintptr_t)ashared);
	mix_mem(priv, 12288), mix_mem(shared, 12288); // with the zeros after the end of the file
	priv[1] = 'P', shared[5000] = 'S', anon[3] = 'A', ashared[4] = 'B'; // BP1
	CHECK(second[5000 - 4096] == 'S' && priv[5000] == 'S');
	pid_t kid = fork();
	if (kid == 0) {
		shared[5001] = 's', priv[2] = 'p', anon[3] = 'a', ashared[4] = 'b';
		mix_mem(priv, 9000), witness();
		_exit(0);
	}
	reap(kid);
	CHECK(shared[5001] == 's' && priv[2] == buf[2] && anon[3] == 'A' && ashared[4] == 'b' && second[5001 - 4096] == 's');
	CHECK(msync(shared, 9000, MS_SYNC) == 0);
	CHECK(pread(f, buf, 10, 4999) == 10 && buf[1] == 'S' && buf[2] == 's');
	mix_mem(priv, 9000), mix_mem(shared, 9000), mix_mem(second, 4096), mix_mem(ashared, 9000);
	CHECK(munmap(priv, 9000) == 0 && munmap(shared, 9000) == 0);
	ok("mmap_kinds");
	leave_tmp();
}
