// Proves: getsockopt and setsockopt with results of several sizes, short buffers and the length written back.
#include "../debuggee.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

static void get(int s, int level, int opt, socklen_t room) {
	unsigned char b[512];
	socklen_t l = room;
	FILL(b);
	int r = getsockopt(s, level, opt, b, &l);
	mix(r), mix(l);
	MIX(b);
	for (unsigned i = room; i < sizeof b; i++) CHECK(b[i] == 0xA5);
}

int main(void) {
	int s[2], t = socket(AF_INET, SOCK_STREAM, 0), on = 1, v;
	socklen_t l = sizeof v;
	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s) == 0);
	MIX(s);
	int opts[] = {SO_RCVBUF, SO_SNDBUF, SO_TYPE, SO_ERROR, SO_PEERCRED, SO_LINGER, SO_RCVTIMEO, SO_DOMAIN,
	              SO_PEERSEC, SO_PEERGROUPS, SO_COOKIE, SO_ACCEPTCONN, 9999};
	for (unsigned i = 0; i < sizeof opts / sizeof *opts; i++)
		for (int room = 0; room <= 64; room += room ? room : 2)
			get(s[0], SOL_SOCKET, opts[i], room), get(t, SOL_SOCKET, opts[i], room);
	ok("SOL_SOCKET");
	int tcp[] = {TCP_INFO, TCP_NODELAY, TCP_MAXSEG, TCP_CONGESTION, TCP_CC_INFO, TCP_USER_TIMEOUT};
	for (unsigned i = 0; i < sizeof tcp / sizeof *tcp; i++)
		get(t, IPPROTO_TCP, tcp[i], 4), get(t, IPPROTO_TCP, tcp[i], 20), get(t, IPPROTO_TCP, tcp[i], 400);
	get(t, IPPROTO_IP, IP_TTL, 4), get(t, IPPROTO_IP, IP_TOS, 1), get(t, IPPROTO_IP, IP_OPTIONS, 40);
	ok("TCP and IP");

	CHECK(setsockopt(t, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0);
	CHECK(getsockopt(t, IPPROTO_TCP, TCP_NODELAY, &v, &l) == 0 && v == 1 && l == 4);
	struct timeval tv = {0, 20000};
	CHECK(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv) == 0);
	char c[8];
	FILL(c);
	CHECK(recv(s[0], c, sizeof c, 0) == -1 && errno == EAGAIN); // after the time-out
	MIX(c);
	ok("time-out");

	struct sockaddr_storage a;
	FILL(a);
	l = 1; // room for one byte only
	CHECK(getpeername(s[0], (void *)&a, &l) == 0 && l == 2);
	MIX(a), mix(l);
	FILL(a);
	l = sizeof a;
	CHECK(getsockname(s[0], (void *)&a, &l) == 0);
	MIX(a), mix(l);
	ok("names");
}
