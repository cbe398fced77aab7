// Proves: process_vm_readv and process_vm_writev on a child: memory written in this process, and in another one (writev may be
// refused).
#include "../debuggee.h"
#include <sys/mman.h>
#include <sys/uio.h>

int main(void) {
	static volatile char here[64] = "nothing yet";
	int go[2], back[2];
	CHECK(pipe(go) == 0 && pipe(back) == 0);
	pid_t kid = fork();
	if (kid == 0) {
		char c;
		strcpy((char *)here, "the child's words");
		close(go[1]);
		CHECK(write(back[1], "r", 1) == 1 && read(go[0], &c, 1) == 1);
		CHECK(strcmp((char *)here, c == 'w' ? "THE child's words" : "the child's words") == 0);
		mix_mem((char *)here, sizeof here);
		witness();
		_exit(0);
	}
	char c, b[80];
	FILL(b);
	CHECK(read(back[0], &c, 1) == 1);
	struct iovec l[2] = {{b, 4}, {b + 8, 60}}, r = {(void *)here, 30};
	CHECK(process_vm_readv(kid, l, 2, &r, 1, 0) == 30 && strcmp(b + 8, "child's words") == 0);
	MIX(b);
	CHECK(strcmp((char *)here, "nothing yet") == 0);
	struct iovec w = {(void *)"THE", 3}, rw = {(void *)here, 3};
	ssize_t n = process_vm_writev(kid, &w, 1, &rw, 1, 0);
	CHECK(n == 3 || errno == EPERM || errno == ENOSYS);
	CHECK(process_vm_readv(kid, l, 1, &(struct iovec){(void *)16, 4}, 1, 0) == -1 && errno == EFAULT);
	CHECK(write(go[1], n == 3 ? "w" : "n", 1) == 1);
	reap(kid);
	l[0].iov_len = 20;
	rw.iov_len = 20;
	n = process_vm_writev(getpid(), l, 1, &rw, 1, 0); // on itself
	CHECK(n == 20 || errno == EPERM || errno == ENOSYS);
	mix_mem((char *)here, sizeof here);
	ok("process_vm");
}
