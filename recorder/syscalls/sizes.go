package syscalls

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Sizes of the structures that calls write. Where x/sys/unix has no type with the kernel's layout, the header is
// named.
const (
	intSize  = 4
	longSize = 8

	epollEventSize = uint64(unsafe.Sizeof(unix.EpollEvent{}))
	pollfdSize     = uint64(unsafe.Sizeof(unix.PollFd{}))
)

var (
	anInt  = fixed(intSize)
	aLong  = fixed(longSize)
	twoInt = fixed(2 * intSize)

	// files
	statBuf    = fixed(uint64(unsafe.Sizeof(unix.Stat_t{})))
	statxBuf   = fixed(uint64(unsafe.Sizeof(unix.Statx_t{})))
	statfsBuf  = fixed(uint64(unsafe.Sizeof(unix.Statfs_t{})))
	ustatBuf   = fixed(uint64(unsafe.Sizeof(unix.Ustat_t{})))
	flockBuf   = fixed(uint64(unsafe.Sizeof(unix.Flock_t{})))
	cachestats = fixed(uint64(unsafe.Sizeof(unix.Cachestat_t{})))

	// time
	timeval    = fixed(uint64(unsafe.Sizeof(unix.Timeval{})))
	timespec   = fixed(uint64(unsafe.Sizeof(unix.Timespec{})))
	timezone   = fixed(8) // linux/time.h
	itimerval  = fixed(uint64(unsafe.Sizeof(unix.Itimerval{})))
	itimerspec = fixed(uint64(unsafe.Sizeof(unix.ItimerSpec{})))
	timex      = fixed(uint64(unsafe.Sizeof(unix.Timex{})))
	tms        = fixed(uint64(unsafe.Sizeof(unix.Tms{})))

	// processes and signals
	rusage     = fixed(uint64(unsafe.Sizeof(unix.Rusage{})))
	rlimit     = fixed(uint64(unsafe.Sizeof(unix.Rlimit{})))
	siginfo    = fixed(uint64(unsafe.Sizeof(unix.Siginfo{})))
	sigactions = fixed(32) // struct sigaction, asm/signal.h
	sigaltBuf  = fixed(24) // stack_t, asm/signal.h
	sysinfoBuf = fixed(uint64(unsafe.Sizeof(unix.Sysinfo_t{})))
	utsname    = fixed(uint64(unsafe.Sizeof(unix.Utsname{})))
	capHeader  = fixed(uint64(unsafe.Sizeof(unix.CapUserHeader{})))

	// System V and POSIX messages
	mqAttr   = fixed(64)  // linux/mqueue.h
	shmidDs  = fixed(112) // struct shmid64_ds, asm-generic/shmbuf.h
	shmInfo  = fixed(48)  // struct shm_info, linux/shm.h
	shmLimit = fixed(72)  // struct shminfo64, asm-generic/shmbuf.h
	semidDs  = fixed(104) // struct semid64_ds, asm/sembuf.h
	semInfo  = fixed(40)  // struct seminfo, linux/sem.h
	msqidDs  = fixed(120) // struct msqid64_ds, asm-generic/msgbuf.h
	msgInfo  = fixed(32)  // struct msginfo, linux/msg.h
)
