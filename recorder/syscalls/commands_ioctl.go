package syscalls

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// ioctls are the requests of ioctl that are known. All others are refused: a driver may write anywhere.
// Refused by name are those whose effect no recording could hold, or that reach outside.
var ioctls = byKey(ioctlRequest, "%#x", unknown(unix.ENOTTY),
	terminalIoctls, fileIoctls, blockIoctls, socketIoctls, deviceIoctls, processIoctls)

// ioctlRequest is the request, an unsigned int. PIDFD_GET_INFO comes in a size for every version.
func ioctlRequest(args [6]uint64) uint64 {
	const sizeBits = (1<<14 - 1) << 16 // _IOC_SIZEMASK << _IOC_SIZESHIFT, asm-generic/ioctl.h
	r := uint32(args[1])
	if r&^sizeBits == unix.PIDFD_GET_INFO&^uint32(sizeBits) {
		return unix.PIDFD_GET_INFO
	}
	return uint64(r)
}

// Structures of terminals: the kernel's termios is shorter than that of libc, and of x/sys/unix.
var (
	termio     = fixed(18) // asm-generic/termios.h
	termios    = fixed(36) // asm-generic/termbits.h
	termios2   = fixed(44) // asm-generic/termbits.h
	winsize    = fixed(uint64(unsafe.Sizeof(unix.Winsize{})))
	serial     = fixed(72) // struct serial_struct, linux/serial.h
	serialCnt  = fixed(80) // struct serial_icounter_struct, linux/serial.h
	serial485  = fixed(32) // struct serial_rs485, linux/serial.h
	serial7816 = fixed(40) // struct serial_iso7816, linux/serial.h
)

var terminalIoctls = []command{
	cmd(unix.TCGETS, "TCGETS", out(2, termios)),
	cmd(unix.TCSETS, "TCSETS"),
	waiting(unix.TCSETSW, "TCSETSW"),
	waiting(unix.TCSETSF, "TCSETSF"),
	cmd(unix.TCGETS2, "TCGETS2", out(2, termios2)),
	cmd(unix.TCSETS2, "TCSETS2"),
	waiting(unix.TCSETSW2, "TCSETSW2"),
	waiting(unix.TCSETSF2, "TCSETSF2"),
	cmd(unix.TCGETA, "TCGETA", out(2, termio)),
	cmd(unix.TCSETA, "TCSETA"),
	waiting(unix.TCSETAW, "TCSETAW"),
	waiting(unix.TCSETAF, "TCSETAF"),
	waiting(unix.TCSBRK, "TCSBRK"),
	waiting(unix.TCSBRKP, "TCSBRKP"),
	cmd(unix.TCXONC, "TCXONC"),
	cmd(unix.TCFLSH, "TCFLSH"),
	cmd(unix.TIOCEXCL, "TIOCEXCL"),
	cmd(unix.TIOCNXCL, "TIOCNXCL"),
	cmd(unix.TIOCGEXCL, "TIOCGEXCL", out(2, anInt)),
	cmd(unix.TIOCSCTTY, "TIOCSCTTY"),
	cmd(unix.TIOCNOTTY, "TIOCNOTTY"),
	cmd(unix.TIOCGPGRP, "TIOCGPGRP", out(2, anInt)),
	cmd(unix.TIOCSPGRP, "TIOCSPGRP"),
	cmd(unix.TIOCGSID, "TIOCGSID", out(2, anInt)),
	cmd(unix.TIOCOUTQ, "TIOCOUTQ", out(2, anInt)),
	cmd(unix.TIOCINQ, "FIONREAD", out(2, anInt)),
	refused(unix.TIOCSTI, "TIOCSTI", unix.EPERM), // types into the user's terminal
	refused(unix.TIOCLINUX, "TIOCLINUX", unix.ENOTTY),
	cmd(unix.TIOCGWINSZ, "TIOCGWINSZ", out(2, winsize)),
	cmd(unix.TIOCSWINSZ, "TIOCSWINSZ"),
	cmd(unix.TIOCMGET, "TIOCMGET", out(2, anInt)),
	cmd(unix.TIOCMBIS, "TIOCMBIS"),
	cmd(unix.TIOCMBIC, "TIOCMBIC"),
	cmd(unix.TIOCMSET, "TIOCMSET"),
	waiting(unix.TIOCMIWAIT, "TIOCMIWAIT"),
	cmd(unix.TIOCGICOUNT, "TIOCGICOUNT", out(2, serialCnt)),
	cmd(unix.TIOCGSOFTCAR, "TIOCGSOFTCAR", out(2, anInt)),
	cmd(unix.TIOCSSOFTCAR, "TIOCSSOFTCAR"),
	cmd(unix.TIOCGSERIAL, "TIOCGSERIAL", out(2, serial)),
	cmd(unix.TIOCSSERIAL, "TIOCSSERIAL"),
	cmd(unix.TIOCGRS485, "TIOCGRS485", out(2, serial485)),
	cmd(unix.TIOCSRS485, "TIOCSRS485", inout(2, serial485)),
	cmd(unix.TIOCGISO7816, "TIOCGISO7816", out(2, serial7816)),
	cmd(unix.TIOCSISO7816, "TIOCSISO7816", inout(2, serial7816)),
	cmd(unix.TIOCCONS, "TIOCCONS"),
	cmd(unix.TIOCPKT, "TIOCPKT"),
	cmd(unix.TIOCGPKT, "TIOCGPKT", out(2, anInt)),
	cmd(unix.TIOCSETD, "TIOCSETD"),
	cmd(unix.TIOCGETD, "TIOCGETD", out(2, anInt)),
	waiting(unix.TIOCSBRK, "TIOCSBRK"),
	cmd(unix.TIOCCBRK, "TIOCCBRK"),
	cmd(unix.TIOCGPTN, "TIOCGPTN", out(2, anInt)),
	cmd(unix.TIOCSPTLCK, "TIOCSPTLCK"),
	cmd(unix.TIOCGPTLCK, "TIOCGPTLCK", out(2, anInt)),
	cmd(unix.TIOCGPTPEER, "TIOCGPTPEER"),
	cmd(unix.TIOCGDEV, "TIOCGDEV", out(2, anInt)),
	cmd(unix.TIOCSIG, "TIOCSIG"),
	cmd(unix.TIOCVHANGUP, "TIOCVHANGUP"),
	cmd(unix.TIOCGLCKTRMIOS, "TIOCGLCKTRMIOS", out(2, termios)),
	cmd(unix.TIOCSLCKTRMIOS, "TIOCSLCKTRMIOS"),

	// The console: linux/kd.h, linux/vt.h
	cmd(0x4b2f, "KIOCSOUND"),
	cmd(0x4b30, "KDMKTONE"),
	cmd(0x4b31, "KDGETLED", out(2, anInt)),
	cmd(0x4b32, "KDSETLED"),
	cmd(0x4b33, "KDGKBTYPE", out(2, anInt)),
	cmd(0x4b3a, "KDSETMODE"),
	cmd(0x4b3b, "KDGETMODE", out(2, aLong)),
	cmd(0x4b44, "KDGKBMODE", out(2, aLong)),
	cmd(0x4b45, "KDSKBMODE"),
	cmd(0x4b62, "KDGKBMETA", out(2, aLong)),
	cmd(0x4b63, "KDSKBMETA"),
	cmd(0x4b64, "KDGKBLED", out(2, anInt)),
	cmd(0x4b65, "KDSKBLED"),
	cmd(0x5600, "VT_OPENQRY", out(2, anInt)),
	cmd(0x5601, "VT_GETMODE", out(2, fixed(8))), // struct vt_mode
	cmd(0x5602, "VT_SETMODE"),
	cmd(0x5603, "VT_GETSTATE", out(2, fixed(6))), // struct vt_stat
	cmd(0x5605, "VT_RELDISP"),
	cmd(0x5606, "VT_ACTIVATE"),
	waiting(0x5607, "VT_WAITACTIVE"),
}

// Requests for any file, and for file systems: asm-generic/ioctls.h, linux/fs.h, linux/fiemap.h. Flags and versions
// are an int or a long, depending on the file system.
var fileIoctls = []command{
	cmd(0x5421, "FIONBIO"),
	cmd(0x5450, "FIONCLEX"),
	cmd(0x5451, "FIOCLEX"),
	cmd(0x5452, "FIOASYNC"),
	cmd(0x5460, "FIOQSIZE", out(2, aLong)),
	cmd(1, "FIBMAP", inout(2, anInt)),
	cmd(2, "FIGETBSZ", out(2, anInt)),
	cmd(unix.FS_IOC_GETFLAGS, "FS_IOC_GETFLAGS", out(2, aLong)),
	cmd(unix.FS_IOC_SETFLAGS, "FS_IOC_SETFLAGS"),
	cmd(0x80087601, "FS_IOC_GETVERSION", out(2, aLong)),
	cmd(0x40087602, "FS_IOC_SETVERSION"),
	cmd(0x801c581f, "FS_IOC_FSGETXATTR", out(2, fixed(28))), // struct fsxattr
	cmd(0x401c5820, "FS_IOC_FSSETXATTR"),
	cmd(0xc020660b, "FS_IOC_FIEMAP", counted(2, 32, 24, 4, 20, 56)), // struct fiemap, fiemap_extent
	cmd(unix.FICLONE, "FICLONE"),
	cmd(unix.FICLONERANGE, "FICLONERANGE"),
	cmd(unix.FIDEDUPERANGE, "FIDEDUPERANGE", counted(2, 24, 16, 2, 0, 32)), // struct file_dedupe_range
	cmd(0x81009431, "FS_IOC_GETFSLABEL", out(2, fixed(256))),
	cmd(0x41009432, "FS_IOC_SETFSLABEL"),
	cmd(0x80111500, "FS_IOC_GETFSUUID", out(2, fixed(17))),       // struct fsuuid2
	cmd(0x80811501, "FS_IOC_GETFSSYSFSPATH", out(2, fixed(129))), // struct fs_sysfs_path
	cmd(0x80047210, "FAT_IOCTL_GET_ATTRIBUTES", out(2, anInt)),   // linux/msdos_fs.h
	cmd(0x40047211, "FAT_IOCTL_SET_ATTRIBUTES"),                  // linux/msdos_fs.h
	cmd(0xc0045877, "FIFREEZE"),
	cmd(0xc0045878, "FITHAW"),
	cmd(0xc0185879, "FITRIM", inout(2, fixed(24))), // struct fstrim_range
	cmd(unix.FS_IOC_GET_ENCRYPTION_PWSALT, "FS_IOC_GET_ENCRYPTION_PWSALT", out(2, fixed(16))),
	cmd(unix.FS_IOC_GET_ENCRYPTION_POLICY, "FS_IOC_GET_ENCRYPTION_POLICY", out(2, fixed(12))),
	cmd(unix.FS_IOC_GET_ENCRYPTION_NONCE, "FS_IOC_GET_ENCRYPTION_NONCE", out(2, fixed(16))),
	cmd(0x40085400, "TFD_IOC_SET_TICKS"), // linux/timerfd.h
	cmd(unix.EPIOCSPARAMS, "EPIOCSPARAMS"),
	cmd(unix.EPIOCGPARAMS, "EPIOCGPARAMS", out(2, aLong)), // struct epoll_params
	cmd(0x40044900, "INOTIFY_IOC_SETNEXTWD"),              // linux/inotify.h
}

// Block devices: linux/fs.h, linux/hdreg.h.
var blockIoctls = []command{
	cmd(unix.BLKROSET, "BLKROSET"),
	cmd(unix.BLKROGET, "BLKROGET", out(2, anInt)),
	cmd(unix.BLKRRPART, "BLKRRPART"),
	cmd(unix.BLKGETSIZE, "BLKGETSIZE", out(2, aLong)),
	cmd(unix.BLKFLSBUF, "BLKFLSBUF"),
	cmd(unix.BLKRASET, "BLKRASET"),
	cmd(unix.BLKRAGET, "BLKRAGET", out(2, aLong)),
	cmd(unix.BLKFRASET, "BLKFRASET"),
	cmd(unix.BLKFRAGET, "BLKFRAGET", out(2, aLong)),
	cmd(unix.BLKSECTGET, "BLKSECTGET", out(2, aLong)), // a short
	cmd(unix.BLKSSZGET, "BLKSSZGET", out(2, anInt)),
	cmd(unix.BLKBSZGET, "BLKBSZGET", out(2, aLong)), // an int, although it says size_t
	cmd(unix.BLKBSZSET, "BLKBSZSET"),
	cmd(unix.BLKGETSIZE64, "BLKGETSIZE64", out(2, aLong)),
	cmd(unix.BLKDISCARD, "BLKDISCARD"),
	cmd(unix.BLKIOMIN, "BLKIOMIN", out(2, anInt)),
	cmd(unix.BLKIOOPT, "BLKIOOPT", out(2, anInt)),
	cmd(unix.BLKALIGNOFF, "BLKALIGNOFF", out(2, anInt)),
	cmd(unix.BLKPBSZGET, "BLKPBSZGET", out(2, anInt)),
	cmd(unix.BLKDISCARDZEROES, "BLKDISCARDZEROES", out(2, anInt)),
	cmd(unix.BLKSECDISCARD, "BLKSECDISCARD"),
	cmd(unix.BLKROTATIONAL, "BLKROTATIONAL", out(2, anInt)), // a short
	cmd(unix.BLKZEROOUT, "BLKZEROOUT"),
	cmd(unix.BLKGETDISKSEQ, "BLKGETDISKSEQ", out(2, aLong)),
	cmd(unix.HDIO_GETGEO, "HDIO_GETGEO", out(2, fixed(16))), // struct hd_geometry
	refused(0x2285, "SG_IO", unix.ENOTTY),                   // scsi/sg.h
}

// Structures of network interfaces.
var (
	ifreq  = fixed(40) // linux/if.h
	arpreq = fixed(68) // linux/if_arp.h
	iwreq  = fixed(32) // linux/wireless.h
)

// Sockets and network interfaces: linux/sockios.h.
var socketIoctls = []command{
	cmd(unix.SIOCATMARK, "SIOCATMARK", out(2, anInt)),
	cmd(unix.SIOCOUTQNSD, "SIOCOUTQNSD", out(2, anInt)),
	cmd(0x8901, "FIOSETOWN"),
	cmd(unix.SIOCSPGRP, "SIOCSPGRP"),
	cmd(0x8903, "FIOGETOWN", out(2, anInt)),
	cmd(unix.SIOCGPGRP, "SIOCGPGRP", out(2, anInt)),
	cmd(unix.SIOCGSTAMP_OLD, "SIOCGSTAMP_OLD", out(2, timeval)),
	cmd(unix.SIOCGSTAMPNS_OLD, "SIOCGSTAMPNS_OLD", out(2, timespec)),
	cmd(unix.SIOCGSTAMP_NEW, "SIOCGSTAMP_NEW", out(2, timeval)),
	cmd(unix.SIOCGSTAMPNS_NEW, "SIOCGSTAMPNS_NEW", out(2, timespec)),
	cmd(unix.SIOCGSKNS, "SIOCGSKNS"),
	cmd(unix.SIOCGIFCONF, "SIOCGIFCONF", ifconf(2)),
	cmd(unix.SIOCGIFNAME, "SIOCGIFNAME", inout(2, ifreq)),
	cmd(unix.SIOCGIFFLAGS, "SIOCGIFFLAGS", inout(2, ifreq)),
	cmd(unix.SIOCGIFADDR, "SIOCGIFADDR", inout(2, ifreq)),
	cmd(unix.SIOCGIFDSTADDR, "SIOCGIFDSTADDR", inout(2, ifreq)),
	cmd(unix.SIOCGIFBRDADDR, "SIOCGIFBRDADDR", inout(2, ifreq)),
	cmd(unix.SIOCGIFNETMASK, "SIOCGIFNETMASK", inout(2, ifreq)),
	cmd(unix.SIOCGIFMETRIC, "SIOCGIFMETRIC", inout(2, ifreq)),
	cmd(unix.SIOCGIFMEM, "SIOCGIFMEM", inout(2, ifreq)),
	cmd(unix.SIOCGIFMTU, "SIOCGIFMTU", inout(2, ifreq)),
	cmd(unix.SIOCGIFHWADDR, "SIOCGIFHWADDR", inout(2, ifreq)),
	cmd(unix.SIOCGIFENCAP, "SIOCGIFENCAP", inout(2, ifreq)),
	cmd(unix.SIOCGIFSLAVE, "SIOCGIFSLAVE", inout(2, ifreq)),
	cmd(unix.SIOCGIFINDEX, "SIOCGIFINDEX", inout(2, ifreq)),
	cmd(unix.SIOCGIFPFLAGS, "SIOCGIFPFLAGS", inout(2, ifreq)),
	cmd(unix.SIOCGIFCOUNT, "SIOCGIFCOUNT", inout(2, ifreq)),
	cmd(unix.SIOCGIFTXQLEN, "SIOCGIFTXQLEN", inout(2, ifreq)),
	cmd(unix.SIOCGIFMAP, "SIOCGIFMAP", inout(2, ifreq)),
	cmd(unix.SIOCSIFLINK, "SIOCSIFLINK"),
	cmd(unix.SIOCSIFNAME, "SIOCSIFNAME", inout(2, ifreq)),
	cmd(unix.SIOCSIFFLAGS, "SIOCSIFFLAGS", inout(2, ifreq)),
	cmd(unix.SIOCSIFADDR, "SIOCSIFADDR", inout(2, ifreq)),
	cmd(unix.SIOCSIFDSTADDR, "SIOCSIFDSTADDR", inout(2, ifreq)),
	cmd(unix.SIOCSIFBRDADDR, "SIOCSIFBRDADDR", inout(2, ifreq)),
	cmd(unix.SIOCSIFNETMASK, "SIOCSIFNETMASK", inout(2, ifreq)),
	cmd(unix.SIOCSIFMETRIC, "SIOCSIFMETRIC", inout(2, ifreq)),
	cmd(unix.SIOCSIFMTU, "SIOCSIFMTU", inout(2, ifreq)),
	cmd(unix.SIOCSIFHWADDR, "SIOCSIFHWADDR", inout(2, ifreq)),
	cmd(unix.SIOCSIFTXQLEN, "SIOCSIFTXQLEN", inout(2, ifreq)),
	cmd(unix.SIOCDIFADDR, "SIOCDIFADDR", inout(2, ifreq)),
	cmd(unix.SIOCGMIIPHY, "SIOCGMIIPHY", inout(2, ifreq)),
	cmd(unix.SIOCGMIIREG, "SIOCGMIIREG", inout(2, ifreq)),
	cmd(unix.SIOCADDRT, "SIOCADDRT"),
	cmd(unix.SIOCDELRT, "SIOCDELRT"),
	cmd(unix.SIOCGARP, "SIOCGARP", inout(2, arpreq)),
	cmd(unix.SIOCSARP, "SIOCSARP"),
	cmd(unix.SIOCDARP, "SIOCDARP"),
	cmd(0x8b01, "SIOCGIWNAME", inout(2, iwreq)),                   // linux/wireless.h
	refused(unix.SIOCETHTOOL, "SIOCETHTOOL", unix.EOPNOTSUPP),     // has its own commands, with pointers
	refused(unix.SIOCGHWTSTAMP, "SIOCGHWTSTAMP", unix.EOPNOTSUPP), // has a pointer
	refused(unix.SIOCSHWTSTAMP, "SIOCSHWTSTAMP", unix.EOPNOTSUPP), // has a pointer
	refused(unix.TUNSETIFF, "TUNSETIFF", unix.EPERM),
}

// The clock and the random generator: linux/rtc.h, linux/random.h.
var deviceIoctls = []command{
	cmd(unix.RTC_AIE_ON, "RTC_AIE_ON"),
	cmd(unix.RTC_AIE_OFF, "RTC_AIE_OFF"),
	cmd(unix.RTC_UIE_ON, "RTC_UIE_ON"),
	cmd(unix.RTC_UIE_OFF, "RTC_UIE_OFF"),
	cmd(unix.RTC_PIE_ON, "RTC_PIE_ON"),
	cmd(unix.RTC_PIE_OFF, "RTC_PIE_OFF"),
	cmd(unix.RTC_ALM_SET, "RTC_ALM_SET"),
	cmd(unix.RTC_ALM_READ, "RTC_ALM_READ", out(2, fixed(uint64(unsafe.Sizeof(unix.RTCTime{}))))),
	cmd(unix.RTC_RD_TIME, "RTC_RD_TIME", out(2, fixed(uint64(unsafe.Sizeof(unix.RTCTime{}))))),
	cmd(unix.RTC_IRQP_READ, "RTC_IRQP_READ", out(2, aLong)),
	cmd(unix.RTC_IRQP_SET, "RTC_IRQP_SET"),
	cmd(unix.RTC_EPOCH_READ, "RTC_EPOCH_READ", out(2, aLong)),
	cmd(unix.RTC_WKALM_SET, "RTC_WKALM_SET"),
	cmd(unix.RTC_WKALM_RD, "RTC_WKALM_RD", out(2, fixed(uint64(unsafe.Sizeof(unix.RTCWkAlrm{}))))),
	cmd(unix.RTC_VL_READ, "RTC_VL_READ", out(2, anInt)),
	cmd(unix.RNDGETENTCNT, "RNDGETENTCNT", out(2, anInt)),
	cmd(unix.RNDADDTOENTCNT, "RNDADDTOENTCNT"),
	cmd(unix.RNDADDENTROPY, "RNDADDENTROPY"),
	cmd(unix.RNDRESEEDCRNG, "RNDRESEEDCRNG"),
}

// Descriptors of processes and namespaces: linux/pidfd.h, linux/nsfs.h.
var processIoctls = []command{
	cmd(0xff01, "PIDFD_GET_CGROUP_NAMESPACE"),
	cmd(0xff02, "PIDFD_GET_IPC_NAMESPACE"),
	cmd(0xff03, "PIDFD_GET_MNT_NAMESPACE"),
	cmd(0xff04, "PIDFD_GET_NET_NAMESPACE"),
	cmd(0xff05, "PIDFD_GET_PID_NAMESPACE"),
	cmd(0xff06, "PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE"),
	cmd(0xff07, "PIDFD_GET_TIME_NAMESPACE"),
	cmd(0xff08, "PIDFD_GET_TIME_FOR_CHILDREN_NAMESPACE"),
	cmd(0xff09, "PIDFD_GET_USER_NAMESPACE"),
	cmd(0xff0a, "PIDFD_GET_UTS_NAMESPACE"),
	cmd(unix.PIDFD_GET_INFO, "PIDFD_GET_INFO", ioctlSized(2, 1)),
	cmd(unix.NS_GET_USERNS, "NS_GET_USERNS"),
	cmd(unix.NS_GET_PARENT, "NS_GET_PARENT"),
	cmd(unix.NS_GET_NSTYPE, "NS_GET_NSTYPE"),
	cmd(unix.NS_GET_OWNER_UID, "NS_GET_OWNER_UID", out(2, anInt)),
	cmd(unix.NS_GET_MNTNS_ID, "NS_GET_MNTNS_ID", out(2, aLong)),
	cmd(unix.NS_GET_PID_FROM_PIDNS, "NS_GET_PID_FROM_PIDNS"),
	cmd(unix.NS_GET_TGID_FROM_PIDNS, "NS_GET_TGID_FROM_PIDNS"),
	cmd(unix.NS_GET_PID_IN_PIDNS, "NS_GET_PID_IN_PIDNS"),
	cmd(unix.NS_GET_TGID_IN_PIDNS, "NS_GET_TGID_IN_PIDNS"),
	cmd(unix.NS_GET_ID, "NS_GET_ID", out(2, aLong)),
	cmd(0x8010b70a, "NS_MNT_GET_INFO", out(2, fixed(16))), // struct mnt_ns_info
	cmd(0x8010b70b, "NS_MNT_GET_NEXT", out(2, fixed(16))),
	cmd(0x8010b70c, "NS_MNT_GET_PREV", out(2, fixed(16))),
}
