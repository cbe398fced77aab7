// Code made at run time, for the programs of this folder that change it.
//
//   code_pages(n, protection)    fresh pages
//   emit_constant(p, v)          mov eax, v; ret      returns the end
//   call(p)                      calls the code at p, with an argument call1(p, x)
#ifndef JIT_H
#define JIT_H
#include "../debuggee.h"
#include <sys/mman.h>

enum { RWX = PROT_READ | PROT_WRITE | PROT_EXEC, RX = PROT_READ | PROT_EXEC, RW = PROT_READ | PROT_WRITE };

static inline unsigned char *code_pages(int n, int protection) {
	void *p = mmap(NULL, n * 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	return (unsigned char *)p;
}

static inline unsigned char *emit(unsigned char *p, const void *bytes, size_t n) { return (unsigned char *)memcpy(p, bytes, n) + n; }

static inline unsigned char *emit_constant(unsigned char *p, int v) {
	unsigned char code[] = {0xb8, v, v >> 8, v >> 16, v >> 24, 0xc3};
	return emit(p, code, sizeof code);
}

static inline int call(const void *p) { return ((int (*)(void))p)(); }
static inline int call1(const void *p, int x) { return ((int (*)(int))p)(x); }
#endif
