// Proves: return addresses are the program's own wherever a program can look: __builtin_return_address, backtrace(), the unwinder,
// by frame pointers, from a signal handler, and after dlsym in a callback of libc.
// flags: -fno-omit-frame-pointer -fno-optimize-sibling-calls
#include "../debuggee.h"
#include <execinfo.h>
#include <unwind.h>

int main(void);
__attribute__((noinline)) static void inner(int);
__attribute__((noinline)) static void outer(int);
static uint64_t seen;

static void see(const void *p) {
	uint64_t at = (uint64_t)p - (uint64_t)main; // our own functions lie near each other
	seen = seen * 31 + (at + 65536 < 131072 ? at : 1);
}

static _Unwind_Reason_Code frame(struct _Unwind_Context *c, void *count) {
	if (++*(int *)count < 5) see((void *)_Unwind_GetIP(c));
	return _URC_NO_REASON;
}

static void look(void) {
	void *addresses[40];
	int n = backtrace(addresses, 40), count = 0;
	CHECK(n >= 5);
	for (int i = 0; i < 5; i++) see(addresses[i]);
	seen = seen * 31 + n;
	_Unwind_Backtrace(frame, &count);
	seen = seen * 31 + count;
	void **fp = __builtin_frame_address(0);
	for (int i = 0; i < 3; i++, fp = *fp) see(fp[1]);
	see(__builtin_return_address(0));
}

static void handler(int s) { (void)s, look(); }

static int compare(const void *a, const void *b) {
	void *addresses[40];
	int n = backtrace(addresses, 40);
	see(addresses[0]), seen = seen * 31 + n;
	return *(const int *)a - *(const int *)b;
}

static void inner(int k) {
	look();
	if (k % 2) raise(SIGUSR1);
	int numbers[] = {3, 1, 2};
	qsort(numbers, 3, sizeof(int), compare);
	__asm__ volatile("");
}
static void outer(int k) {
	inner(k);
	__asm__ volatile("");
}

int main(void) {
	signal(SIGUSR1, handler);
	void (*volatile indirect)(int) = outer;
	for (int i = 0; i < 10; i++) {
		outer(i), indirect(i + 1);
		mix(seen), witness();
	}
	printf("%016lx\n", seen);
	ok("backtraces");
}
