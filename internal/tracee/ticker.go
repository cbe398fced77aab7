package tracee

import (
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// tickSignal ends the waiting of the session's thread. Nobody else uses it: the
// Go runtime has a handler for it, which does nothing.
const tickSignal = unix.Signal(62)

// Ticker wakes the session's thread while it waits for a tracee (WaitOrTick),
// with a timer of the kernel. A tick that comes while the thread does something
// else is lost; the next one is not far.
type Ticker struct {
	id     int32
	period time.Duration // 0 while it is off
}

// sigevent is the kernel's struct sigevent (include/uapi/asm-generic/siginfo.h).
type sigevent struct {
	value          uint64
	signal, notify int32
	tid            int32
	_              [44]byte
}

// NewTicker makes a ticker for the calling session, which is off.
func (s *Session) NewTicker() (*Ticker, error) {
	const (
		sigevThreadID = 4
		saRestart     = 0x10000000
	)
	// With SA_RESTART the kernel would go on waiting.
	if err := changeAction(tickSignal, 0, saRestart); err != nil {
		return nil, err
	}
	// Whoever started us may have blocked it. Programs that the session spawns
	// get what the Go runtime has inherited.
	mask := uint64(1) << (tickSignal - 1)
	if _, _, e := unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_UNBLOCK, uintptr(unsafe.Pointer(&mask)), 0, 8, 0, 0); e != 0 {
		return nil, fmt.Errorf("unblocking signal %d: %w", tickSignal, e)
	}
	t := new(Ticker)
	ev := sigevent{signal: int32(tickSignal), notify: sigevThreadID, tid: int32(unix.Gettid())}
	if _, _, e := unix.RawSyscall(unix.SYS_TIMER_CREATE, unix.CLOCK_MONOTONIC, uintptr(unsafe.Pointer(&ev)), uintptr(unsafe.Pointer(&t.id))); e != 0 {
		return nil, fmt.Errorf("making a timer: %w", e)
	}
	return t, nil
}

// Set makes the ticker tick with a period, 0 for not at all. It costs nothing
// if that is what it does.
func (t *Ticker) Set(period time.Duration) {
	if period == t.period {
		return
	}
	t.period = period
	spec := [2]unix.Timespec{unix.NsecToTimespec(int64(period)), unix.NsecToTimespec(int64(period))}
	// It cannot fail: the timer is there, and the time is valid.
	unix.RawSyscall6(unix.SYS_TIMER_SETTIME, uintptr(t.id), 0, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
}

// Close removes the timer.
func (t *Ticker) Close() { unix.RawSyscall(unix.SYS_TIMER_DELETE, uintptr(t.id), 0, 0) }

// WaitOrTick is Wait that ends at a tick as well.
func (s *Session) WaitOrTick(tid int) (stop Stop, ticked bool, err error) {
	stop, ok, err := wait(tid, untilTick)
	return stop, !ok && err == nil, err
}

// Interrupt makes the thread stop (TrapStop) before its next instruction,
// unless something else stops it first.
func (r Running) Interrupt() error {
	return Stopped(r).err("interrupting", interrupt(r.tid))
}
