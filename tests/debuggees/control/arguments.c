// Proves: the arguments and a variable of the environment come through, odd bytes and the empty string too.
// args: ["one", "two words", "", "quote'd", "\u0001\u00e9", "--flag=value", "--", "-o"]
#include "../debuggee.h"

int main(int argc, char **argv) {
	for (int i = 1; i < argc; i++) {
		printf("%d:", i);
		for (unsigned char *p = (unsigned char *)argv[i]; *p; p++) printf(*p > 31 && *p < 127 ? "%c" : "\\x%02x", *p);
		printf("\n");
	}
	printf("PATH is %s, STEPBACK_NOTHING is %s\n", getenv("PATH") ? "set" : "not set", getenv("STEPBACK_NOTHING") ? "set" : "not set");
	CHECK(setenv("A_NEW_ONE", "value", 1) == 0);
	return system("echo $A_NEW_ONE");
}
