// Proves: xsave, xsavec and xgetbv(1) show the same state components in use in the replay, after calls, signals, forks and in threads.
#include "../debuggee.h"
#include <cpuid.h>
#include <pthread.h>

static char area[16384] __attribute__((aligned(64)));
static int has_xsavec, has_xgetbv1;

static void handler(int s) { mix(s); }

static void look(void) {
	uint32_t a, d;
	FILL(area);
	memset(area + 512, 0, 64); // the header
	__asm__ volatile("xsave %0" : "+m"(area) : "a"(-1), "d"(-1));
	mix_mem(area + 512, 64), mix_mem(area + 24, 8);
	if (has_xsavec) {
		memset(area + 512, 0, 64);
		__asm__ volatile("xsavec %0" : "+m"(area) : "a"(-1), "d"(-1));
		MIX(area);
	}
	__asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
	mix(a), mix(d);
	if (has_xgetbv1) {
		__asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(1));
		mix(a), mix(d);
	}
	witness();
}

__attribute__((target("avx"))) static void use_avx(void) { __asm__ volatile("vpcmpeqd %%xmm1, %%xmm1, %%xmm1\n\tvinsertf128 $1, %%xmm1, %%ymm1, %%ymm1" ::: "xmm1"); }
__attribute__((target("avx"))) static void zero_upper(void) { __asm__ volatile("vzeroupper"); }
__attribute__((target("avx"))) static void zero_all(void) { __asm__ volatile("vzeroall" ::: "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"); }
__attribute__((target("avx512f"))) static void use_zmm(void) { __asm__ volatile("vpternlogd $255, %%zmm20, %%zmm20, %%zmm20\n\tkxnorw %%k2, %%k2, %%k2" ::: "memory"); }

static void all(void) {
	look();
	if (!__builtin_cpu_supports("avx")) return;
	use_avx(), look();
	raise(SIGUSR1), look();
	zero_upper(), look();
	nap(0), look();
	zero_all(), look();
	if (__builtin_cpu_supports("avx512f")) use_zmm(), look(), nap(0), look(), zero_upper(), look();
	__asm__ volatile("fninit");
	look();
	raise(SIGUSR1), look();
}

static void *work(void *arg) {
	all();
	return arg;
}

int main(void) {
	uint32_t a, b, c, d;
	__cpuid(1, a, b, c, d);
	if (c & bit_OSXSAVE) {
		__cpuid_count(13, 1, a, b, c, d);
		has_xsavec = a >> 1 & 1, has_xgetbv1 = a >> 2 & 1;
		signal(SIGUSR1, handler);
		for (int i = 0; i < 3; i++) all();
		pthread_t t;
		pthread_create(&t, NULL, work, NULL);
		pthread_join(t, NULL);
		pid_t kid = fork();
		if (kid == 0) {
			all();
			_exit(0);
		}
		reap(kid);
	}
	ok("xsave_header");
}
