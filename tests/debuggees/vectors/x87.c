// Proves: the x87 stack, control and status words and long doubles live across system calls; fxsave's image.
#include "../debuggee.h"

int main(void) {
	volatile long double a = 1.0L / 3;
	for (int i = 0; i < 50; i++) {
		long r;
		long double v[6];
		unsigned short sw;
		__asm__ volatile("fninit\n\tfld1\n\tfldpi\n\tfldl2t\n\tfldln2\n\tfldlg2\n\tfldl2e\n\tsyscall\n\tfnstsw %7\n\t"
		                 "fstpt %1\n\tfstpt %2\n\tfstpt %3\n\tfstpt %4\n\tfstpt %5\n\tfstpt %6"
		                 : "=a"(r), "=m"(v[0]), "=m"(v[1]), "=m"(v[2]), "=m"(v[3]), "=m"(v[4]), "=m"(v[5]), "=m"(sw)
		                 : "0"(SYS_getppid)
		                 : "rcx", "r11", "memory", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)");
		CHECK(v[5] == 1.0L && v[4] > 3.14L && (sw >> 11 & 7) == 2);
		for (int k = 0; k < 6; k++) mix_mem(&v[k], 10);
		a = a * 1.0000001L + v[1];
		mix_mem((void *)&a, 10), mix(sw);
		char image[512] __attribute__((aligned(16)));
		FILL(image);
		__asm__ volatile("fxsave %0" : "=m"(image));
		mix_mem(image, 5), witness(); // not the instruction pointer
	}
	ok("x87");
}
