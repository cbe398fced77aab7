// Proves: code in a writable and executable page is called, patched by plain stores of every width and by rep movsb, and called
// again: the new code runs each time, also when only an immediate, a displacement or one byte of an opcode changed.
#include "jit.h"

int main(void) {
	unsigned char *p = code_pages(1, RWX);
	uint64_t sum = 0;
	for (int i = 0; i < 2000; i++) {
		emit_constant(p, i);
		CHECK(call(p) == i);
		*(volatile int *)(p + 1) = i * 3; // the immediate
		CHECK(call(p) == i * 3);
		*(volatile unsigned char *)(p + 2) ^= 0x55;
		sum += call(p);
	}
	printf("immediates %lu\n", sum);
	mix(sum), witness();

	// lea eax, [rdi + n]; ret: then add, sub, xor by turns
	unsigned char ops[][4] = {{0x8d, 0x47, 7, 0xc3}, {0x8d, 0x04, 0x3f, 0xc3}, {0x89, 0xf8, 0x90, 0xc3}, {0x31, 0xc0, 0x90, 0xc3}, {0x0f, 0xb6, 0xc7, 0xc3}};
	sum = 0;
	for (int i = 0; i < 3000; i++) {
		unsigned word;
		memcpy(&word, ops[i % 5], 4);
		*(volatile unsigned *)(p + 64) = word;
		sum = sum * 5 + (unsigned)call1(p + 64, i);
	}
	printf("opcodes %016lx\n", sum);
	mix(sum), witness();

	// a jump in the middle of a longer function changes its target
	unsigned char jumpy[64] = {0x31, 0xc0, 0xeb, 0x00};
	for (int k = 4; k < 60; k += 3) jumpy[k] = 0x83, jumpy[k + 1] = 0xc0, jumpy[k + 2] = 1; // add eax, 1
	jumpy[61] = 0xc3;
	emit(p + 128, jumpy, sizeof jumpy);
	p[128 + 61] = 0xc3;
	sum = 0;
	for (int i = 0; i < 400; i++) {
		int skip = i * 7 % 19;
		*(volatile unsigned char *)(p + 131) = skip * 3;
		CHECK(call(p + 128) == 19 - skip);
		sum += skip;
	}
	printf("jumps %lu\n", sum);

	// the whole of it by rep movsb and by SSE stores
	for (int i = 0; i < 400; i++) {
		unsigned char fresh[16] __attribute__((aligned(16))) = {0};
		emit_constant(fresh, i + 5);
		void *d = p + 256, *s = fresh;
		size_t n = 16;
		if (i % 2) __asm__ volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n)::"memory");
		else __asm__ volatile("movdqa (%1), %%xmm0\n\tmovdqa %%xmm0, (%0)" ::"r"(d), "r"(s) : "memory", "xmm0");
		CHECK(call(p + 256) == i + 5);
	}
	// the caller's own page: code that calls a neighbour that it patched
	for (int i = 0; i < 400; i++) {
		// mov dword [rip + 5], edi (the immediate of the next mov); nop; mov eax, 0; ret
		unsigned char self[] = {0x89, 0x3d, 0x01, 0x00, 0x00, 0x00, 0xb8, 0, 0, 0, 0, 0xc3};
		if (i == 0) emit(p + 512, self, sizeof self);
		CHECK(call1(p + 512, i * 11) == i * 11);
	}
	ok("smc_patch");
}
