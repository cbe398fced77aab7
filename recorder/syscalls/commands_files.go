package syscalls

import "golang.org/x/sys/unix"

// Commands of fcntl, linux/fcntl.h and asm-generic/fcntl.h.
var fcntls = byKey(selector(1), "%d", unknown(unix.EINVAL), []command{
	cmd(unix.F_DUPFD, "F_DUPFD"),
	cmd(unix.F_DUPFD_CLOEXEC, "F_DUPFD_CLOEXEC"),
	cmd(unix.F_DUPFD_QUERY, "F_DUPFD_QUERY"),
	cmd(unix.F_CREATED_QUERY, "F_CREATED_QUERY"),
	cmd(unix.F_GETFD, "F_GETFD"),
	cmd(unix.F_SETFD, "F_SETFD"),
	cmd(unix.F_GETFL, "F_GETFL"),
	cmd(unix.F_SETFL, "F_SETFL"),
	cmd(unix.F_GETLK, "F_GETLK", inout(2, flockBuf)),
	cmd(unix.F_SETLK, "F_SETLK"),
	waiting(unix.F_SETLKW, "F_SETLKW"),
	cmd(unix.F_OFD_GETLK, "F_OFD_GETLK", inout(2, flockBuf)),
	cmd(unix.F_OFD_SETLK, "F_OFD_SETLK"),
	waiting(unix.F_OFD_SETLKW, "F_OFD_SETLKW"),
	cmd(1029, "F_CANCELLK"),
	cmd(unix.F_SETOWN, "F_SETOWN"),
	cmd(unix.F_GETOWN, "F_GETOWN"),
	cmd(unix.F_SETSIG, "F_SETSIG"),
	cmd(unix.F_GETSIG, "F_GETSIG"),
	cmd(unix.F_SETOWN_EX, "F_SETOWN_EX"),
	cmd(unix.F_GETOWN_EX, "F_GETOWN_EX", out(2, twoInt)), // struct f_owner_ex
	cmd(17, "F_GETOWNER_UIDS", out(2, twoInt)),
	cmd(unix.F_SETLEASE, "F_SETLEASE"),
	cmd(unix.F_GETLEASE, "F_GETLEASE"),
	cmd(unix.F_SETDELEG, "F_SETDELEG"),
	cmd(unix.F_GETDELEG, "F_GETDELEG", inout(2, aLong)), // struct delegation
	cmd(unix.F_NOTIFY, "F_NOTIFY"),
	cmd(unix.F_SETPIPE_SZ, "F_SETPIPE_SZ"),
	cmd(unix.F_GETPIPE_SZ, "F_GETPIPE_SZ"),
	cmd(unix.F_ADD_SEALS, "F_ADD_SEALS"),
	cmd(unix.F_GET_SEALS, "F_GET_SEALS"),
	cmd(unix.F_GET_RW_HINT, "F_GET_RW_HINT", out(2, aLong)),
	cmd(unix.F_SET_RW_HINT, "F_SET_RW_HINT"),
	cmd(unix.F_GET_FILE_RW_HINT, "F_GET_FILE_RW_HINT", out(2, aLong)),
	cmd(unix.F_SET_FILE_RW_HINT, "F_SET_FILE_RW_HINT"),
})

// Options of sysfs, fs/filesystems.c. Names of file systems are short.
var sysfsOptions = byKey(selector(0), "%d", unknown(unix.EINVAL), []command{
	cmd(1, "by name"),
	cmd(2, "by index", out(2, fixed(256))),
	cmd(3, "count"),
})

// Commands of quotactl and quotactl_fd, without the type in their lowest byte: linux/quota.h and
// linux/dqblk_xfs.h.
func quotas(arg int) *commands {
	const quota, xfs = 0x800000, 'X' << 8
	return byKey(
		func(args [6]uint64) uint64 { return uint64(uint32(args[arg]) >> 8) },
		"%#x", unknown(unix.EINVAL), []command{
			cmd(quota+1, "Q_SYNC"),
			cmd(quota+2, "Q_QUOTAON"),
			cmd(quota+3, "Q_QUOTAOFF"),
			cmd(quota+4, "Q_GETFMT", out(3, anInt)),
			cmd(quota+5, "Q_GETINFO", out(3, fixed(24))), // struct if_dqinfo
			cmd(quota+6, "Q_SETINFO"),
			cmd(quota+7, "Q_GETQUOTA", out(3, fixed(72))), // struct if_dqblk
			cmd(quota+8, "Q_SETQUOTA"),
			cmd(quota+9, "Q_GETNEXTQUOTA", out(3, fixed(72))), // struct if_nextdqblk
			cmd(xfs+1, "Q_XQUOTAON"),
			cmd(xfs+2, "Q_XQUOTAOFF"),
			cmd(xfs+3, "Q_XGETQUOTA", out(3, fixed(112))), // struct fs_disk_quota
			cmd(xfs+4, "Q_XSETQLIM"),
			cmd(xfs+5, "Q_XGETQSTAT", out(3, fixed(80))), // struct fs_quota_stat
			cmd(xfs+6, "Q_XQUOTARM"),
			cmd(xfs+7, "Q_XQUOTASYNC"),
			cmd(xfs+8, "Q_XGETQSTATV", inout(3, fixed(160))),  // struct fs_quota_statv
			cmd(xfs+9, "Q_XGETNEXTQUOTA", out(3, fixed(112))), // struct fs_disk_quota
		})
}

// Actions of syslog, linux/syslog.h in the kernel.
var syslogs = byKey(selector(0), "%d", unknown(unix.EINVAL), []command{
	cmd(0, "close"),
	cmd(1, "open"),
	waiting(2, "read", filled(1, intBytes(2), 1)),
	cmd(3, "read all", filled(1, intBytes(2), 1)),
	cmd(4, "read and clear", filled(1, intBytes(2), 1)),
	cmd(5, "clear"),
	cmd(6, "console off"),
	cmd(7, "console on"),
	cmd(8, "console level"),
	cmd(9, "size unread"),
	cmd(10, "size of buffer"),
})
