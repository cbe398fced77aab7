// Proves: ioctls: FIONREAD, FIONBIO, FIOCLEX, and on a pty pair TIOCGWINSZ, TIOCSWINSZ, TIOCGPTN, TCGETS, TIOCGPGRP's failure.
#include "../debuggee.h"
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <linux/fs.h>

int main(void) {
	int p[2], n = 77, on = 1;
	CHECK(pipe(p) == 0 && write(p[1], "12345", 5) == 5);
	CHECK(ioctl(p[0], FIONREAD, &n) == 0 && n == 5);
	CHECK(ioctl(p[0], FIONBIO, &on) == 0 && ioctl(p[0], FIOCLEX) == 0);
	CHECK(ioctl(p[0], TCGETS, &n) == -1 && errno == ENOTTY);
	int m = posix_openpt(O_RDWR | O_NOCTTY);
	CHECK(m >= 0 && grantpt(m) == 0 && unlockpt(m) == 0);
	int s = open(ptsname(m), O_RDWR | O_NOCTTY);
	CHECK(s >= 0);
	mix_mem(ptsname(m), strlen(ptsname(m)));
	struct winsize w = {40, 132, 1, 2};
	CHECK(ioctl(m, TIOCSWINSZ, &w) == 0);
	FILL(w);
	CHECK(ioctl(s, TIOCGWINSZ, &w) == 0 && w.ws_row == 40 && w.ws_col == 132);
	MIX(w);
	struct termios t;
	FILL(t);
	CHECK(tcgetattr(s, &t) == 0 && (t.c_lflag & ICANON));
	MIX(t);
	cfmakeraw(&t);
	CHECK(tcsetattr(s, TCSANOW, &t) == 0);
	CHECK(write(m, "raw", 3) == 3);
	char b[16];
	FILL(b);
	CHECK(read(s, b, sizeof b) == 3);
	MIX(b);
	pid_t g = 5;
	mix(ioctl(s, TIOCGPGRP, &g)), mix(g);
	CHECK(ioctl(m, TIOCGPTN, &n) == 0);
	mix(n);
	ok("tty ioctls");
	int k = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq r;
	FILL(r);
	strcpy(r.ifr_name, "lo");
	CHECK(ioctl(k, SIOCGIFFLAGS, &r) == 0 && (r.ifr_flags & IFF_LOOPBACK));
	MIX(r);
	FILL(r);
	strcpy(r.ifr_name, "lo");
	mix(ioctl(k, SIOCGIFADDR, &r));
	MIX(r);
	char ifs[400];
	FILL(ifs);
	struct ifconf ic = {.ifc_len = sizeof ifs, .ifc_buf = ifs};
	CHECK(ioctl(k, SIOCGIFCONF, &ic) == 0);
	mix(ic.ifc_len), MIX(ifs);
	ok("socket ioctls");
	int d = open("/tmp", O_RDONLY);
	long flags = 99;
	mix(ioctl(d, FS_IOC_GETFLAGS, &flags)), mix(flags);
	ok("file ioctls");
}
