// Proves: indirect jumps with many targets: a switch, a computed goto, a table of functions and a small interpreter, in orders that
// repeat, alternate and look random.
#include "../debuggee.h"

__attribute__((noinline)) static uint64_t by_switch(uint64_t v, unsigned op) {
	switch (op) {
#define CASE(n) case n: return v * (2 * n + 1) + (v >> (n % 7 + 1)) + n;
#define CASES(n) CASE(n) CASE(n + 1) CASE(n + 2) CASE(n + 3) CASE(n + 4) CASE(n + 5) CASE(n + 6) CASE(n + 7)
		CASES(0) CASES(8) CASES(16) CASES(24) CASES(32) CASES(40) CASES(48) CASES(56)
	default: return v;
	}
}

static uint64_t interpret(const unsigned char *code, int n) {
	static const void *const labels[] = {&&push, &&add, &&mul, &&dup, &&swap, &&jump_if, &&drop, &&xor, &&stop, &&jump};
	uint64_t stack[64] = {1}, *sp = stack + 1;
	int pc = 0, budget = n;
#define NEXT do { if (--budget < 0) goto stop; goto *labels[code[pc++]]; } while (0)
	NEXT;
push: *sp++ = code[pc++]; NEXT;
add: sp[-2] += sp[-1], sp--; NEXT;
mul: sp[-2] *= sp[-1] | 1, sp--; NEXT;
dup: *sp = sp[-1], sp++; NEXT;
swap: { uint64_t t = sp[-1]; sp[-1] = sp[-2], sp[-2] = t; } NEXT;
jump_if: pc = sp[-1] & 64 ? code[pc] : pc + 1; NEXT;
drop: sp--; NEXT;
xor: sp[-1] ^= sp[-1] >> 9; NEXT;
jump: pc = code[pc]; NEXT;
stop: return stack[0] * 31 + sp[-1];
}

__attribute__((noinline)) static uint64_t f0(uint64_t v) { return v + 1; }
__attribute__((noinline)) static uint64_t f1(uint64_t v) { return v * 3; }
__attribute__((noinline)) static uint64_t f2(uint64_t v) { return v ^ v << 5; }
__attribute__((noinline)) static uint64_t f3(uint64_t v) { return f1(v) - f0(v); }
__attribute__((noinline)) static uint64_t f4(uint64_t v) { return f3(v) >> 1; }

int main(void) {
	uint64_t v = 1;
	unsigned seed = 1;
	for (int i = 0; i < 60000; i++) {
		seed = seed * 1103515245 + 12345;
		unsigned k = i, op = k < 20000 ? k % 64 : k < 40000 ? seed >> 16 & 63 : seed >> 30 ? k / 1000 % 64 : 64 + k % 3;
		v = by_switch(v, op);
	}
	printf("switch %016lx\n", v);
	mix(v), witness();
	static const unsigned char program[] = {0, 17, 0, 3, 2, 7, 3, 0, 5, 1, 4, 7, 5, 19, 1, 0, 9, 2, 3, 1, 1, 9, 0};
	v = interpret(program, 300000);
	printf("interpreter %016lx\n", v);
	mix(v), witness();
	uint64_t (*volatile table[])(uint64_t) = {f0, f1, f2, f3, f4};
	for (int i = 0; i < 60000; i++) {
		seed = seed * 1103515245 + 12345;
		v = table[i < 30000 ? i % 5 : (int)(seed >> 16 & 3)](v);
	}
	printf("functions %016lx\n", v);
	mix(v);
	ok("jump_tables");
}
