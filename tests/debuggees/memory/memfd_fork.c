// Proves: a memfd mapped by parent and child, at different addresses, passed as a descriptor over a socket.
#include "../debuggee.h"
#include <sys/mman.h>
#include <sys/socket.h>

int main(void) {
	int s[2];
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	union {
		char b[CMSG_SPACE(sizeof(int))];
		struct cmsghdr h;
	} c;
	char x = 'x';
	struct iovec io = {&x, 1};
	struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = sizeof c};
	pid_t kid = fork();
	if (kid == 0) {
		int f = memfd_create("m", 0);
		CHECK(ftruncate(f, 8192) == 0);
		memset(&c, 0, sizeof c);
		c.h.cmsg_level = SOL_SOCKET, c.h.cmsg_type = SCM_RIGHTS, c.h.cmsg_len = CMSG_LEN(sizeof f);
		memcpy(CMSG_DATA(&c.h), &f, sizeof f);
		char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
		strcpy(p, "made in the child");
		CHECK(sendmsg(s[1], &m, 0) == 1);
		CHECK(read(s[1], &x, 1) == 1 && p[8000] == 'P');
		mix_mem(p, 8192), witness();
		_exit(0);
	}
	CHECK(recvmsg(s[0], &m, 0) == 1);
	int f;
	memcpy(&f, CMSG_DATA(&c.h), sizeof f);
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
	CHECK(p != MAP_FAILED && strcmp(p, "made in the child") == 0);
	p[8000] = 'P';
	mix_mem(p, 8192), mix((uintptr_t)p);
	CHECK(write(s[0], "g", 1) == 1);
	reap(kid);
	ok("memfd_fork");
}
