// Proves: addresses of stack, heap, code, libraries and environment are data of the image, and so is the auxiliary vector.
#include "../debuggee.h"
#include <sys/auxv.h>

extern char **environ;

int main(int argc, char **argv) {
	int here;
	mix((uintptr_t)&here), mix((uintptr_t)main), mix((uintptr_t)malloc(100)), mix((uintptr_t)malloc(1 << 20));
	mix((uintptr_t)printf), mix((uintptr_t)environ), mix((uintptr_t)sbrk(0)), mix((uintptr_t)&errno);
	for (int i = 0; i < argc; i++) mix((uintptr_t)argv[i]), mix_mem(argv[i], strlen(argv[i]));
	for (char **e = environ; *e; e++) mix_mem(*e, strlen(*e));
	for (int i = 0; i < 60; i++) mix(getauxval(i));
	mix_mem((char *)getauxval(AT_EXECFN), 4), mix_mem((char *)getauxval(AT_PLATFORM), 6);
	uint64_t canary;
	__asm__("mov %%fs:0x28, %0" : "=r"(canary));
	mix(canary);
	ok("addresses");
}
