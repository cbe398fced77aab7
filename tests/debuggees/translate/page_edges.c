// Proves: instructions that cross from one page to the next, where the next is executable, or not mapped, or not executable, or
// protected later; blocks that end with their page; and code that runs off the end of its pages.
#include "jit.h"
#include <ucontext.h>

static uint64_t fault_ip, fault_address, resume;
static int fault_signal, fault_rcx;

static void handler(int s, siginfo_t *i, void *u) {
	greg_t *g = ((ucontext_t *)u)->uc_mcontext.gregs;
	fault_signal = s, fault_ip = g[REG_RIP], fault_address = (uint64_t)i->si_addr, fault_rcx = g[REG_RCX];
	g[REG_RIP] = resume; // a ret: the place that call1 came from
}

int main(void) {
	struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	sigaction(SIGSEGV, &a, NULL), sigaction(SIGBUS, &a, NULL);
	unsigned char *base = code_pages(4, RWX), *edge = base + 8192;
	CHECK(munmap(base + 12288, 4096) == 0);
	*base = 0xc3, resume = (uint64_t)base;
	// mov ecx, 1; inc ecx; (10 bytes:) mov r9, imm64; (4:) lea eax, [rdi + rcx * 2 + 3]; ret
	unsigned char code[] = {0xb9, 1, 0, 0, 0, 0xff, 0xc1, 0x49, 0xb9, 1, 2, 3, 4, 5, 6, 7, 8, 0x8d, 0x44, 0x4f, 3, 0xc3};
	int n = sizeof code;
	for (int protection = 0; protection < 4; protection++) {
		uint64_t sum = 0;
		for (int before = 1; before <= n; before++) {
			int protections[] = {RWX, PROT_NONE, RW, PROT_READ};
			CHECK(mprotect(base, 12288, RWX) == 0);
			emit(edge - before, code, n);
			for (int k = 0; k < 2; k++) {
				CHECK(mprotect(edge, 4096, k ? protections[protection] : RWX) == 0);
				fault_ip = fault_address = fault_signal = fault_rcx = 0;
				int r = call1(edge - before, 100);
				if (fault_signal == 0) CHECK(r == 107);
				else CHECK(fault_address == (uint64_t)edge);
				if (fault_signal == 0) continue;
				sum = sum * 31 + (fault_ip - (uint64_t)(edge - before)) * 8 + (before >= 5 ? fault_rcx : 0);
			}
		}
		printf("next page %d: %016lx\n", protection, sum);
		mix(sum), witness();
	}
	CHECK(mprotect(base, 12288, RWX) == 0);

	// code that runs off the end into nothing; also after the end was a ret, and a jump to the last byte
	unsigned char *end = base + 12288;
	uint64_t sum = 0;
	for (int round = 0; round < 40; round++) {
		memset(end - 64, 0x90, 64);
		int from = round % 20 + 1;
		if (round % 3 == 0) end[-1] = 0xc3;
		if (round % 3 == 1) memcpy(end - 3, "\xff\xc1\x0f", 3); // inc ecx, and half an instruction
		if (round % 3 == 2) memcpy(end - 2, "\xff\xc1", 2);
		fault_signal = 0, fault_ip = (uint64_t)end;
		call1(end - from, 7);
		CHECK((fault_signal == 0) == (round % 3 == 0));
		if (fault_signal) CHECK(fault_address == (uint64_t)end);
		sum = sum * 31 + ((uint64_t)end - fault_ip);
	}
	printf("end of the pages: %016lx\n", sum);

	// a block that ends exactly with its page: by jump, by call, by a branch not taken into the next
	sum = 0;
	for (int round = 0; round < 20; round++) {
		memset(edge - 32, 0x90, 64);
		edge[20] = 0xc3;
		memcpy(edge - 2, round % 4 == 0 ? "\xeb\x10" : round % 4 == 1 ? "\x75\x10" : round % 4 == 2 ? "\xff\xc0" : "\x31\xc0", 2);
		memcpy(edge - 8, "\x89\xf8\x39\xff", 4); // mov eax, edi; cmp edi, edi
		memcpy(edge, "\xff\xc0", 2);
		sum = sum * 31 + call1(edge - 10, round);
	}
	printf("end with the page: %016lx\n", sum);

	// the second half of a crossing instruction changes
	for (int round = 0; round < 50; round++) {
		emit_constant(edge - 3, round * 0x10101);
		CHECK(call(edge - 3) == round * 0x10101);
		edge[1] = round + 1;
		CHECK(call(edge - 3) == (int)((round * 0x10101 & 0xffffff) | (round + 1) << 24));
	}
	ok("page_edges");
}
