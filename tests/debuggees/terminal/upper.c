// Proves: lines read from standard input until its end are echoed in upper case.
// stdin: hello\nsecond line\n\nlast without newline
#include "../debuggee.h"
#include <ctype.h>

int main(void) {
	char line[100];
	int n = 0;
	while (FILL(line), fgets(line, sizeof line, stdin)) {
		MIX(line), witness();
		for (char *p = line; *p; p++) *p = toupper((unsigned char)*p);
		fputs(line, stdout); // BP1
		n++;
	}
	printf("\n%d lines\n", n);
	return 0;
}
