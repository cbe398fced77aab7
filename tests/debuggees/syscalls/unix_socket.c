// Proves: unix sockets with a path, an abstract and an autobound name; blocking accept and recvfrom with the
// sender's name; FIONREAD; datagrams cut with MSG_TRUNC.
#include "../debuggee.h"
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(void) {
	enter_tmp();
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "sock"}, from;
	int s = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK(bind(s, (void *)&a, sizeof a) == 0 && listen(s, 1) == 0);
	pid_t kid = fork();
	if (kid == 0) {
		int c = socket(AF_UNIX, SOCK_STREAM, 0);
		nap(10);
		CHECK(connect(c, (void *)&a, sizeof a) == 0);
		CHECK(write(c, "from the child", 14) == 14);
		_exit(0);
	}
	socklen_t l = sizeof from;
	FILL(from);
	int c = accept(s, (void *)&from, &l);
	CHECK(c >= 0 && l == 2);
	MIX(from), mix(l);
	char b[64];
	FILL(b);
	CHECK(read(c, b, sizeof b) == 14);
	MIX(b);
	reap(kid);
	ok("stream");

	int d = socket(AF_UNIX, SOCK_DGRAM, 0), e = socket(AF_UNIX, SOCK_DGRAM, 0);
	struct sockaddr_un n = {.sun_family = AF_UNIX};
	snprintf(n.sun_path + 1, 40, "stepback-%d", getpid()); // abstract
	l = sizeof(sa_family_t) + 1 + strlen(n.sun_path + 1);
	CHECK(bind(d, (void *)&n, l) == 0);
	CHECK(bind(e, (void *)&n, sizeof(sa_family_t)) == 0); // autobind: the kernel picks a name
	CHECK(sendto(e, "0123456789", 10, 0, (void *)&n, l) == 10);
	int avail = 0;
	CHECK(ioctl(d, FIONREAD, &avail) == 0 && avail == 10);
	l = sizeof from;
	FILL(from), FILL(b);
	CHECK(recvfrom(d, b, 4, MSG_TRUNC, (void *)&from, &l) == 10); // the result is more than was written
	CHECK(memcmp(b, "0123\xA5", 5) == 0);
	MIX(from), mix(l), MIX(b);
	FILL(from);
	l = sizeof from;
	CHECK(getsockname(e, (void *)&from, &l) == 0);
	MIX(from), mix(l);
	ok("datagram");
	leave_tmp();
}
