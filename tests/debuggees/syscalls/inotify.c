// Proves: inotify events of variable length, more than one in a read, and a blocking read.
#include "../debuggee.h"
#include <sys/inotify.h>

int main(void) {
	enter_tmp();
	int n = inotify_init1(IN_CLOEXEC), w = inotify_add_watch(n, ".", IN_ALL_EVENTS);
	CHECK(w >= 0);
	char b[1024] __attribute__((aligned(8)));
	FILL(b);
	close(open("a-file-name", O_CREAT | O_WRONLY, 0600));
	rename("a-file-name", "b");
	ssize_t r = read(n, b, sizeof b);
	CHECK(r > 0);
	MIX(b), mix(r);
	struct inotify_event *e = (void *)b;
	CHECK(e->mask == IN_CREATE && strcmp(e->name, "a-file-name") == 0);
	pid_t kid = fork();
	if (kid == 0) {
		nap(10);
		unlink("b");
		_exit(0);
	}
	FILL(b);
	CHECK(read(n, b, sizeof b) > 0);
	MIX(b);
	reap(kid);
	CHECK(inotify_rm_watch(n, w) == 0);
	CHECK(read(n, b, sizeof b) > 0);
	MIX(b);
	ok("inotify");
	leave_tmp();
}
