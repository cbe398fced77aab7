// Proves: the order of constructors, atexit and on_exit handlers, destructors and the flush of standard output.
// status: 3
#include "../debuggee.h"

static void __attribute__((constructor(200))) early(void) { puts("constructor 200"); }
static void __attribute__((constructor(300))) late(void) { puts("constructor 300"); }
static void __attribute__((destructor(200))) last(void) { puts("destructor 200"); }
static void __attribute__((destructor(300))) before_last(void) { puts("destructor 300"); }
static void one(void) { puts("atexit one"); }
static void two(void) { puts("atexit two"), atexit(one); }
static void status(int s, void *v) { printf("on_exit %d %s\n", s, (char *)v); }

int main(void) {
	atexit(one), atexit(two), on_exit(status, "arg");
	setvbuf(stdout, NULL, _IOFBF, 4096);
	printf("main");
	puts("");
	witness();
	exit(3);
}
