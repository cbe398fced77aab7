// Proves: recvmsg's control data: descriptors, credentials, and a control buffer that is too small.
#include "../debuggee.h"
#include <sys/socket.h>

union ctl {
	char buf[256];
	struct cmsghdr align;
};

int main(void) {
	int s[2], p[2], on = 1;
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	CHECK(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0);
	CHECK(pipe(p) == 0);
	for (int round = 0; round < 2; round++) {
		union ctl c;
		char data[32] = "payload";
		memset(&c, 0, sizeof c);
		struct iovec io = {data, 7};
		struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = c.buf};
		struct cmsghdr *h = &c.align;
		h->cmsg_level = SOL_SOCKET, h->cmsg_type = SCM_RIGHTS, h->cmsg_len = CMSG_LEN(sizeof p);
		memcpy(CMSG_DATA(h), p, sizeof p);
		size_t n = CMSG_SPACE(sizeof p);
		h = (struct cmsghdr *)(c.buf + n);
		struct ucred u = {getpid(), getuid(), getgid()};
		h->cmsg_level = SOL_SOCKET, h->cmsg_type = SCM_CREDENTIALS, h->cmsg_len = CMSG_LEN(sizeof u);
		memcpy(CMSG_DATA(h), &u, sizeof u);
		m.msg_controllen = n + CMSG_SPACE(sizeof u);
		CHECK(sendmsg(s[0], &m, 0) == 7);

		FILL(c), FILL(data);
		struct iovec i2[2] = {{data, 3}, {data + 8, 20}};
		struct msghdr r = {.msg_iov = i2, .msg_iovlen = 2, .msg_control = c.buf};
		r.msg_controllen = round == 0 ? sizeof c : CMSG_LEN(sizeof u); // round 1: the descriptors are cut
		CHECK(recvmsg(s[1], &r, MSG_CMSG_CLOEXEC) == 7);
		MIX(data), MIX(c);
		mix(r.msg_controllen), mix(r.msg_flags), mix(r.msg_namelen);
		if (round == 1) {
			CHECK(r.msg_flags & MSG_CTRUNC);
			ok("cut control data");
			break;
		}
		int fds = 0, creds = 0;
		for (h = CMSG_FIRSTHDR(&r); h; h = CMSG_NXTHDR(&r, h)) {
			if (h->cmsg_type == SCM_CREDENTIALS) {
				memcpy(&u, CMSG_DATA(h), sizeof u);
				creds += u.pid == getpid();
			}
			if (h->cmsg_type == SCM_RIGHTS) {
				int q[2];
				memcpy(q, CMSG_DATA(h), sizeof q);
				CHECK(write(q[1], "through", 7) == 7);
				CHECK(read(p[0], data, sizeof data) == 7);
				MIX(data), MIX(q);
				CHECK(fcntl(q[0], F_GETFD) == FD_CLOEXEC);
				close(q[0]), close(q[1]);
				fds++;
			}
		}
		CHECK(fds == 1 && creds == 1);
		ok("descriptors and credentials");
	}
}
