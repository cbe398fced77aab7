package syscalls

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

func kernelCases(t *testing.T) []kernelCase {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, []byte(strings.Repeat("0123456789", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink("file", link); err != nil {
		t.Fatal(err)
	}
	closing := func(fds ...int) int {
		t.Cleanup(func() {
			for _, fd := range fds {
				unix.Close(fd)
			}
		})
		return fds[0]
	}
	file := closing(must(unix.Open(path, unix.O_RDWR, 0)))
	unix.Fsetxattr(file, "user.test", []byte("value"), 0)
	directory := closing(must(unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY, 0)))
	master := closing(must(unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY, 0)))
	timer := closing(must(unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK)))
	self := uint64(os.Getpid())

	pair := func(kind int) (from, to uint64) {
		fds := must(unix.Socketpair(unix.AF_UNIX, kind|unix.SOCK_NONBLOCK, 0))
		closing(fds[0], fds[1])
		return uint64(fds[0]), uint64(fds[1])
	}
	pipe := func(content string) (r, w uint64) {
		var fds [2]int
		if err := unix.Pipe2(fds[:], unix.O_NONBLOCK); err != nil {
			t.Fatal(err)
		}
		closing(fds[0], fds[1])
		must(unix.Write(fds[1], []byte(content)))
		return uint64(fds[0]), uint64(fds[1])
	}
	udp := func() int {
		fd := closing(must(unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK, 0)))
		if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			t.Fatal(err)
		}
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMP, 1)
		return fd
	}
	toSelf := func(messages ...string) uint64 {
		fd := udp()
		to := must(unix.Getsockname(fd))
		for _, m := range messages {
			if err := unix.Sendto(fd, []byte(m), 0, to); err != nil {
				t.Fatal(err)
			}
		}
		return uint64(fd)
	}
	header := func(a *arena, buffers ...uint64) []uint64 {
		var iovs []uint64
		for _, n := range buffers {
			iovs = append(iovs, a.alloc(n), n)
		}
		return []uint64{a.alloc(32), 32, a.u64s(iovs...), uint64(len(buffers)), a.alloc(64), 64, 0}
	}
	child := func() {
		pid, _, errno := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
		if pid == 0 && errno == 0 {
			unix.RawSyscall(unix.SYS_EXIT_GROUP, 3, 0, 0)
		}
		unix.Waitid(unix.P_PID, int(pid), nil, unix.WEXITED|unix.WNOWAIT, nil)
	}
	// simple cases give the arguments after placing every pointer: p(n) is n bytes.
	type p uint64
	simple := func(nr uint64, args ...any) func(a *arena) [6]uint64 {
		return func(a *arena) (out [6]uint64) {
			for i, arg := range args {
				switch v := arg.(type) {
				case p:
					out[i] = a.alloc(uint64(v))
				case int:
					out[i] = uint64(v)
				case uint64:
					out[i] = v
				case string:
					out[i] = a.str(v)
				case []uint64:
					out[i] = a.u64s(v...)
				case []uint32:
					out[i] = a.u32s(v...)
				default:
					panic(fmt.Sprintf("argument %T", arg))
				}
			}
			return out
		}
	}
	var cases []kernelCase
	add := func(nr uint64, args ...any) *kernelCase {
		cases = append(cases, kernelCase{name: Lookup(nr).Name, nr: nr, setup: simple(nr, args...)})
		return &cases[len(cases)-1]
	}
	fails := func(errno unix.Errno, nr uint64, args ...any) *kernelCase {
		c := add(nr, args...).fails(errno)
		c.name += " " + unix.ErrnoName(errno)
		return c
	}
	call := func(name string, nr uint64, setup func(a *arena) [6]uint64) *kernelCase {
		cases = append(cases, kernelCase{name: name, nr: nr, setup: setup})
		return &cases[len(cases)-1]
	}

	tcp := closing(must(unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)))

	// Files
	add(unix.SYS_PREAD64, file, p(100), 100, 7)
	call("pread64 short", unix.SYS_PREAD64, simple(unix.SYS_PREAD64, file, p(5000), 5000, 9990))
	fails(unix.EBADF, unix.SYS_READ, 1<<20, p(10), 10)
	fails(unix.EFAULT, unix.SYS_PREAD64, file, 4096, 10, 0).stays = true
	call("readv into a hole", unix.SYS_PREADV, func(a *arena) [6]uint64 {
		return [6]uint64{uint64(file), a.u64s(a.alloc(10), 10, a.base+arenaSize-5, 100), 2, 0, 0}
	}).stays = true
	call("recvfrom into a hole", unix.SYS_RECVFROM, func(a *arena) [6]uint64 {
		return [6]uint64{toSelf("message"), a.alloc(100), 100, 0, 4096, a.u32s(32)}
	}).fails(unix.EFAULT).stays = true
	call("read of a pipe", unix.SYS_READ, func(a *arena) [6]uint64 {
		r, _ := pipe("hello")
		return [6]uint64{r, a.alloc(4096), 4096}
	})
	call("read without data", unix.SYS_READ, func(a *arena) [6]uint64 {
		r, _ := pipe("")
		return [6]uint64{r, a.alloc(4096), 4096}
	}).fails(unix.EAGAIN)
	call("preadv", unix.SYS_PREADV, func(a *arena) [6]uint64 {
		return [6]uint64{uint64(file), a.u64s(a.alloc(10), 10, a.alloc(3), 3, a.alloc(900), 900), 3, 9500, 0}
	})
	call("preadv2", unix.SYS_PREADV2, func(a *arena) [6]uint64 {
		return [6]uint64{uint64(file), a.u64s(a.alloc(10), 10, a.alloc(3), 3), 2, 9995, 0, 0}
	})
	call("sendfile", unix.SYS_SENDFILE, func(a *arena) [6]uint64 {
		_, w := pipe("")
		return [6]uint64{w, uint64(file), a.u64s(5), 100}
	})
	call("sendfile EBADF", unix.SYS_SENDFILE, simple(0, 1<<20, file, []uint64{5}, 100)).fails(unix.EBADF)
	call("splice", unix.SYS_SPLICE, func(a *arena) [6]uint64 {
		_, w := pipe("")
		return [6]uint64{uint64(file), a.u64s(5), w, 0, 100, 0}
	})
	call("vmsplice", unix.SYS_VMSPLICE, func(a *arena) [6]uint64 {
		r, _ := pipe("spliced")
		return [6]uint64{r, a.u64s(a.alloc(4), 4, a.alloc(100), 100), 2, 0}
	})
	call("copy_file_range", unix.SYS_COPY_FILE_RANGE, simple(0, file, []uint64{0}, file, []uint64{5000}, 100, 0))
	add(unix.SYS_STAT, path, p(144))
	add(unix.SYS_LSTAT, path, p(144))
	add(unix.SYS_FSTAT, file, p(144))
	add(unix.SYS_NEWFSTATAT, directory, "file", p(144), 0)
	fails(unix.ENOENT, unix.SYS_STAT, path+"x", p(144))
	add(unix.SYS_STATX, directory, "file", 0, 0xfff, p(256))
	add(unix.SYS_STATFS, path, p(120))
	add(unix.SYS_FSTATFS, file, p(120))
	call("getdents64", unix.SYS_GETDENTS64, func(a *arena) [6]uint64 {
		unix.Seek(directory, 0, 0)
		return [6]uint64{uint64(directory), a.alloc(4096), 4096}
	})
	call("getdents", unix.SYS_GETDENTS, func(a *arena) [6]uint64 {
		unix.Seek(directory, 0, 0)
		return [6]uint64{uint64(directory), a.alloc(4096), 4096}
	})
	add(unix.SYS_READLINK, link, p(100), 100)
	add(unix.SYS_READLINKAT, directory, "link", p(2), 2)
	add(unix.SYS_GETCWD, p(4096), 4096)
	fails(unix.ERANGE, unix.SYS_GETCWD, p(8), 2)
	add(unix.SYS_PIPE2, p(8), unix.O_CLOEXEC)
	add(unix.SYS_CACHESTAT, file, []uint64{0, 0}, p(40), 0)
	add(unix.SYS_NAME_TO_HANDLE_AT, directory, "file", []uint32{64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, p(4), 0)
	call("name_to_handle_at too small", unix.SYS_NAME_TO_HANDLE_AT, simple(0, directory, "file", []uint32{0, 0}, p(8), 0)).errno = unix.EOVERFLOW
	add(unix.SYS_FGETXATTR, file, "user.test", p(64), 64).quiet = true
	add(unix.SYS_FLISTXATTR, file, p(64), 64).quiet = true
	call("getxattrat", unix.SYS_GETXATTRAT, func(a *arena) [6]uint64 {
		return [6]uint64{uint64(directory), a.str("file"), 0, a.str("user.test"), a.u64s(a.alloc(64), 64), 16}
	})
	add(unix.SYS_LISTXATTRAT, directory, "file", 0, p(64), 64).quiet = true
	add(unix.SYS_FILE_GETATTR, directory, "file", p(64), 24, 0)
	add(unix.SYS_FCNTL, file, unix.F_GETLK, []uint64{unix.F_WRLCK, 0, 0, 0})
	add(unix.SYS_FCNTL, file, unix.F_OFD_GETLK, []uint64{unix.F_WRLCK, 0, 0, 0})
	add(unix.SYS_FCNTL, file, unix.F_GETOWN_EX, p(8))
	add(unix.SYS_FCNTL, file, 17, p(8))
	add(unix.SYS_FCNTL, file, unix.F_GET_RW_HINT, p(8))

	// Terminals and other ioctls
	for _, request := range []int{unix.TCGETS, unix.TCGETS2, unix.TCGETA, unix.TIOCGWINSZ, unix.TIOCGPTN, unix.TIOCGPTLCK,
		unix.TIOCGPKT, unix.TIOCGEXCL, unix.TIOCOUTQ, unix.TIOCGETD, unix.TIOCGDEV, unix.TIOCGLCKTRMIOS} {
		c := add(unix.SYS_IOCTL, master, request, p(64))
		c.name = "ioctl " + Lookup(c.nr).Command([6]uint64{0, uint64(request)})
	}
	for _, x := range []struct {
		fd, request int
	}{{file, unix.TIOCINQ}, {file, 2}, {file, unix.FS_IOC_GETFLAGS}, {file, 0x80087601}, {file, 0x801c581f}, {directory, 0x5460},
		{file, 0x80111500}} {
		c := add(unix.SYS_IOCTL, x.fd, x.request, p(256))
		c.name = "ioctl " + Lookup(c.nr).Command([6]uint64{0, uint64(x.request)})
	}
	fails(unix.ENOTTY, unix.SYS_IOCTL, file, unix.TCGETS, p(64))
	call("ioctl SIOCINQ", unix.SYS_IOCTL, func(a *arena) [6]uint64 {
		return [6]uint64{toSelf("twelve bytes"), unix.SIOCINQ, a.alloc(64)}
	})
	call("ioctl SIOCATMARK", unix.SYS_IOCTL, simple(0, tcp, unix.SIOCATMARK, p(64)))
	call("ioctl SIOCOUTQNSD", unix.SYS_IOCTL, simple(0, tcp, unix.SIOCOUTQNSD, p(64)))
	add(unix.SYS_IOCTL, file, 0xc020660b, []uint64{0, 1 << 40, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}).name = "ioctl FIEMAP"
	call("ioctl FIDEDUPERANGE", unix.SYS_IOCTL, simple(0, file, unix.FIDEDUPERANGE, []uint64{0, 10, 1, uint64(file), 5000, 0, 0}))
	socket := udp()
	call("ioctl SIOCGIFCONF", unix.SYS_IOCTL, func(a *arena) [6]uint64 {
		return [6]uint64{uint64(socket), unix.SIOCGIFCONF, a.u64s(400, a.alloc(400))}
	})
	call("ioctl SIOCGIFFLAGS", unix.SYS_IOCTL, func(a *arena) [6]uint64 {
		addr := a.zeros(40)
		copy(a.at(addr, 3), "lo\x00")
		return [6]uint64{uint64(socket), unix.SIOCGIFFLAGS, addr}
	})
	pidfd := closing(must(unix.PidfdOpen(os.Getpid(), 0)))
	for _, size := range []uint64{64, 88, 120} {
		call(fmt.Sprintf("ioctl PIDFD_GET_INFO %d", size), unix.SYS_IOCTL, func(a *arena) [6]uint64 {
			return [6]uint64{uint64(pidfd), unix.PIDFD_GET_INFO&^(0x3fff<<16) | size<<16, a.zeros(size)}
		})
	}
	namespace := closing(must(unix.Open("/proc/self/ns/user", unix.O_RDONLY, 0)))
	add(unix.SYS_IOCTL, namespace, unix.NS_GET_OWNER_UID, p(8)).name = "ioctl NS_GET_OWNER_UID"
	mounts := closing(must(unix.Open("/proc/self/ns/mnt", unix.O_RDONLY, 0)))
	add(unix.SYS_IOCTL, mounts, unix.NS_GET_MNTNS_ID, p(16)).name = "ioctl NS_GET_MNTNS_ID"
	add(unix.SYS_IOCTL, mounts, 0x8010b70a, p(16)).name = "ioctl NS_MNT_GET_INFO"

	// Waiting for descriptors
	readable := func() uint64 { r, _ := pipe("x"); return r }
	call("poll", unix.SYS_POLL, func(a *arena) [6]uint64 {
		return [6]uint64{a.u64s(readable()|unix.POLLIN<<32, uint64(file)|unix.POLLIN<<32), 2, 0}
	})
	call("ppoll", unix.SYS_PPOLL, func(a *arena) [6]uint64 {
		return [6]uint64{a.u64s(readable() | unix.POLLIN<<32), 1, a.u64s(5, 0), 0, 8}
	})
	call("select", unix.SYS_SELECT, func(a *arena) [6]uint64 {
		return [6]uint64{200, a.zeros(128), a.zeros(128), a.u64s(0, 0, 0, 0), a.u64s(0, 100)}
	})
	call("select ready", unix.SYS_SELECT, func(a *arena) [6]uint64 {
		fd := readable()
		set := a.zeros(128)
		le.PutUint64(a.at(set+fd/64*8, 8), 1<<(fd%64)|1<<(uint64(file)%64))
		return [6]uint64{fd + 1, set, 0, 0, a.u64s(5, 0)}
	})
	call("pselect6", unix.SYS_PSELECT6, func(a *arena) [6]uint64 {
		return [6]uint64{70, a.zeros(16), 0, 0, a.u64s(0, 1000), 0}
	})
	call("epoll_wait", unix.SYS_EPOLL_WAIT, func(a *arena) [6]uint64 {
		epoll := closing(must(unix.EpollCreate1(0)))
		for range 2 {
			unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, int(readable()), &unix.EpollEvent{Events: unix.EPOLLIN})
		}
		return [6]uint64{uint64(epoll), a.alloc(120), 10, 0}
	})

	// Sockets and messages
	add(unix.SYS_SOCKETPAIR, unix.AF_UNIX, unix.SOCK_STREAM, 0, p(8))
	add(unix.SYS_GETSOCKNAME, socket, p(128), []uint32{128})
	call("getsockname short", unix.SYS_GETSOCKNAME, simple(0, socket, p(8), []uint32{3}))
	fails(unix.EINVAL, unix.SYS_GETSOCKNAME, socket, p(8), []uint32{1 << 31})
	fails(unix.ENOTCONN, unix.SYS_GETPEERNAME, socket, p(8), []uint32{8})
	add(unix.SYS_GETSOCKOPT, socket, unix.SOL_SOCKET, unix.SO_RCVBUF, p(16), []uint32{16})
	call("getsockopt SO_PEERCRED", unix.SYS_GETSOCKOPT, func(a *arena) [6]uint64 {
		fd, _ := pair(unix.SOCK_STREAM)
		return [6]uint64{fd, unix.SOL_SOCKET, unix.SO_PEERCRED, a.alloc(64), a.u32s(64)}
	})
	call("getsockopt SO_GET_FILTER", unix.SYS_GETSOCKOPT, func(a *arena) [6]uint64 {
		fd := udp()
		accept := unix.SockFilter{Code: 6, K: 0xffff}
		unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: 1, Filter: &accept})
		return [6]uint64{uint64(fd), unix.SOL_SOCKET, unix.SO_GET_FILTER, a.alloc(64), a.u32s(4)}
	})
	add(unix.SYS_GETSOCKOPT, tcp, unix.SOL_TCP, unix.TCP_INFO, p(512), []uint32{512}).name = "getsockopt TCP_INFO"
	call("accept4", unix.SYS_ACCEPT4, func(a *arena) [6]uint64 {
		l := closing(must(unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)))
		c := closing(must(unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)))
		if unix.Bind(l, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}) != nil || unix.Listen(l, 1) != nil ||
			unix.Connect(c, must(unix.Getsockname(l))) != nil {
			t.Fatal("no TCP")
		}
		return [6]uint64{uint64(l), a.alloc(64), a.u32s(64), unix.SOCK_CLOEXEC}
	})
	call("recvfrom", unix.SYS_RECVFROM, func(a *arena) [6]uint64 {
		return [6]uint64{toSelf("message"), a.alloc(100), 100, 0, a.alloc(32), a.u32s(32)}
	})
	call("recvfrom cut", unix.SYS_RECVFROM, func(a *arena) [6]uint64 {
		return [6]uint64{toSelf("message"), a.alloc(3), 3, unix.MSG_TRUNC, a.alloc(8), a.u32s(5)}
	})
	call("recvmsg", unix.SYS_RECVMSG, func(a *arena) [6]uint64 {
		return [6]uint64{toSelf("message"), a.u64s(header(a, 3, 100)...), 0}
	})
	call("recvmsg of descriptors", unix.SYS_RECVMSG, func(a *arena) [6]uint64 {
		from, to := pair(unix.SOCK_STREAM)
		unix.Sendmsg(int(from), []byte("fds"), unix.UnixRights(file, directory, master), nil, 0)
		h := header(a, 100)
		h[5] = 25 // room for two
		return [6]uint64{to, a.u64s(h...), unix.MSG_CMSG_CLOEXEC}
	})
	call("recvmsg EAGAIN", unix.SYS_RECVMSG, func(a *arena) [6]uint64 {
		return [6]uint64{toSelf(), a.u64s(header(a, 100)...), 0}
	}).fails(unix.EAGAIN)
	call("recvmmsg", unix.SYS_RECVMMSG, func(a *arena) [6]uint64 {
		var all []uint64
		for range 4 {
			all = append(append(all, header(a, 4, 100)...), 0)
		}
		return [6]uint64{toSelf("one", "twenty"), a.u64s(all...), 4, 0, a.u64s(1, 0)}
	})
	call("sendmmsg", unix.SYS_SENDMMSG, func(a *arena) [6]uint64 {
		from, _ := pair(unix.SOCK_DGRAM)
		iov := a.u64s(a.str("datagram"), 8)
		one := []uint64{0, 0, iov, 1, 0, 0, 0, 0}
		return [6]uint64{from, a.u64s(append(one, one...)...), 2, 0}
	})

	// System V
	queue, _, _ := unix.RawSyscall(unix.SYS_MSGGET, unix.IPC_PRIVATE, 0o600, 0)
	t.Cleanup(func() { unix.RawSyscall(unix.SYS_MSGCTL, queue, unix.IPC_RMID, 0) })
	call("msgrcv", unix.SYS_MSGRCV, func(a *arena) [6]uint64 {
		message := append([]byte{7, 0, 0, 0, 0, 0, 0, 0}, "text"...)
		unix.RawSyscall6(unix.SYS_MSGSND, queue, uintptr(unsafe.Pointer(&message[0])), 4, 0, 0, 0)
		return [6]uint64{uint64(queue), a.alloc(108), 100, 0, unix.IPC_NOWAIT}
	})
	for _, command := range []int{unix.IPC_STAT, 3, 12} {
		add(unix.SYS_MSGCTL, uint64(queue), command, p(128)).name = fmt.Sprint("msgctl ", command)
	}
	segment := must(unix.SysvShmGet(unix.IPC_PRIVATE, 4096, 0o600))
	t.Cleanup(func() { unix.SysvShmCtl(segment, unix.IPC_RMID, nil) })
	for _, command := range []int{unix.IPC_STAT, 3, 14} {
		add(unix.SYS_SHMCTL, segment, command, p(128)).name = fmt.Sprint("shmctl ", command)
	}
	sems, _, _ := unix.RawSyscall(unix.SYS_SEMGET, unix.IPC_PRIVATE, 5, 0o600)
	t.Cleanup(func() { unix.RawSyscall(unix.SYS_SEMCTL, sems, 0, unix.IPC_RMID) })
	for _, command := range []int{unix.IPC_STAT, 3, 13, 19} {
		add(unix.SYS_SEMCTL, uint64(sems), 0, command, p(1<<17)).name = fmt.Sprint("semctl ", command)
	}
	mq, _, errno := unix.RawSyscall6(unix.SYS_MQ_OPEN, uintptr(unsafe.Pointer(must(unix.BytePtrFromString("stepback-test")))), unix.O_CREAT|unix.O_RDWR|unix.O_NONBLOCK, 0o600, 0, 0, 0)
	if errno == 0 {
		closing(int(mq))
		unix.RawSyscall(unix.SYS_MQ_UNLINK, uintptr(unsafe.Pointer(must(unix.BytePtrFromString("stepback-test")))), 0, 0)
		call("mq_timedreceive", unix.SYS_MQ_TIMEDRECEIVE, func(a *arena) [6]uint64 {
			unix.RawSyscall6(unix.SYS_MQ_TIMEDSEND, mq, uintptr(unsafe.Pointer(must(unix.BytePtrFromString("text")))), 4, 3, 0, 0)
			return [6]uint64{uint64(mq), a.alloc(8192), 8192, a.alloc(4), 0}
		})
		add(unix.SYS_MQ_GETSETATTR, uint64(mq), 0, p(64))
	}

	// Processes, signals and time
	call("wait4", unix.SYS_WAIT4, func(a *arena) [6]uint64 {
		child()
		return [6]uint64{1<<64 - 1, a.alloc(4), 0, a.alloc(144)}
	})
	call("waitid", unix.SYS_WAITID, func(a *arena) [6]uint64 {
		child()
		return [6]uint64{unix.P_ALL, 0, a.alloc(128), unix.WEXITED, a.alloc(144)}
	})
	call("waitid ECHILD", unix.SYS_WAITID, simple(0, unix.P_ALL, 0, p(128), unix.WEXITED, p(144))).fails(unix.ECHILD)
	fails(unix.ECHILD, unix.SYS_WAIT4, uint64(1<<64-1), p(4), 0, p(144))
	add(unix.SYS_GET_ROBUST_LIST, 0, p(8), p(8))
	add(unix.SYS_RT_SIGACTION, uint64(unix.SIGUSR2), 0, p(32), 8)
	add(unix.SYS_RT_SIGPROCMASK, 0, 0, p(8), 8)
	add(unix.SYS_RT_SIGPENDING, p(8), 8)
	add(unix.SYS_SIGALTSTACK, 0, p(24))
	call("rt_sigtimedwait", unix.SYS_RT_SIGTIMEDWAIT, func(a *arena) [6]uint64 {
		unix.Tgkill(os.Getpid(), unix.Gettid(), unix.SIGUSR2)
		return [6]uint64{a.u64s(1 << (unix.SIGUSR2 - 1)), a.alloc(128), a.u64s(0, 0), 8}
	})
	add(unix.SYS_PRCTL, unix.PR_GET_NAME, p(16)).name = "prctl PR_GET_NAME"
	add(unix.SYS_PRCTL, unix.PR_GET_PDEATHSIG, p(16)).name = "prctl PR_GET_PDEATHSIG"
	add(unix.SYS_PRCTL, unix.PR_GET_CHILD_SUBREAPER, p(16)).name = "prctl PR_GET_CHILD_SUBREAPER"
	add(unix.SYS_PRCTL, unix.PR_GET_TID_ADDRESS, p(16)).name = "prctl PR_GET_TID_ADDRESS"
	add(unix.SYS_PRCTL, unix.PR_GET_AUXV, p(1000), 1000).name = "prctl PR_GET_AUXV"
	add(unix.SYS_PRCTL, unix.PR_GET_AUXV, p(24), 20).name = "prctl PR_GET_AUXV short"
	add(unix.SYS_ARCH_PRCTL, 0x1003, p(8)).name = "arch_prctl ARCH_GET_FS"
	add(unix.SYS_ARCH_PRCTL, 0x1021, p(8)).name = "arch_prctl ARCH_GET_XCOMP_SUPP"
	call("process_vm_readv", unix.SYS_PROCESS_VM_READV, func(a *arena) [6]uint64 {
		return [6]uint64{self, a.u64s(a.alloc(10), 10, a.alloc(90), 90), 2, a.u64s(a.str("remote memory"), 13), 1, 0}
	})
	call("nanosleep", unix.SYS_NANOSLEEP, simple(0, []uint64{0, 1}, p(16))).quiet = true
	add(unix.SYS_GETTIMEOFDAY, p(16), p(8))
	add(unix.SYS_TIME, p(8))
	add(unix.SYS_TIMES, p(32))
	add(unix.SYS_CLOCK_GETTIME, 1, p(16))
	add(unix.SYS_CLOCK_GETRES, 1, p(16))
	fails(unix.EINVAL, unix.SYS_CLOCK_GETTIME, 99, p(16))
	call("adjtimex", unix.SYS_ADJTIMEX, func(a *arena) [6]uint64 { return [6]uint64{a.zeros(208)} })
	call("clock_adjtime", unix.SYS_CLOCK_ADJTIME, func(a *arena) [6]uint64 { return [6]uint64{0, a.zeros(208)} })
	const sigevNone = 1 // SIGEV_NONE, asm-generic/siginfo.h
	add(unix.SYS_GETITIMER, 0, p(32))
	add(unix.SYS_SETITIMER, 1, []uint64{0, 0, 0, 0}, p(32))
	call("timer_create", unix.SYS_TIMER_CREATE, func(a *arena) [6]uint64 {
		return [6]uint64{1, a.u64s(0, sigevNone<<32, 0, 0, 0, 0, 0, 0), a.alloc(8)}
	})
	add(unix.SYS_TIMERFD_SETTIME, timer, 0, []uint64{0, 0, 1000, 0}, p(32))
	add(unix.SYS_TIMERFD_GETTIME, timer, p(32))

	// Scheduling, limits and credentials
	add(unix.SYS_SCHED_GETAFFINITY, 0, 1024, p(1024))
	add(unix.SYS_SCHED_GETPARAM, 0, p(4))
	add(unix.SYS_SCHED_GETATTR, 0, p(256), 256, 0)
	call("sched_getattr 48", unix.SYS_SCHED_GETATTR, simple(0, 0, p(48), 48, 0))
	call("sched_setattr E2BIG", unix.SYS_SCHED_SETATTR, func(a *arena) [6]uint64 {
		addr := a.alloc(4096)
		le.PutUint32(a.at(addr, 4), 4096)
		return [6]uint64{0, addr, 0}
	}).fails(unix.E2BIG)
	add(unix.SYS_SCHED_RR_GET_INTERVAL, 0, p(16))
	add(unix.SYS_GETCPU, p(4), p(4))
	add(unix.SYS_GETRLIMIT, 7, p(16))
	add(unix.SYS_PRLIMIT64, 0, 7, 0, p(16))
	add(unix.SYS_GETRUSAGE, 0, p(144))
	add(unix.SYS_GETRESUID, p(4), p(4), p(4))
	add(unix.SYS_GETRESGID, p(4), p(4), p(4))
	add(unix.SYS_GETGROUPS, 100, p(400)).quiet = true
	for _, version := range []uint32{unix.LINUX_CAPABILITY_VERSION_1, unix.LINUX_CAPABILITY_VERSION_3} {
		add(unix.SYS_CAPGET, []uint32{version, 0}, p(24)).name = fmt.Sprintf("capget %x", version)
	}
	fails(unix.EINVAL, unix.SYS_CAPGET, []uint32{1, 0}, p(24)).quiet = false
	call("lsm_list_modules E2BIG", unix.SYS_LSM_LIST_MODULES, simple(0, p(8), []uint32{0}, 0)).fails(unix.E2BIG)
	add(unix.SYS_LSM_GET_SELF_ATTR, 100, p(256), []uint32{256}, 0).quiet = true
	add(unix.SYS_LSM_LIST_MODULES, p(256), []uint32{256}, 0)
	add(unix.SYS_KEYCTL, unix.KEYCTL_CAPABILITIES, p(16), 16).name = "keyctl KEYCTL_CAPABILITIES"

	// Memory and the system
	call("mincore", unix.SYS_MINCORE, func(a *arena) [6]uint64 { return [6]uint64{a.base, arenaSize - 5, a.alloc(arenaSize / 4096)} })
	fails(unix.ENOMEM, unix.SYS_MINCORE, 4096, 8192, p(16))
	add(unix.SYS_GET_MEMPOLICY, p(4), p(128), 1024, 0, 0)
	call("move_pages", unix.SYS_MOVE_PAGES, func(a *arena) [6]uint64 {
		return [6]uint64{0, 2, a.u64s(a.base, 4096), 0, a.alloc(8), 0}
	})
	add(unix.SYS_UNAME, p(390))
	add(unix.SYS_SYSINFO, p(112))
	add(unix.SYS_GETRANDOM, p(100), 100, 0)
	call("futex wake op", unix.SYS_FUTEX, func(a *arena) [6]uint64 {
		return [6]uint64{a.u32s(0), 5, 1, 1, a.u32s(0), 0x00001000}
	})
	call("futex lock pi", unix.SYS_FUTEX, func(a *arena) [6]uint64 { return [6]uint64{a.u32s(0), 6, 0, 0} })
	var root unix.Statx_t
	if unix.Statx(unix.AT_FDCWD, "/", 0, 0x4000, &root) == nil { // STATX_MNT_ID_UNIQUE
		call("statmount", unix.SYS_STATMOUNT, func(a *arena) [6]uint64 {
			return [6]uint64{a.u64s(24, root.Mnt_id, 0x3f), a.alloc(4096), 4096, 0}
		})
		call("listmount", unix.SYS_LISTMOUNT, func(a *arena) [6]uint64 {
			return [6]uint64{a.u64s(24, 0xffffffffffffffff, 0), a.alloc(256), 32, 0}
		})
	}
	return cases
}
