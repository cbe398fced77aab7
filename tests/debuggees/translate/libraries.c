// Proves: two libraries loaded and unloaded in turns, 40 times, where the second may come to lie where the first was: their
// functions, new relocations and lazily bound calls run each time.
#include "../debuggee.h"
#include <dlfcn.h>

int main(void) {
	double sum = 0;
	for (int i = 0; i < 40; i++) {
		void *h = dlopen(i % 2 ? "libresolv.so.2" : "libm.so.6", i % 4 < 2 ? RTLD_LAZY : RTLD_NOW);
		CHECK(h != NULL);
		if (i % 2) {
			int (*pton)(const char *, unsigned char *, size_t) = (int (*)(const char *, unsigned char *, size_t))dlsym(h, "__b64_pton");
			unsigned char out[16] = "";
			CHECK(pton != NULL && pton("c3RlcGJhY2s=", out, sizeof out) == 8 && memcmp(out, "stepback", 8) == 0);
			mix((uintptr_t)pton);
		} else {
			double (*f)(double, double) = (double (*)(double, double))dlsym(h, "pow"), (*g)(double) = (double (*)(double))dlsym(h, "sin");
			CHECK(f != NULL && g != NULL);
			sum += f(1.5, i) + g(i);
			mix((uintptr_t)f);
		}
		CHECK(dlclose(h) == 0);
		if (i % 8 == 0) witness();
	}
	printf("%.9f\n", sum);
	ok("libraries");
}
