package output

import (
	"golang.org/x/sys/unix"
)

// call is a system call that a thread is in.
type call struct {
	nr   uint64
	args [6]uint64

	// Of one that writes to a stream:
	to    Stream
	kept  [][]byte // the first part of its content, as it was at the entry
	spans []span   // where the rest is

	opens Stream // of one that opens a file: where that leads
	flags uint64 // of one that opens a file, or makes a thread
}

// maxKept is the most content that is kept for a call. The rest of it is taken
// when the call returns.
const maxKept = 16 << 20

// keep takes the content before others can change it.
func (c *call) keep(m memory) {
	for left := uint64(maxKept); left > 0; {
		p := m.next(&c.spans, left)
		if len(p) == 0 {
			return
		}
		c.kept = append(c.kept, p)
		left -= uint64(len(p))
	}
}

// write is a call that writes to the descriptor in argument fd, as many bytes
// as its result says.
type write struct {
	fd      int
	content func(memory, [6]uint64) []span // nil when it is in no memory
}

var writes = map[uint64]write{
	unix.SYS_WRITE:    {0, buffer},
	unix.SYS_PWRITE64: {0, buffer},
	unix.SYS_WRITEV:   {0, vector},
	unix.SYS_PWRITEV:  {0, vector},
	unix.SYS_PWRITEV2: {0, vector},
	unix.SYS_VMSPLICE: {0, vector},
	unix.SYS_SENDTO:   {0, buffer},
	unix.SYS_SENDMSG:  {0, message},

	unix.SYS_SENDFILE:        {fd: 0},
	unix.SYS_TEE:             {fd: 1},
	unix.SYS_SPLICE:          {fd: 2},
	unix.SYS_COPY_FILE_RANGE: {fd: 2},
}

// preparations are what must be looked at when a call begins.
var preparations map[uint64]func(*Tracker, *thread, *call, memory)

func init() {
	preparations = map[uint64]func(*Tracker, *thread, *call, memory){
		unix.SYS_OPEN:    opening(0, func(_ memory, a [6]uint64) uint64 { return a[1] }),
		unix.SYS_CREAT:   opening(0, func(memory, [6]uint64) uint64 { return 0 }),
		unix.SYS_OPENAT:  opening(1, func(_ memory, a [6]uint64) uint64 { return a[2] }),
		unix.SYS_OPENAT2: opening(1, func(m memory, a [6]uint64) uint64 { return m.word(a[2]) }), // struct open_how
		unix.SYS_CLONE:   func(_ *Tracker, _ *thread, c *call, _ memory) { c.flags = c.args[0] },
		unix.SYS_CLONE3:  func(_ *Tracker, _ *thread, c *call, m memory) { c.flags = m.word(c.args[0]) }, // struct clone_args
		// The number is free at once, whatever the result will be.
		unix.SYS_CLOSE: func(_ *Tracker, th *thread, c *call, _ memory) { delete(th.files, int32(c.args[0])) },
	}
}

func opening(path int, flags func(memory, [6]uint64) uint64) func(*Tracker, *thread, *call, memory) {
	return func(t *Tracker, th *thread, c *call, m memory) {
		c.opens, c.flags = t.named(th, m.path(c.args[path])), flags(m, c.args)
	}
}

// changes are what calls that succeeded did to the descriptors.
var changes = map[uint64]func(th *thread, c *call, result int32){
	unix.SYS_OPEN:        opened,
	unix.SYS_CREAT:       opened,
	unix.SYS_OPENAT:      opened,
	unix.SYS_OPENAT2:     opened,
	unix.SYS_DUP:         func(th *thread, c *call, fd int32) { th.duplicated(c, fd, false) },
	unix.SYS_DUP2:        func(th *thread, c *call, fd int32) { th.duplicated(c, fd, false) },
	unix.SYS_DUP3:        func(th *thread, c *call, fd int32) { th.duplicated(c, fd, c.args[2]&unix.O_CLOEXEC != 0) },
	unix.SYS_FCNTL:       controlled,
	unix.SYS_IOCTL:       controlledDevice,
	unix.SYS_CLOSE_RANGE: closedRange,
	unix.SYS_UNSHARE: func(th *thread, c *call, _ int32) {
		if c.args[0]&unix.CLONE_FILES != 0 {
			th.files = th.files.clone()
		}
	},
	unix.SYS_SETSID: func(th *thread, _ *call, _ int32) { th.process.apart = true },
}

func opened(th *thread, c *call, fd int32) {
	th.files.set(fd, c.opens, c.flags&unix.O_CLOEXEC != 0)
}

// duplicated makes fd the same as the descriptor in the first argument.
func (th *thread) duplicated(c *call, fd int32, closeOnExec bool) {
	if from := int32(c.args[0]); from != fd {
		th.files.set(fd, th.files[from].stream, closeOnExec)
	}
}

func controlled(th *thread, c *call, result int32) {
	switch c.args[1] {
	case unix.F_DUPFD, unix.F_DUPFD_CLOEXEC:
		th.duplicated(c, result, c.args[1] == unix.F_DUPFD_CLOEXEC)
	case unix.F_SETFD:
		th.files.mark(int32(c.args[0]), c.args[2]&unix.FD_CLOEXEC != 0)
	}
}

func controlledDevice(th *thread, c *call, _ int32) {
	const fioNClex, fioClex = 0x5450, 0x5451 // include/uapi/asm-generic/ioctls.h
	if cmd := uint32(c.args[1]); cmd == fioClex || cmd == fioNClex {
		th.files.mark(int32(c.args[0]), cmd == fioClex)
	}
}

func closedRange(th *thread, c *call, _ int32) {
	if c.args[2]&unix.CLOSE_RANGE_UNSHARE != 0 {
		th.files = th.files.clone()
	}
	do := func(fd int32) { delete(th.files, fd) }
	if c.args[2]&unix.CLOSE_RANGE_CLOEXEC != 0 {
		do = func(fd int32) { th.files.mark(fd, true) }
	}
	th.files.each(uint32(c.args[0]), uint32(c.args[1]), do)
}
