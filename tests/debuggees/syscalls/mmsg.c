// Proves: sendmmsg and recvmmsg write lengths, flags, names and control data into each element of the vector.
#include "../debuggee.h"
#include <netinet/in.h>
#include <sys/socket.h>

int main(void) {
	int a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0), on = 1;
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t l = sizeof to;
	CHECK(bind(b, (void *)&to, sizeof to) == 0);
	CHECK(getsockname(b, (void *)&to, &l) == 0);
	MIX(to);
	CHECK(connect(a, (void *)&to, sizeof to) == 0);
	CHECK(setsockopt(b, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof on) == 0);

	struct mmsghdr m[4];
	struct iovec io[4];
	memset(m, 0, sizeof m);
	for (int i = 0; i < 3; i++) {
		io[i] = (struct iovec){(void *)"abcdefghij", 2 + 3 * i};
		m[i].msg_hdr.msg_iov = &io[i], m[i].msg_hdr.msg_iovlen = 1;
	}
	CHECK(sendmmsg(a, m, 3, 0) == 3);
	CHECK(m[0].msg_len == 2 && m[2].msg_len == 8);
	MIX(m);

	static char buf[4][7], ctl[4][64];
	static struct sockaddr_storage name[4];
	FILL(buf), FILL(ctl), FILL(name);
	for (int i = 0; i < 4; i++) {
		io[i] = (struct iovec){buf[i], sizeof buf[i]};
		m[i].msg_len = 77;
		m[i].msg_hdr = (struct msghdr){.msg_name = &name[i], .msg_namelen = sizeof name[i], .msg_iov = &io[i],
		                               .msg_iovlen = 1, .msg_control = ctl[i], .msg_controllen = sizeof ctl[i]};
	}
	CHECK(recvmmsg(b, m, 4, MSG_WAITFORONE, NULL) == 3);
	CHECK(m[0].msg_len == 2 && m[2].msg_len == 7 && (m[2].msg_hdr.msg_flags & MSG_TRUNC) && m[3].msg_len == 77);
	MIX(m), MIX(buf), MIX(ctl), MIX(name);
	struct timespec t = {0, 10000000};
	int n = recvmmsg(b, m, 4, MSG_DONTWAIT, &t);
	CHECK(n == -1 && errno == EAGAIN);
	MIX(t), MIX(m);
	ok("mmsg");
}
