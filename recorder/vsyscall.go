package recorder

import (
	"encoding/binary"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"stepback/recorder/trace"
)

// vsyscall answers a call of the legacy vsyscall page, which the kernel would
// emulate without a stop at its exit.
func (r *recorder) vsyscall(t *thread) error {
	c := &t.call
	c.open = false
	e := r.begin(trace.Syscall, t)
	e.Before, e.Vector, e.After = c.regs, c.vector, c.regs
	now := time.Now()
	le := binary.LittleEndian
	result := uint64(0)
	put := func(addr uint64, data []byte) {
		if addr == 0 {
			return
		}
		if t.stopped.WriteMem(addr, data) != nil {
			result = ^uint64(unix.EFAULT) + 1
			return
		}
		e.Writes = append(e.Writes, trace.Write{Addr: addr, Data: data})
	}
	a := c.regs.Args()
	switch c.regs.OrigRax {
	case unix.SYS_GETTIMEOFDAY:
		put(a[0], le.AppendUint64(le.AppendUint64(nil, uint64(now.Unix())), uint64(now.Nanosecond()/1000)))
		put(a[1], make([]byte, 8))
	case unix.SYS_TIME:
		put(a[0], le.AppendUint64(nil, uint64(now.Unix())))
		if result == 0 {
			result = uint64(now.Unix())
		}
	case unix.SYS_GETCPU:
		put(a[0], le.AppendUint32(nil, uint32(r.s.CPU())))
		put(a[1], make([]byte, 4))
	default:
		return fmt.Errorf("vsyscall %d is not known", c.regs.OrigRax)
	}
	if err := r.s.LeaveVsyscall(t.stopped, &e.After, result); err != nil {
		return err
	}
	r.append(t)
	return nil
}
