// Proves: shm_open and a named semaphore: shared memory in /dev/shm between two processes that map it separately.
#include "../debuggee.h"
#include <semaphore.h>
#include <sys/mman.h>

int main(void) {
	char name[40];
	snprintf(name, sizeof name, "/stepback-%d", getpid());
	sem_t *s = sem_open(name, O_CREAT | O_EXCL, 0600, 0);
	CHECK(s != SEM_FAILED);
	pid_t kid = fork();
	if (kid == 0) {
		int f = shm_open(name, O_CREAT | O_RDWR, 0600);
		CHECK(f >= 0 && ftruncate(f, 8192) == 0);
		char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
		nap(5);
		strcpy(p + 4090, "across the page");
		sem_post(s);
		_exit(0);
	}
	CHECK(sem_wait(s) == 0);
	int f = shm_open(name, O_RDWR, 0);
	CHECK(f >= 0);
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
	CHECK(strcmp(p + 4090, "across the page") == 0);
	mix_mem(p, 8192);
	reap(kid);
	CHECK(shm_unlink(name) == 0 && sem_unlink(name) == 0 && sem_close(s) == 0);
	ok("dev_shm");
}
