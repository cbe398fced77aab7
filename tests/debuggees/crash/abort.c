// Proves: a failed assertion: message on standard error, status 134.
// status: 134
#include "../debuggee.h"
#include <assert.h>

int main(int argc, char **argv) {
	(void)argv;
	puts("before");
	fflush(stdout);
	witness();
	assert(argc == 0); // BP1
	return 0;
}
