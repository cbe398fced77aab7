// Every kind of access to memory, to the same few variables, for data probes.
#include <immintrin.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct { char before[64]; uint64_t value; char after[120]; } area __attribute__((aligned(64)));
char other[256] __attribute__((aligned(64)));
__thread int local;

#define ASM(...) __asm__ volatile(__VA_ARGS__)

static void strings(void) {
	memcpy(area.before, other, 190);
	void *d = area.before, *s = other;
	long n = 20;
	ASM("rep movsb" : "+D"(d), "+S"(s), "+c"(n)::"memory");
	n = 8, d = area.before + 32, s = other;
	ASM("rep movsq" : "+D"(d), "+S"(s), "+c"(n)::"memory");
	n = 9, d = (char *)&area.value + 24;
	ASM("std; rep stosl; cld" : "+D"(d), "+c"(n) : "a"(7) : "memory");
	n = 0, d = &area.value;
	ASM("rep stosb" : "+D"(d), "+c"(n) : "a"(7) : "memory");
	n = 100, d = area.before;
	memset(area.before, 1, 64), area.before[61] = 2;
	ASM("repe scasb" : "+D"(d), "+c"(n) : "a"(1) : "memory", "cc");
	n = 100, d = area.before, s = other;
	ASM("repne cmpsb" : "+D"(d), "+S"(s), "+c"(n)::"memory", "cc");
	d = &area.value, s = other;
	ASM("movsl; cmpsw; stosb; lodsb; scasl" : "+D"(d), "+S"(s)::"rax", "memory", "cc");
}

__attribute__((noinline)) static void integers(void) {
	uint64_t *p = &area.value, a = 5, c = 0, sp, bp;
	ASM("addl $3, %0; incw 2%0; negb 7%0; xchg %1, %0; lock cmpxchg %2, %0; xadd %1, %0" : "+m"(*p), "+r"(a), "+r"(c)::"rax", "cc");
	ASM("btsq %1, %0" : "+m"(area.before) : "r"(64l * 8 + 5) : "memory", "cc");
	ASM("btq %1, %0" : : "m"(area.after), "r"(-8l * 4) : "memory", "cc");
	ASM("sub $256, %%rsp; push (%0); pop (%0); pushw (%0); popw (%0); pushf; popf; add $256, %%rsp" : : "r"(p) : "cc", "memory");
	ASM("mov %%rsp, %0; lea 8(%1), %%rsp; push %2; pop %2; call 1f; jmp 2f; 1: ret; 2: mov %0, %%rsp" : "=&r"(sp), "+r"(p), "+r"(a) : : "memory");
	ASM("mov %%rbp, %0; mov %%rsp, %1; mov %2, %%rbp; leave; mov %1, %%rsp; mov %0, %%rbp" : "=&r"(bp), "=&r"(sp) : "r"(p) : "memory");
	ASM("mov %%rbp, %0; mov %%rsp, %1; lea 8(%2), %%rsp; enter $0, $0; mov %1, %%rsp; mov %0, %%rbp" : "=&r"(bp), "=&r"(sp) : "r"(p) : "memory");
	ASM("mov %%rsp, %0; lea 16(%1), %%rsp; mov %%cs, %k2; push %2; lea 1f(%%rip), %2; push %2; lretq; 1: mov 4(%1), %k2; mov %0, %%rsp" : "=&r"(sp), "+r"(p), "+r"(a) : : "memory");
	ASM("xlat" : "+a"(a) : "b"(p));
	ASM("movb (%0,%1,4), %%al; movb %%al, 3(%0,%1,8)" : : "r"(p), "r"(0l) : "rax", "memory");
	ASM("movb %%al, (%k0)" : : "r"(p) : "memory");
	local = 5, local++;
}

__attribute__((target("avx2"))) static void avx2(void) {
	__m256i v = _mm256_set1_epi32(3), mask = _mm256_setr_epi32(-1, 0, -1, 0, 0, 0, -1, -1);
	_mm256_storeu_si256((void *)(area.before + 40), v);
	_mm256_maskstore_epi32((int *)(area.before + 56), mask, v);
	_mm256_maskstore_epi32((int *)(area.before + 60), mask, v);
	__m256i index = _mm256_setr_epi32(16, 2, 17, 3, 18, 40, 16, 5);
	v = _mm256_mask_i32gather_epi32(v, (int *)area.before, index, mask, 4);
	_mm256_storeu_si256((void *)other, v);
}

__attribute__((target("avx512f,avx512bw,avx512vl"))) static void avx512(void) {
	__m512i v = _mm512_set1_epi32(9);
	_mm512_mask_storeu_epi8(area.before + 10, 0xffffull << 40, v);
	_mm512_mask_storeu_epi8(area.before + 60, 0xf0, v);
	_mm512_mask_storeu_epi64(area.before + 56, 0x5, v);
	__m512i index = _mm512_setr_epi32(16, 2, 30, 31, 18, 25, 26, 27, 1, 3, 5, 7, 9, 11, 13, 17);
	_mm512_mask_i32scatter_epi32(area.before, 0x0ffe, index, v, 4);
	_mm512_mask_i32scatter_epi32(area.before, 0x8001, index, v, 4);
}

static void *thread(void *p) {
	for (int i = 0; i < 8; i++) area.value += i, usleep(1);
	return p;
}

int main(void) {
	local = 1;
	for (int round = 0; round < 3; round++) {
		strings();
		integers();
		if (__builtin_cpu_supports("avx2")) avx2();
		if (__builtin_cpu_supports("avx512bw")) avx512();
	}
	pthread_t t;
	pthread_create(&t, 0, thread, 0);
	thread(0);
	pthread_join(t, 0);
	int p[2];
	char *volatile to = area.before + 60;
	if (pipe(p) || write(p[1], "12345678", 8) != 8 || read(p[0], to, 8) != 8) return 1;
	if (fork() == 0) {
		area.value = 7;
		_exit(0);
	}
	wait(0);
	for (int i = 0; i < 3000; i++) ((volatile uint64_t *)other)[i % 8] = i;
	area.value++;
	printf("%ld %d\n", (long)area.value, local);
	return 0;
}
