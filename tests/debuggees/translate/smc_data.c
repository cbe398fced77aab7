// Proves: data beside code: generated code that counts in its own page, and functions on the stack (gcc's trampolines for nested
// functions), whose page the program writes to all the time.
// flags: -z execstack -Wno-trampolines
#include "jit.h"

static int apply(int (*f)(int), int n) {
	int sum = 0;
	for (int i = 0; i < n; i++) sum += f(i);
	return sum;
}

static int nested(int depth, int factor) {
	int calls = 0;
	int f(int x) { return calls++, x * factor + depth; }
	int sum = apply(f, 5);
	if (depth > 0) sum += nested(depth - 1, factor + 1);
	CHECK(calls == 5);
	return sum + apply(f, 2);
}

int main(void) {
	unsigned char *p = code_pages(1, RWX);
	// add dword [rip + 64], edi; mov eax, [rip + 64]; ret
	unsigned char code[] = {0x01, 0x3d, 64, 0, 0, 0, 0x8b, 0x05, 58, 0, 0, 0, 0xc3};
	emit(p, code, sizeof code), emit(p + 1024, code, sizeof code);
	int want[2] = {0, 0};
	for (int i = 0; i < 3000; i++) {
		want[i % 2] += i;
		CHECK(call1(p + i % 2 * 1024, i) == want[i % 2]);
	}
	printf("%d %d\n", want[0], want[1]);
	ok("counters");
	long sum = 0;
	for (int i = 0; i < 60; i++) sum += nested(i % 12, i);
	printf("%ld\n", sum);
	mix(sum);
	ok("nested functions");
}
