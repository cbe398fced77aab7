// Proves: the exit status comes through: the low eight bits of exit's argument, return from main, _exit.
// case: control/status-0
// args: 0
// status: 0
// case: control/status-1
// args: 1
// status: 1
// case: control/status-255
// args: -1
// status: 255
// case: control/status-256
// args: 256
// status: 0
// case: control/status-128
// args: 128
// status: 128
#include "../debuggee.h"

int main(int argc, char **argv) {
	int n = argc > 1 ? atoi(argv[1]) : 0;
	mix(n), witness();
	if (n & 1) exit(n);
	if (n == 256) _exit(n);
	return n;
}
