// Proves: a program on a terminal: raw mode, keys read one by one, window size, restored settings. Without one it says so.
// With the argument "self" it makes a pty for itself and plays the user (keys, ^C as SIGINT, SIGWINCH, hang-up).
// case: terminal/tty-none
// case: terminal/tty
// args: self
#include "../debuggee.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

static volatile int ints, winches;
static void on_int(int s) { mix(s), ints++; }
static void on_winch(int s) { mix(s), winches++; }

static int on_terminal(void) {
	struct termios t, raw;
	struct winsize w;
	char c;
	FILL(t), FILL(w);
	CHECK(tcgetattr(0, &t) == 0 && ioctl(0, TIOCGWINSZ, &w) == 0);
	MIX(t), MIX(w);
	raw = t;
	cfmakeraw(&raw);
	CHECK(tcsetattr(0, TCSAFLUSH, &raw) == 0);
	CHECK(write(1, "keys: ", 6) == 6);
	while (read(0, &c, 1) == 1 && c != 'q') { // BP1
		char b[20];
		mix(c), witness();
		CHECK(write(1, b, snprintf(b, sizeof b, "<%d>", c)) > 0);
	}
	CHECK(tcsetattr(0, TCSADRAIN, &t) == 0);
	CHECK(write(1, "done\n", 5) == 5);
	return 0;
}

static void expect(int m, const char *want) { // what comes after it stays for the next one
	static char b[4000];
	static size_t n, from;
	char *at;
	while ((at = strstr(b + from, want)) == NULL) {
		ssize_t r = read(m, b + n, sizeof b - 1 - n);
		CHECK(r > 0);
		n += r;
	}
	from = at - b + strlen(want);
	mix_mem(b, n);
}

int main(int argc, char **argv) {
	if (argc == 1) {
		if (isatty(0)) return on_terminal();
		CHECK(errno == ENOTTY || errno == EINVAL || errno == EBADF);
		puts("not a terminal");
		return 0;
	}
	int m = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK(m >= 0 && grantpt(m) == 0 && unlockpt(m) == 0);
	char name[64];
	CHECK(ptsname_r(m, name, sizeof name) == 0);
	pid_t kid = fork();
	if (kid == 0) {
		CHECK(setsid() >= 0);
		int s = open(name, O_RDWR);
		CHECK(s >= 0 && (ioctl(s, TIOCSCTTY, 0) == 0 || errno == EPERM));
		dup2(s, 0), dup2(s, 1);
		CHECK(isatty(0) && tcgetpgrp(0) == getpid());
		struct sigaction a = {.sa_handler = on_int};
		sigaction(SIGINT, &a, NULL);
		a.sa_handler = on_winch, a.sa_flags = SA_RESTART;
		sigaction(SIGWINCH, &a, NULL);
		sigset_t block, open_mask; // SIGINT comes in ppoll only
		sigemptyset(&block), sigaddset(&block, SIGINT), sigprocmask(SIG_BLOCK, &block, &open_mask);
		CHECK(write(1, "ready\n", 6) == 6);
		char b[64];
		FILL(b);
		CHECK(read(0, b, sizeof b) == 5 && memcmp(b, "line\n", 5) == 0); // cooked
		MIX(b);
		CHECK(write(1, "got it\n", 7) == 7);
		struct pollfd f = {0, POLLIN, 0};
		while (ints == 0) CHECK(ppoll(&f, 1, NULL, &open_mask) == -1 && errno == EINTR);
		CHECK(ints == 1);
		sigprocmask(SIG_SETMASK, &open_mask, NULL);
		CHECK(write(1, "interrupted\n", 12) == 12);
		execl("/proc/self/exe", argv[0], NULL);
		_exit(1);
	}
	expect(m, "ready");
	CHECK(write(m, "line\n", 5) == 5);
	expect(m, "got it");
	struct winsize w = {50, 120, 0, 0};
	CHECK(ioctl(m, TIOCSWINSZ, &w) == 0);
	nap(5);
	CHECK(write(m, "\3", 1) == 1); // ^C
	expect(m, "interrupted");
	expect(m, "keys: ");
	CHECK(write(m, "ab\3", 3) == 3); // raw: ^C is a key
	expect(m, "<3>");
	CHECK(write(m, "q", 1) == 1);
	expect(m, "done");
	reap(kid);
	ok("tty");
}
