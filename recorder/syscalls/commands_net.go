package syscalls

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// socketOption tells socket options apart by level and number.
func socketOption(args [6]uint64) uint64 {
	return option(uint64(uint32(args[1])), uint64(uint32(args[2])))
}

func option(level, number uint64) uint64 { return level<<32 | number }

// Socket options. Nearly all keep to value and length, whatever they mean, so an unknown one is
// let through; the rows are the exceptions.
var getsockopts = byKey(socketOption, "%#x", cmd(0, "", outLen(3, 4, maxMemory)), []command{
	cmd(option(unix.SOL_SOCKET, unix.SO_GET_FILTER), "SO_GET_FILTER", // the length counts instructions
		outCount(3, 4, uint64(unsafe.Sizeof(unix.SockFilter{})))),
	refused(option(unix.SOL_TCP, unix.TCP_ZEROCOPY_RECEIVE), "TCP_ZEROCOPY_RECEIVE", unix.ENOPROTOOPT), // maps memory
	refused(option(unix.SOL_TCP, 40), "TCP_AO_GET_KEYS", unix.ENOPROTOOPT),                             // an array; the length is an element's
	refused(option(unix.SOL_MPTCP, 4), "MPTCP_FULL_INFO", unix.ENOPROTOOPT),                            // has pointers
})

// Options that make memory which the kernel shares with the program, without a call.
var setsockopts = byKey(socketOption, "%#x", cmd(0, ""), []command{
	refused(option(unix.SOL_PACKET, unix.PACKET_RX_RING), "PACKET_RX_RING", unix.ENOPROTOOPT),
	refused(option(unix.SOL_PACKET, unix.PACKET_TX_RING), "PACKET_TX_RING", unix.ENOPROTOOPT),
	refused(option(unix.SOL_XDP, unix.XDP_RX_RING), "XDP_RX_RING", unix.ENOPROTOOPT),
	refused(option(unix.SOL_XDP, unix.XDP_TX_RING), "XDP_TX_RING", unix.ENOPROTOOPT),
	refused(option(unix.SOL_XDP, unix.XDP_UMEM_REG), "XDP_UMEM_REG", unix.ENOPROTOOPT),
	refused(option(unix.SOL_XDP, unix.XDP_UMEM_FILL_RING), "XDP_UMEM_FILL_RING", unix.ENOPROTOOPT),
	refused(option(unix.SOL_XDP, unix.XDP_UMEM_COMPLETION_RING), "XDP_UMEM_COMPLETION_RING", unix.ENOPROTOOPT),
	refused(option(unix.SOL_RDS, 2), "RDS_GET_MR", unix.ENOPROTOOPT),
	refused(option(unix.SOL_RDS, 7), "RDS_GET_MR_FOR_DEST", unix.ENOPROTOOPT),
})

// Commands of shmctl: linux/ipc.h, linux/shm.h.
var shmctls = byKey(selector(1), "%d", unknown(unix.EINVAL), []command{
	cmd(unix.IPC_RMID, "IPC_RMID"),
	cmd(unix.IPC_SET, "IPC_SET"),
	cmd(unix.IPC_STAT, "IPC_STAT", out(2, shmidDs)),
	cmd(3, "IPC_INFO", out(2, shmLimit)),
	cmd(11, "SHM_LOCK"),
	cmd(12, "SHM_UNLOCK"),
	cmd(13, "SHM_STAT", out(2, shmidDs)),
	cmd(14, "SHM_INFO", out(2, shmInfo)),
	cmd(15, "SHM_STAT_ANY", out(2, shmidDs)),
})

// Commands of semctl: linux/ipc.h, linux/sem.h. How many semaphores GETALL writes is known only to the
// kernel: up to SEMMSL, two bytes each.
var semctls = byKey(selector(2), "%d", unknown(unix.EINVAL), []command{
	cmd(unix.IPC_RMID, "IPC_RMID"),
	cmd(unix.IPC_SET, "IPC_SET"),
	cmd(unix.IPC_STAT, "IPC_STAT", out(3, semidDs)),
	cmd(3, "IPC_INFO", out(3, semInfo)),
	cmd(11, "GETPID"),
	cmd(12, "GETVAL"),
	cmd(13, "GETALL", out(3, fixed(2<<16))),
	cmd(14, "GETNCNT"),
	cmd(15, "GETZCNT"),
	cmd(16, "SETVAL"),
	cmd(17, "SETALL"),
	cmd(18, "SEM_STAT", out(3, semidDs)),
	cmd(19, "SEM_INFO", out(3, semInfo)),
	cmd(20, "SEM_STAT_ANY", out(3, semidDs)),
})

// Commands of msgctl: linux/ipc.h, linux/msg.h.
var msgctls = byKey(selector(1), "%d", unknown(unix.EINVAL), []command{
	cmd(unix.IPC_RMID, "IPC_RMID"),
	cmd(unix.IPC_SET, "IPC_SET"),
	cmd(unix.IPC_STAT, "IPC_STAT", out(2, msqidDs)),
	cmd(3, "IPC_INFO", out(2, msgInfo)),
	cmd(11, "MSG_STAT", out(2, msqidDs)),
	cmd(12, "MSG_INFO", out(2, msgInfo)),
	cmd(13, "MSG_STAT_ANY", out(2, msqidDs)),
})
