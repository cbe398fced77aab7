// Lines to step over: loops, calls, recursion, blocks, and a write through a bad pointer.
#include <stdio.h>

struct point {
	int x, y;
	const char *name;
};

int calls;
struct point origin = {3, 4, "origin"};
int *nowhere;

static int square(int n) {
	int result = n * n; // SQUARE
	return result;
}

static int factorial(int n) {
	calls++;
	if (n <= 1)
		return 1; // BOTTOM
	return n * factorial(n - 1);
}

static int sum(const int *list, int n) {
	int total = 0;
	for (int i = 0; i < n; i++)
		total += square(list[i]); // ADD
	while (total > 100) total -= 7;
	return total; // SUM
}

int main(int argc, char **argv) {
	int list[4] = {1, 2, 3, 4}; // FIRST
	struct point here = {argc, 7, "here"};
	double half = 0.5;
	for (int i = 0; i < 3; i++) {
		int i2 = i * 2;
		here.x += i2;
	}
	int total = sum(list, 4);
	{
		int total = factorial(5);
		here.y = total; // BLOCK
	}
	half *= total;
	printf("%d %d %g\n", total, here.y, half);
	fflush(stdout);
	*nowhere = 1; // CRASH
	return 0;
}
