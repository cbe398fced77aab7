// Proves: threads that pass data through a pipe and a bounded buffer, each blocking in the kernel while others run and write
// to the same pages (a blocked read's output must not appear early).
#include "../debuggee.h"
#include <pthread.h>
#include <sys/ioctl.h>

static int p[2];
static struct {
	char own[64], others[64];
} page __attribute__((aligned(4096)));

static void *reader(void *arg) {
	uint64_t sum = 0;
	for (int i = 0; i < 100; i++) {
		memset(page.own, 0xA5, sizeof page.own);
		ssize_t n = read(p[0], page.own, 8); // BP1
		CHECK(n == 8);
		mix_mem(page.own, sizeof page.own);
		sum += page.own[0];
		witness();
	}
	*(uint64_t *)arg = sum;
	return NULL;
}

int main(void) {
	pthread_t t;
	uint64_t sum = 0, want = 0;
	CHECK(pipe(p) == 0);
	pthread_create(&t, NULL, reader, &sum);
	for (int i = 0; i < 100; i++) {
		char b[8];
		memset(b, i % 100, sizeof b);
		want += i % 100;
		if (i % 10 == 0) nap(1);
		memset(page.others, i, sizeof page.others); // same page as the blocked read's buffer
		mix_mem(page.others, 64);
		CHECK(write(p[1], b, 8) == 8);
		if (i % 7 == 0) nap(0);
		while (i % 5 == 4) {
			int left;
			nap(0);
			if (ioctl(p[0], FIONREAD, &left) == 0 && left == 0) break;
		}
		witness();
	}
	pthread_join(t, NULL);
	CHECK(sum == want);
	ok("producer");
}
