// Proves: SIGPIPE ignored (EPIPE), handled, MSG_NOSIGNAL, and in a child the default: death.
// case: signals/sigpipe
// case: signals/sigpipe-default
// args: default
// status: 141
#include "../debuggee.h"
#include <sys/socket.h>

static volatile int calls;
static void handler(int s) { mix(s), calls++; }

int main(int argc, char **argv) {
	int p[2], s[2];
	(void)argv;
	CHECK(pipe(p) == 0 && close(p[0]) == 0);
	if (argc > 1) {
		printf("dying\n");
		fflush(stdout);
		signal(SIGPIPE, SIG_DFL);
		return write(p[1], "x", 1) == 1;
	}
	signal(SIGPIPE, SIG_IGN);
	CHECK(write(p[1], "x", 1) == -1 && errno == EPIPE);
	signal(SIGPIPE, handler);
	CHECK(write(p[1], "x", 1) == -1 && errno == EPIPE && calls == 1);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0 && close(s[1]) == 0);
	CHECK(send(s[0], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE && calls == 1);
	CHECK(send(s[0], "x", 1, 0) == -1 && errno == EPIPE && calls == 2);
	ok("sigpipe");
}
