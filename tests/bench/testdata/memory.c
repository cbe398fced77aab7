// Changes memory of as many megabytes as the argument says, page by page, again and again. It says when half of it is done.
#include <stdlib.h>
#include <unistd.h>

enum { sweeps = 40, page = 4096 };
volatile unsigned result;

int main(int argc, char **argv) {
	size_t size = (argc > 1 ? atol(argv[1]) : 10) << 20;
	char *memory = malloc(size);
	unsigned x = 1;
	for (int sweep = 0; sweep < sweeps; sweep++) {
		if (sweep == sweeps / 2) write(1, "half", 4);
		for (size_t at = 0; at < size; at += page) {
			for (int i = 0; i < 300; i++) x = x * 1664525 + 1013904223;
			memory[at + x % page] = x;
		}
	}
	result = x;
}
