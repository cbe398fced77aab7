// Proves: a program without libc: entry at _start, system calls only, no stack set-up but the kernel's.
// flags: -nostdlib -static -no-pie -fno-stack-protector
typedef unsigned long u64;

static long call(long nr, u64 a, u64 b, u64 c) {
	long r;
	__asm__ volatile("syscall" : "=a"(r) : "0"(nr), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return r;
}

void start(u64 *sp) {
	u64 sum = sp[0] * 31 + (u64)sp, t[2];
	for (u64 *p = sp + 2 + sp[0]; *p; p++) sum = sum * 31 + *p;
	call(228 /* clock_gettime */, 1, (u64)t, 0);
	sum = sum * 31 + t[0] + t[1];
	call(140 /* getpriority */, 99, sum, 0);
	call(1, 1, (u64) "bare ok\n", 8);
	call(231, 0, 0, 0);
}

__asm__(".globl _start\n_start:\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall start\n\thlt");
