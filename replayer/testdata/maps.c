// What a process has mapped, as it sees it itself, for Timeline.Mappings.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define P 4096l

char list[1 << 16]; // the process's list of mappings, where looked is called
int length;

__attribute__((noinline)) void looked(void) { __asm__ volatile(""); }

static void look(void) {
	int fd = open("/proc/self/maps", O_RDONLY), n;
	for (length = 0; (n = read(fd, list + length, sizeof list - length)) > 0;) length += n;
	close(fd);
	looked();
}

static char deep(int n) { // makes the stack grow
	volatile char page[4096] = {0};
	return n ? deep(n - 1) + page[n] : 0;
}

int main(void) {
	look();
	int exe = open("/proc/self/exe", O_RDONLY);
	char *a = mmap(0, 4 * P, PROT_READ, MAP_PRIVATE, exe, 0);
	mprotect(a + P, P, PROT_READ | PROT_WRITE);
	munmap(a + 2 * P, P);
	char *b = mmap(0, 4 * P, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mprotect(b + P, P, PROT_NONE);
	close(exe);
	look();
	char *room = mmap(0, 8 * P, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	a = mremap(a + P, P, P, MREMAP_MAYMOVE | MREMAP_FIXED, room + 2 * P);
	char name[] = "/tmp/mapsXXXXXX";
	int fd = mkstemp(name);
	unlink(name);
	if (ftruncate(fd, 3 * P)) return 1;
	mmap(0, 2 * P, PROT_READ | PROT_WRITE, MAP_SHARED, fd, P);
	mmap(0, 2 * P, PROT_READ, MAP_PRIVATE, fd, P);
	look();
	deep(100);
	free(malloc(100000));
	if (fork() == 0) {
		munmap(b, 4 * P);
		look();
		_exit(0);
	}
	wait(0);
	look();
	return 0;
}
