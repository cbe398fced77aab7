// Proves: 10,000 functions made one by one, called at once and later in mixed order through pointers, and made anew over the old ones.
#include "jit.h"

enum { count = 10000, room = 32 };

int main(void) {
	unsigned char *p = code_pages(count * room / 4096 + 1, RWX);
	uint64_t sum = 0;
	for (int generation = 0; generation < 2; generation++) {
		for (int i = 0; i < count; i++) {
			// lea eax, [rdi + i]; rol eax, n; xor eax, constant; (jump to the function before, or ret)
			unsigned char code[] = {0x8d, 0x87, i, i >> 8, 0, 0, 0xc1, 0xc0, i % 31, 0x35, generation, i * 3, i * 5, 7, 0xc3};
			emit(p + i * room, code, sizeof code);
			if (i % 3 == 2) { // mov edi, eax; jmp to the function before
				int back = -(room + 14 + 7);
				unsigned char tail[] = {0x89, 0xc7, 0xe9, back, back >> 8, back >> 16, back >> 24};
				emit(p + i * room + 14, tail, sizeof tail);
			}
			sum = sum * 31 + (unsigned)call1(p + i * room, generation);
		}
		for (unsigned i = 0, k = 1; i < 3 * count; i++) {
			k = (k * 1103515245u + 12345u) & 0x7fffffff;
			sum = sum * 31 + (unsigned)call1(p + k % count * room, i);
		}
		printf("generation %d: %016lx\n", generation, sum);
		mix(sum), witness();
	}
	ok("jit_many");
}
