// Proves: addresses relative to gs and fs, with the base set by arch_prctl or by wrgsbase and wrfsbase: loads, stores, calls and
// jumps by memory, rip-relative ones, strings; each thread has its own.
#include "../debuggee.h"
#include <asm/prctl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/auxv.h>

static int add(int x) { return x + 7; }
static int twice(int x) { return x * 2; }

static void by_gs(uint64_t *block) {
	for (int i = 0; i < 64; i++) block[i] = i * 0x1111;
	CHECK(syscall(SYS_arch_prctl, ARCH_SET_GS, block) == 0);
	uint64_t v, n = 3;
	__asm__ volatile("mov %%gs:8, %0" : "=r"(v));
	CHECK(v == 0x1111);
	__asm__ volatile("mov %%gs:16(,%1,8), %0\n\taddq $5, %%gs:(%1)\n\tlock incq %%gs:40\n\tmovq %%gs:40, %1" : "=&r"(v), "+r"(n)::"memory");
	CHECK(v == 5 * 0x1111 && n == 5 * 0x1111 + 1);
	for (int i = 0; i < 50; i++) {
		int r = i;
		block[9] = (uint64_t)(i % 2 ? add : twice);
		__asm__ volatile("sub $128, %%rsp\n\tmov %0, %%edi\n\tcall *%%gs:72\n\tmov %%eax, %0\n\tadd $128, %%rsp" : "+r"(r)::"rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc");
		CHECK(r == (i % 2 ? i + 7 : i * 2));
		__asm__ volatile("lea 1f(%%rip), %%rax\n\tmov %%rax, %%gs:80\n\tmov $16, %%edx\n\tjmp *%%gs:(%%rdx,%%rdx,4)\n\tud2\n1:" ::: "rax", "rdx", "memory");
	}
	uint64_t *source = (uint64_t *)0 + 2, target[4] = {0};
	void *d = target;
	n = 4;
	__asm__ volatile("rep movsq %%gs:(%%rsi), (%%rdi)" : "+S"(source), "+D"(d), "+c"(n)::"memory");
	CHECK(target[0] == 2 * 0x1111 && target[3] == 5 * 0x1111 + 1);
	mix(target[3]);
}

static void by_instruction(uint64_t *block) {
	uint64_t old, fs, v;
	__asm__ volatile("rdgsbase %0\n\trdfsbase %1" : "=r"(old), "=r"(fs));
	CHECK(old == (uint64_t)block && fs == *(uint64_t *)fs);
	for (int i = 0; i < 20; i++) {
		__asm__ volatile("wrgsbase %1\n\tmov %%gs:8, %0" : "=r"(v) : "r"(block + i) : "memory");
		CHECK(v == block[i + 1]);
		if (i % 5 == 0) witness(), sched_yield();
		__asm__ volatile("rdgsbase %0" : "=r"(v));
		CHECK(v == (uint64_t)(block + i));
		__asm__ volatile("wrfsbase %2\n\tmov %%fs:16, %0\n\twrfsbase %1" : "=&r"(v) : "r"(fs), "r"(block + i) : "memory");
		CHECK(v == block[i + 2]);
	}
	__asm__ volatile("wrgsbase %0" ::"r"(block));
	unsigned long asked;
	CHECK(syscall(SYS_arch_prctl, ARCH_GET_GS, &asked) == 0 && asked == (uint64_t)block);
}

static __thread int local = 5;
static int shared_value __attribute__((used)) = 77;

static void *thread(void *p) {
	uint64_t *block = p, base;
	by_gs(block);
	if (getauxval(AT_HWCAP2) & 2) by_instruction(block);
	CHECK(syscall(SYS_arch_prctl, ARCH_GET_GS, &base) == 0 && base == (uint64_t)block);
	for (int i = 0; i < 1000; i++) local += i;
	CHECK(local == 5 + 499500);
	// rip-relative with a base: gs + rip + displacement
	CHECK(syscall(SYS_arch_prctl, ARCH_SET_GS, 16) == 0);
	int v;
	__asm__ volatile("movl %%gs:shared_value-16(%%rip), %0" : "=r"(v));
	CHECK(v == 77);
	CHECK(syscall(SYS_arch_prctl, ARCH_SET_GS, 0) == 0);
	return NULL;
}

int main(void) {
	static uint64_t blocks[3][64];
	pthread_t t[2];
	for (int i = 0; i < 2; i++) CHECK(pthread_create(&t[i], NULL, thread, blocks[i]) == 0);
	thread(blocks[2]);
	for (int i = 0; i < 2; i++) pthread_join(t[i], NULL);
	ok("segments");
}
