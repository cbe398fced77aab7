// Proves: a signal finds the right round of a loop whose registers repeat, in a process of many pages (8 MB), where the count
// is a variable among megabytes of others, behind a pointer, at the end of a list, or in a frame far up the stack.
#include "../debuggee.h"
#include <sys/time.h>

#define apart __attribute__((noipa))

static char before[4 << 20];
static volatile uint64_t variable;
static char behind[4 << 20];
static volatile uint64_t *counter;
static struct node {
	struct node *next;
	char pad[9000];
	volatile uint64_t count;
} *list;
static volatile int ticks;

static void handler(int s) {
	mix(s), mix(*counter), witness();
	ticks++;
}

// Leaves the registers as every round does.
static inline void round_of_work(void) {
	unsigned n;
	__asm__ volatile("movl $200, %0\n1:\tdecl %0\n\tjnz 1b" : "=&r"(n)::"cc");
}

static apart void work(void) { round_of_work(); }

static apart void in_variable(int end) {
	counter = &variable;
	while (ticks < end) work(), variable++; // BP1
}

static apart void behind_pointer(int end) {
	counter = (volatile uint64_t *)malloc(100000) + 7000;
	*counter = 0;
	while (ticks < end) round_of_work(), (*counter)++;
}

static apart void in_list(int end) {
	counter = &list->next->next->count;
	while (ticks < end) round_of_work(), list->next->next->count++;
}

static apart void under(char *frame) {
	memset(frame, 1, 16);
	round_of_work();
}

static apart void with_large_frame(void) {
	char frame[100000];
	under(frame);
	round_of_work();
}

static apart void in_frame(int end) {
	volatile uint64_t count = 0;
	counter = &count;
	while (ticks < end) with_large_frame(), count++;
	counter = &variable;
}

int main(void) {
	void (*loops[])(int) = {in_variable, behind_pointer, in_list, in_frame};
	memset(before, 1, sizeof before), memset(behind, 1, sizeof behind);
	for (int i = 0; i < 3; i++) {
		struct node *n = calloc(1, sizeof *n);
		n->next = list, list = n;
	}
	counter = &variable;
	signal(SIGALRM, handler);
	struct itimerval t = {{0, 1500}, {0, 1500}};
	setitimer(ITIMER_REAL, &t, NULL);
	for (int i = 0; i < 4; i++) loops[i](8 * (i + 1));
	t.it_interval.tv_usec = t.it_value.tv_usec = 0;
	setitimer(ITIMER_REAL, &t, NULL);
	ok("far_counters");
}
