// Proves: exit status 42.
// status: 42
#include "../debuggee.h"

int main(void) {
	puts("leaving with 42");
	return 42; // BP1
}
