// Proves: getrandom, /dev/urandom, getentropy and AT_RANDOM: the bytes are data of the recording.
#include "../debuggee.h"
#include <sys/auxv.h>
#include <sys/random.h>

int main(void) {
	unsigned char a[40], b[40], big[5000];
	FILL(a), FILL(b), FILL(big);
	CHECK(getrandom(a, 32, 0) == 32 && getrandom(b, 32, GRND_NONBLOCK) == 32); // BP1
	CHECK(memcmp(a, b, 32) != 0 && a[32] == 0xA5);
	MIX(a), MIX(b);
	CHECK(getrandom(big, sizeof big, 0) == sizeof big);
	MIX(big);
	CHECK(getentropy(a, 40) == 0);
	MIX(a);
	int f = open("/dev/urandom", O_RDONLY);
	CHECK(read(f, a, 33) == 33);
	MIX(a);
	mix_mem((void *)getauxval(AT_RANDOM), 16);
	ok("random"); // BP2
	f = open("/proc/sys/kernel/random/uuid", O_RDONLY);
	FILL(big);
	CHECK(f < 0 || read(f, big, sizeof big) == 37);
	MIX(big);
	ok("uuid");
}
