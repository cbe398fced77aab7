// Proves: cpuid directly executed, all leaves: what the program sees is data of the recording.
#include "../debuggee.h"
#include <cpuid.h>

static void leaf(uint32_t l, uint32_t s) {
	uint32_t a, b, c, d;
	__cpuid_count(l, s, a, b, c, d);
	mix((uint64_t)a << 32 | b), mix((uint64_t)c << 32 | d);
}

int main(void) {
	uint32_t a, b, c, d, top;
	__cpuid(0, top, b, c, d);
	CHECK(top >= 7);
	for (uint32_t l = 0; l <= top + 3; l++)
		for (uint32_t s = 0; s < 4; s++) leaf(l, s);
	__cpuid(0x80000000, a, b, c, d);
	CHECK(a >= 0x80000004);
	for (uint32_t l = 0x80000000; l <= a; l++) leaf(l, 0);
	for (uint32_t l = 0x40000000; l <= 0x40000004; l++) leaf(l, 0);
	char brand[49] = "";
	for (int i = 0; i < 3; i++) {
		uint32_t *r = (uint32_t *)(brand + 16 * i);
		__cpuid(0x80000002 + i, r[0], r[1], r[2], r[3]);
	}
	CHECK(strlen(brand) > 0);
	mix(__builtin_cpu_supports("avx2"));
	ok("cpuid");
}
