// Proves: a call into the vsyscall page (fixed address), where the kernel still has one.
#include "../debuggee.h"

int main(void) {
	FILE *f = fopen("/proc/self/maps", "r");
	char line[400];
	int there = 0;
	while (fgets(line, sizeof line, f))
		if (strstr(line, "[vsyscall]")) there = 1;
	fclose(f);
	if (there) {
		long (*vtime)(long *) = (long (*)(long *))0xffffffffff600400;
		long s = 0;
		CHECK(vtime(&s) == s && s > 1600000000);
		mix(s);
	}
	ok("vsyscall");
}
