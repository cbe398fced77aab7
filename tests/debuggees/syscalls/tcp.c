// Proves: TCP over loopback between two processes: listen, accept (blocking), connect (also non-blocking),
// send, recv with peek and wait-all, shutdown, addresses written back.
#include "../debuggee.h"
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

int main(void) {
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t l = sizeof a;
	CHECK(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0);
	CHECK(bind(s, (void *)&a, sizeof a) == 0 && listen(s, 5) == 0);
	CHECK(getsockname(s, (void *)&a, &l) == 0);
	mix(a.sin_port);
	pid_t kid = fork();
	CHECK(kid >= 0);
	if (kid == 0) {
		static char big[100000];
		close(s);
		for (int i = 0; i < 3; i++) {
			int c = socket(AF_INET, SOCK_STREAM | (i == 1 ? SOCK_NONBLOCK : 0), 0);
			if (connect(c, (void *)&a, sizeof a) < 0) {
				CHECK(i == 1 && errno == EINPROGRESS);
				struct pollfd f = {c, POLLOUT, 0};
				CHECK(poll(&f, 1, 2000) == 1);
				MIX(f);
			}
			CHECK(fcntl(c, F_SETFL, 0) == 0);
			nap(5); // the server blocks in accept or recv meanwhile
			memset(big, 'a' + i, sizeof big);
			for (size_t n = 0; n < sizeof big;) {
				ssize_t w = send(c, big + n, sizeof big - n, MSG_NOSIGNAL);
				CHECK(w > 0);
				n += w;
			}
			CHECK(shutdown(c, SHUT_WR) == 0);
			char r[16];
			FILL(r);
			CHECK(recv(c, r, sizeof r, 0) == 4 && memcmp(r, "done", 4) == 0);
			MIX(r);
			CHECK(recv(c, r, sizeof r, 0) == 0);
			close(c);
		}
		witness();
		_exit(0);
	}
	for (int i = 0; i < 3; i++) {
		struct sockaddr_storage from;
		l = i == 2 ? 3 : sizeof from;
		FILL(from);
		int c = i == 0 ? accept(s, (void *)&from, &l) : accept4(s, (void *)&from, &l, SOCK_CLOEXEC);
		CHECK(c >= 0 && l == sizeof a);
		MIX(from), mix(l);
		char h[32], b[4096];
		FILL(h);
		CHECK(recv(c, h, 8, MSG_PEEK | MSG_WAITALL) == 8);
		MIX(h);
		size_t total = 0;
		ssize_t n;
		while (FILL(b), (n = recv(c, b, sizeof b, i == 1 ? MSG_WAITALL : 0)) > 0) {
			CHECK(b[0] == 'a' + i);
			MIX(b);
			total += n;
		}
		CHECK(n == 0 && total == 100000);
		CHECK(send(c, "done", 4, 0) == 4);
		close(c);
		ok("connection");
	}
	reap(kid);
}
