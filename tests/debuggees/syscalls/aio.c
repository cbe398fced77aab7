// Proves: the old asynchronous I/O (io_setup maps a ring that the kernel writes to; io_getevents writes events).
#include "../debuggee.h"
#include <linux/aio_abi.h>

int main(void) {
	enter_tmp();
	int f = open("f", O_CREAT | O_RDWR, 0600);
	CHECK(write(f, "asynchronous", 12) == 12);
	aio_context_t c = 0;
	if (syscall(SYS_io_setup, 4, &c) < 0) { // not offered: programs fall back
		CHECK(errno == ENOSYS);
	} else {
		mix(c);
		char b[32];
		FILL(b);
		struct iocb i = {.aio_data = 42, .aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = f, .aio_buf = (uintptr_t)b, .aio_nbytes = 32};
		struct iocb *l[1] = {&i};
		struct io_event e[4];
		FILL(e);
		CHECK(syscall(SYS_io_submit, c, 1, l) == 1);
		CHECK(syscall(SYS_io_getevents, c, 1, 4, e, NULL) == 1 && e[0].data == 42 && e[0].res == 12);
		MIX(e), MIX(b);
		CHECK(memcmp(b, "asynchronous\xA5", 13) == 0);
		CHECK(syscall(SYS_io_destroy, c) == 0);
	}
	ok("aio");
	leave_tmp();
}
