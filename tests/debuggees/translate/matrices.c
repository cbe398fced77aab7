// Proves: OpenBLAS (hand-written AVX2 or AVX-512 kernels chosen by cpuid, with threads) multiplies matrices as plain C does; without its
// headers a kernel in AVX-512 or plain C takes its place.
#include "../debuggee.h"
#if __has_include(<cblas.h>)
#include <cblas.h>
#include <dlfcn.h>
#endif

enum { n = 160 };
static double a[n][n], b[n][n], c[n][n], d[n][n];

static void plain(void) {
	for (int i = 0; i < n; i++)
		for (int k = 0; k < n; k++)
			for (int j = 0; j < n; j++) d[i][j] += a[i][k] * b[k][j];
}

__attribute__((target("avx512f"))) static void wide(void) {
	typedef double vector __attribute__((vector_size(64), aligned(8)));
	for (int i = 0; i < n; i++)
		for (int k = 0; k < n; k++)
			for (int j = 0; j < n; j += 8) *(vector *)&c[i][j] += a[i][k] * *(vector *)&b[k][j];
}

static void multiply(void) {
#if __has_include(<cblas.h>)
	void *h = dlopen("libopenblas.so.0", RTLD_NOW);
	__typeof__(cblas_dgemm) *gemm = h ? (__typeof__(cblas_dgemm) *)dlsym(h, "cblas_dgemm") : NULL;
	if (gemm) {
		for (int i = 0; i < 5; i++) gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, &a[0][0], n, &b[0][0], n, 0, &c[0][0], n);
		return;
	}
#endif
	if (__builtin_cpu_supports("avx512f")) wide();
	else plain(), memcpy(c, d, sizeof c), memset(d, 0, sizeof d);
}

int main(void) {
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++) a[i][j] = (i * 7 + j * 3) % 31, b[i][j] = (i * 5 - j * 2) % 17;
	multiply();
	plain();
	CHECK(memcmp(c, d, sizeof c) == 0); // whole numbers: exact in any order
	double sum = 0;
	for (int i = 0; i < n; i++) sum += c[i][i * 7 % n];
	printf("%.0f\n", sum);
	mix_mem(c, sizeof c);
	ok("matrices");
}
