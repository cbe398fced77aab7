package replayer

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/recorder/trace"
)

// The part of a kernel that called code gets to see.

// fetch reads memory of the copy into p, and returns what there was.
func (c *calling) fetch(addr uint64, p []byte) []byte {
	n, err := c.k.extent(addr, uint64(len(p)))
	if err != nil {
		return nil
	}
	return p[:c.k.stopped.ReadSome(addr, p[:n])]
}

// store writes to memory of the copy where the called code could.
func (c *calling) store(addr uint64, p []byte) error {
	end := addr + uint64(len(p))
	if touchesArea(addr, uint64(len(p))) {
		return unix.EFAULT
	}
	if err := c.executor.rewrite(c.k, addr, end); err != nil {
		return err
	}
	for page := memmap.PageDown(addr); page < end; page += memmap.PageSize {
		c.k.loaded = false
		// It lets a stack grow, too.
		if ok, err := c.s.Engine(c.k.stopped).Touch(page); err != nil {
			return err
		} else if !ok {
			return unix.EFAULT
		}
	}
	return c.k.stopped.WriteMem(addr, p)
}

// maxOutput is how much of the output is kept, and the most that is written at once.
const maxOutput = 1 << 20

func isOutput(fd uint64) bool { return fd == 1 || fd == 2 }

// print is write.
func (c *calling) print(a [6]uint64) (uint64, error) {
	if !isOutput(a[0]) {
		return 0, unix.ENOSYS
	}
	p := c.fetch(a[1], make([]byte, min(a[2], maxOutput)))
	if len(p) == 0 && a[2] > 0 {
		return 0, unix.EFAULT
	}
	c.output = append(c.output, p[:min(len(p), maxOutput-len(c.output))]...)
	return uint64(len(p)), nil
}

// printAll is writev.
func (c *calling) printAll(a [6]uint64) (total uint64, err error) {
	const size, most = 16, 1024 // of struct iovec, of its array
	if a[2] > most {
		return 0, unix.EINVAL
	}
	list := c.fetch(a[1], make([]byte, size*a[2]))
	for ; len(list) >= size; list = list[size:] {
		addr, want := binary.LittleEndian.Uint64(list), binary.LittleEndian.Uint64(list[8:])
		n, err := c.print([6]uint64{a[0], addr, want})
		total += n
		if n < want {
			if total > 0 {
				err = nil
			}
			return total, err
		}
	}
	return total, nil
}

// status is fstat of a terminal, so that stdio writes at the end of every line.
func (c *calling) status(fd, at uint64) (uint64, error) {
	if !isOutput(fd) {
		return 0, unix.ENOSYS
	}
	const pts = 136 // the major number of terminals (UNIX98_PTY_SLAVE_MAJOR)
	p, err := binary.Append(nil, binary.LittleEndian, &unix.Stat_t{
		Mode: unix.S_IFCHR | 0o620, Nlink: 1, Rdev: unix.Mkdev(pts, 0), Blksize: 1024,
	})
	if err != nil {
		return 0, err
	}
	return 0, c.store(at, p)
}

// statusAt is newfstatat, for a descriptor only.
func (c *calling) statusAt(a [6]uint64) (uint64, error) {
	if a[3]&unix.AT_EMPTY_PATH == 0 {
		return 0, unix.ENOSYS
	}
	return c.status(a[0], a[2])
}

// change changes the copy's address space.
func (c *calling) change(o trace.Op) error {
	err := c.op(&o, c.k)
	if errors.Is(err, errEngineArea) {
		return unix.EINVAL
	}
	return err
}

// maxMapped is how much memory called code can take.
const maxMapped = 1 << 30

// mapMemory is mmap of memory of no file.
func (c *calling) mapMemory(a [6]uint64) (addr uint64, err error) {
	const (
		private = unix.MAP_PRIVATE | unix.MAP_ANONYMOUS | unix.MAP_NORESERVE
		where   = unix.MAP_FIXED_NOREPLACE | unix.MAP_32BIT
	)
	addr, n, flags := a[0], a[1], a[3]
	if flags&unix.MAP_ANONYMOUS == 0 {
		return 0, unix.ENOSYS
	}
	if a[2] != unix.PROT_NONE {
		if n > maxMapped-c.mapped {
			return 0, unix.ENOMEM
		}
		c.mapped += n
	}
	if flags&unix.MAP_FIXED == 0 {
		if addr, err = c.factory.call(c.k, unix.SYS_MMAP, addr, n, unix.PROT_NONE, private|flags&where, ^uint64(0), 0); err != nil {
			return 0, err
		}
	}
	return addr, c.change(trace.Op{Kind: trace.OpMap, Addr: addr, Len: n, Prot: uint32(a[2]), Flags: private})
}

func (c *calling) unmap(a [6]uint64) (uint64, error) {
	c.mapped -= min(c.mapped, a[1])
	return 0, c.change(trace.Op{Kind: trace.OpUnmap, Addr: a[0], Len: a[1]})
}

func (c *calling) protect(a [6]uint64) (uint64, error) {
	return 0, c.change(trace.Op{Kind: trace.OpProtect, Addr: a[0], Len: a[1], Prot: uint32(a[2])})
}

// advise is madvise. Most advice is for speed only.
func (c *calling) advise(a [6]uint64) (uint64, error) {
	if a[2] != unix.MADV_DONTNEED && a[2] != unix.MADV_FREE {
		return 0, nil
	}
	return 0, c.change(trace.Op{Kind: trace.OpAdvise, Addr: a[0], Len: a[1], Flags: unix.MADV_DONTNEED})
}

// The operations of futex (include/uapi/linux/futex.h).
const (
	futexWait, futexWake          = 0, 1
	futexRequeue, futexCmpRequeue = 3, 4
	futexLockPI, futexLockPI2     = 6, 13
	futexWaitBits, futexWakeBits  = 9, 10
	futexFlags                    = 128 | 256 // private, real time
)

// futex is that of a thread which is alone.
func (c *calling) futex(a [6]uint64) (uint64, error) {
	switch a[1] &^ futexFlags {
	case futexWake, futexWakeBits, futexRequeue, futexCmpRequeue:
		return 0, nil // nobody waits
	case futexWait, futexWaitBits:
		word := c.fetch(a[0], make([]byte, 4))
		switch {
		case len(word) < 4:
			return 0, unix.EFAULT
		case binary.LittleEndian.Uint32(word) != uint32(a[2]):
			return 0, unix.EAGAIN
		case a[3] != 0: // a timeout
			return 0, unix.ETIMEDOUT
		}
	case futexLockPI, futexLockPI2:
	default:
		return 0, unix.ENOSYS
	}
	return 0, fmt.Errorf("the called code waits for another thread at %#x, such as for the end of a lock, and no other runs in the copy; "+
		"call it at a time when nobody holds the lock", a[0])
}

// now is a time in nanoseconds. It begins with the recording, and goes on by a
// microsecond whenever somebody looks.
func (c *calling) now() uint64 {
	c.looks++
	return uint64(c.rec.Manifest().Started.UnixNano()) + 1000*c.looks
}

// tell stores the time as seconds and a fraction in units of so many nanoseconds.
func (c *calling) tell(at, unit uint64) (uint64, error) {
	now := c.now()
	p := binary.LittleEndian.AppendUint64(nil, now/1e9)
	return 0, c.store(at, binary.LittleEndian.AppendUint64(p, now%1e9/unit))
}

// seconds is time.
func (c *calling) seconds(a [6]uint64) (uint64, error) {
	now := c.now() / 1e9
	if a[0] == 0 {
		return now, nil
	}
	return now, c.store(a[0], binary.LittleEndian.AppendUint64(nil, now))
}

// getRandom is getrandom of bytes that are the same in every call.
func (c *calling) getRandom(a [6]uint64) (uint64, error) {
	p := make([]byte, min(a[1], 64<<10))
	c.random.Read(p)
	return uint64(len(p)), c.store(a[0], p)
}
