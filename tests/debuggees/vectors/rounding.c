// Proves: each thread keeps its own MXCSR and x87 rounding mode while threads take turns; new threads inherit.
#include "../debuggee.h"
#include <pthread.h>

static unsigned short get_cw(void) { unsigned short w; __asm__ volatile("fnstcw %0" : "=m"(w)); return w; }
static unsigned get_csr(void) { unsigned w; __asm__ volatile("stmxcsr %0" : "=m"(w)); return w; }

static void set(int mode) {
	unsigned csr = 0x1f80 | mode << 13;
	unsigned short cw = 0x37f | mode << 10;
	__asm__ volatile("ldmxcsr %0\n\tfldcw %1" ::"m"(csr), "m"(cw));
}

static int nearest(double d) {
	int i;
	__asm__ volatile("cvtsd2si %1, %0" : "=r"(i) : "x"(d));
	return i;
}

static void *work(void *arg) {
	int mode = (intptr_t)arg;
	CHECK((get_csr() >> 13 & 3) == 2 && (get_cw() >> 10 & 3) == 2); // inherited
	set(mode);
	for (int i = 0; i < 20; i++) {
		nap(i % 5 == 0);
		CHECK((get_csr() >> 13 & 3) == (unsigned)mode && (get_cw() >> 10 & 3) == mode);
		int up = nearest(2.5), down = nearest(-2.5);
		CHECK(up == (mode == 2 ? 3 : 2) && down == (mode == 1 ? -3 : -2));
		mix(up), mix(down), mix(get_csr()), witness();
	}
	return NULL;
}

int main(void) {
	pthread_t t[4];
	set(2);
	for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, work, (void *)(intptr_t)i);
	for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
	CHECK((get_csr() >> 13 & 3) == 2);
	ok("rounding");
}
