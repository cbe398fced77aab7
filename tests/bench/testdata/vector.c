// A kernel in AVX2 and FMA: matrices multiplied in single precision, and bytes looked up and summed. The argument is the number of rounds.
#include <immintrin.h>
#include <stdio.h>
#include <stdlib.h>

enum { n = 256 };
static float a[n][n], b[n][n], c[n][n];
static unsigned char text[1 << 16];

static void multiply(void) {
	for (int i = 0; i < n; i += 4)
		for (int j = 0; j < n; j += 16) {
			__m256 s[4][2] = {0};
			for (int k = 0; k < n; k++) {
				__m256 b0 = _mm256_loadu_ps(&b[k][j]), b1 = _mm256_loadu_ps(&b[k][j + 8]);
				for (int r = 0; r < 4; r++) {
					__m256 x = _mm256_set1_ps(a[i + r][k]);
					s[r][0] = _mm256_fmadd_ps(x, b0, s[r][0]), s[r][1] = _mm256_fmadd_ps(x, b1, s[r][1]);
				}
			}
			for (int r = 0; r < 4; r++) _mm256_storeu_ps(&c[i + r][j], s[r][0]), _mm256_storeu_ps(&c[i + r][j + 8], s[r][1]);
		}
}

static long look_up(void) {
	__m256i table = _mm256_setr_epi8(3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3, 3, 8, 3, 2, 7, 9, 5);
	__m256i low = _mm256_set1_epi8(15), sum = _mm256_setzero_si256();
	for (size_t i = 0; i < sizeof text; i += 32) {
		__m256i v = _mm256_loadu_si256((const __m256i *)(text + i));
		v = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_xor_si256(v, _mm256_srli_epi16(v, 3)), low));
		sum = _mm256_add_epi64(sum, _mm256_sad_epu8(v, _mm256_setzero_si256()));
	}
	return _mm256_extract_epi64(sum, 0) + _mm256_extract_epi64(sum, 1) + _mm256_extract_epi64(sum, 2) + _mm256_extract_epi64(sum, 3);
}

int main(int argc, char **argv) {
	long rounds = argc > 1 ? atol(argv[1]) : 1, sum = 0;
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++) a[i][j] = (i * 7 + j) % 13 / 16.0f, b[i][j] = (i - j * 3) % 11 / 32.0f;
	for (size_t i = 0; i < sizeof text; i++) text[i] = i * 131 >> 3;
	for (long i = 0; i < rounds; i++) {
		multiply();
		for (int k = 0; k < 40; k++) text[(i * 40 + k) & 0xffff]++, sum += look_up();
	}
	printf("%.3f %ld\n", c[17][33], sum);
}
