// Proves: libraries loaded and unloaded again while running, and called (lazy binding too).
#include "../debuggee.h"
#include <dlfcn.h>

int main(void) {
	for (int i = 0; i < 5; i++) {
		void *h = dlopen("libm.so.6", i % 2 ? RTLD_NOW : RTLD_LAZY);
		CHECK(h != NULL);
		double (*f)(double) = (double (*)(double))dlsym(h, "floor");
		CHECK(f != NULL && f(2.5) == 2.0);
		mix((uintptr_t)f);
		CHECK(dlclose(h) == 0);
		witness();
	}
	CHECK(dlopen("no-such-library.so", RTLD_NOW) == NULL && dlerror() != NULL);
	ok("dlopen");
}
