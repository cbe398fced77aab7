// Proves: a null dereference after some output: status 139, everything printed, recording complete.
// status: 139
#include "../debuggee.h"

struct node {
	int value;
	struct node *next;
};

static int sum(struct node *n, int left) {
	int s = 0;
	while (left-- > 0) {
		s += n->value; // BP1: n is null in the fourth round
		n = n->next;
	}
	return s;
}

int main(void) {
	struct node c = {3, NULL}, b = {2, &c}, a = {1, &b};
	printf("three nodes: %d\n", sum(&a, 3));
	fflush(stdout);
	mix(getpid()), witness();
	printf("four nodes: %d\n", sum(&a, 4));
	return 0;
}
