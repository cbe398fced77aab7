// Proves: what a recorded program must not see is hidden: vDSO, rdrand, rdseed, TSX, rdpid, waitpkg, rseq, io_uring, userfaultfd.
// only: recorded
#include "../debuggee.h"
#include <cpuid.h>
#include <sys/auxv.h>

int main(void) {
	uint32_t a, b, c, d;
	CHECK(getauxval(AT_SYSINFO_EHDR) == 0);
	__cpuid(1, a, b, c, d);
	CHECK(!(c & bit_RDRND));
	__cpuid_count(7, 0, a, b, c, d);
	CHECK(!(b & bit_RDSEED) && !(b & (1u << 11)) && !(b & (1u << 4)) && !(c & (1u << 22)) && !(c & (1u << 5)));
	char area[128];
	memset(area, 0, sizeof area);
	CHECK(syscall(425, 4, area) == -1 && errno == ENOSYS);
	CHECK(syscall(SYS_userfaultfd, 0) == -1 && errno == ENOSYS);
	CHECK(syscall(SYS_rseq, area, 32, 0, 1) == -1 && errno == ENOSYS);
	ok("hidden");
}
