package syscalls

import "golang.org/x/sys/unix"

// netCalls are sockets, and the messages, semaphores and shared memory of System V and POSIX.
var netCalls = []row{
	{41, "socket", noEffect, "domain type protocol", nil},
	{53, "socketpair", writes, "domain type protocol fds*", does{out(3, twoInt)}},
	{42, "connect", waits, "fd addr len", nil},
	{43, "accept", writesWaits, "fd addr len*", does{outLen(1, 2, maxName)}},
	{288, "accept4", writesWaits, "fd addr len* flags", does{outLen(1, 2, maxName)}},
	{49, "bind", noEffect, "fd addr len", nil},
	{50, "listen", noEffect, "fd backlog", nil},
	{48, "shutdown", noEffect, "fd how", nil},
	{51, "getsockname", writes, "fd addr len*", does{outLen(1, 2, maxName)}},
	{52, "getpeername", writes, "fd addr len*", does{outLen(1, 2, maxName)}},
	{54, "setsockopt", byCommand(NoEffect, setsockopts), "fd level option value* len", nil},
	{55, "getsockopt", byCommand(Modelled, getsockopts), "fd level option value* len*", nil},
	{44, "sendto", waits.unless(flag(3, unix.MSG_DONTWAIT)), "fd buf* count flags addr len", nil},
	{46, "sendmsg", waits.unless(flag(2, unix.MSG_DONTWAIT)), "fd msg* flags", nil},
	{307, "sendmmsg", writesWaits.unless(flag(3, unix.MSG_DONTWAIT)), "fd msgs* count flags", does{sentLengths(1, 2)}},
	{45, "recvfrom", writesWaits.unless(flag(3, unix.MSG_DONTWAIT)), "fd buf* count flags addr len*",
		does{filled(1, bytes(2), 1), outLen(4, 5, maxName)}},
	{47, "recvmsg", writesWaits.unless(flag(2, unix.MSG_DONTWAIT)), "fd msg* flags", does{msghdr(1)}},
	{299, "recvmmsg", writesWaits.unless(flag(3, unix.MSG_DONTWAIT)), "fd msgs* count flags timeout*",
		does{mmsghdr(1, 2), inout(4, timespec)}},

	{29, "shmget", noEffect, "key size flags", nil},
	{30, "shmat", addressSpace, "id addr flags", nil},
	{67, "shmdt", addressSpace, "addr", nil},
	{31, "shmctl", byCommand(Modelled, shmctls), "id cmd buf*", nil},
	{64, "semget", noEffect, "key count flags", nil},
	{65, "semop", waits, "id ops* count", nil},
	{220, "semtimedop", waits, "id ops* count timeout*", nil},
	{66, "semctl", byCommand(Modelled, semctls), "id number cmd arg*", nil},
	{68, "msgget", noEffect, "key flags", nil},
	{69, "msgsnd", waits.unless(flag(3, unix.IPC_NOWAIT)), "id msg* size flags", nil},
	{70, "msgrcv", writesWaits.unless(flag(4, unix.IPC_NOWAIT)), "id msg* size type flags", does{msgbuf(1, 2)}},
	{71, "msgctl", byCommand(Modelled, msgctls), "id cmd buf*", nil},

	{240, "mq_open", noEffect, "name* flags mode attr*", nil},
	{241, "mq_unlink", noEffect, "name*", nil},
	{242, "mq_timedsend", waits, "fd msg* size priority timeout*", nil},
	{243, "mq_timedreceive", writesWaits, "fd msg* size priority* timeout*",
		does{filled(1, bytes(2), 1), out(3, anInt)}},
	{244, "mq_notify", noEffect, "fd event*", nil},
	{245, "mq_getsetattr", writes, "fd new* old*", does{out(2, mqAttr)}},
}
