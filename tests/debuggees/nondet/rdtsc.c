// Proves: rdtsc and rdtscp directly executed: edx:eax (and ecx of rdtscp) are data of the event; other registers stay.
#include "../debuggee.h"

int main(void) {
	uint64_t last = 0;
	for (int i = 0; i < 300; i++) {
		uint32_t a, d, c = 0;
		uint64_t si = 0x5151515151515151, di = ~0ull;
		if (i & 1)
			__asm__ volatile("rdtscp" : "=a"(a), "=d"(d), "=c"(c), "+S"(si), "+D"(di)); // BP1
		else
			__asm__ volatile("rdtsc" : "=a"(a), "=d"(d), "+S"(si), "+D"(di));
		CHECK(si == 0x5151515151515151 && di == ~0ull);
		uint64_t t = (uint64_t)d << 32 | a;
		CHECK(t >= last);
		last = t;
		mix(t), mix(c);
		if (i % 50 == 0) witness();
	}
	ok("rdtsc");
}
