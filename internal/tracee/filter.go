package tracee

import (
	"encoding/binary"
	"fmt"
	"math"

	"golang.org/x/sys/unix"
)

// A seccomp filter as classic BPF (include/uapi/linux/filter.h). Conditional
// jumps go to the next instruction when they hold, else to a label.
type filter []unix.SockFilter

// Offsets in struct seccomp_data (include/uapi/linux/seccomp.h).
const (
	dataNr     = 0
	dataArg0   = 16 // low half
	dataArch   = 4
	dataIPLow  = 8
	dataIPHigh = 12
)

func (f *filter) load(offset uint32) { *f = append(*f, unix.SockFilter{Code: 0x20, K: offset}) }

// ifEqual runs body when the loaded word equals k.
func (f *filter) ifEqual(k uint32, body func()) {
	at := len(*f)
	*f = append(*f, unix.SockFilter{Code: 0x15, K: k})
	body()
	(*f)[at].Jf = uint8(len(*f) - at - 1)
}

func (f *filter) ret(action uint32) { *f = append(*f, unix.SockFilter{Code: 0x06, K: action}) }

// recordFilter stops at every system call but those of the gadget. A call
// through the 32-bit gate becomes a signal.
func recordFilter() filter {
	var f filter
	f.load(dataArch)
	f.ifEqual(unix.AUDIT_ARCH_X86_64, func() {
		f.load(dataIPLow)
		f.ifEqual(gadgetNext, func() {
			f.load(dataIPHigh)
			f.ifEqual(0, func() { f.ret(unix.SECCOMP_RET_ALLOW) })
		})
		f.ret(unix.SECCOMP_RET_TRACE)
	})
	f.ret(unix.SECCOMP_RET_TRAP)
	return f
}

// replayCalls are the only system calls that a replay task can make, and only
// at the gadget: mapping memory, taking a descriptor to map from the engine's
// socket, and forking.
var replayCalls = []uint32{
	unix.SYS_MMAP, unix.SYS_MUNMAP, unix.SYS_MPROTECT, unix.SYS_MREMAP, unix.SYS_MADVISE,
	unix.SYS_RECVMSG, unix.SYS_CLOSE,
}

// forkFlags are the only flags with which a replay task can be cloned: a plain
// fork, as a sibling, so that the copy has one parent, its tracer, which reaps
// it. No copy escapes the tracer.
const forkFlags = unix.CLONE_PARENT | uint32(unix.SIGCHLD)

// replayFilter enforces that replay touches nothing. The legacy vsyscall page,
// which the kernel emulates without a system-call stop, is handed to the
// engine.
func replayFilter() filter {
	var f filter
	f.load(dataArch)
	f.ifEqual(unix.AUDIT_ARCH_X86_64, func() {
		f.load(dataIPHigh)
		f.ifEqual(math.MaxUint32, func() { f.ret(unix.SECCOMP_RET_TRACE) })
		f.ifEqual(0, func() {
			f.load(dataIPLow)
			f.ifEqual(gadgetNext, func() {
				f.load(dataNr)
				for _, nr := range replayCalls {
					f.ifEqual(nr, func() { f.ret(unix.SECCOMP_RET_ALLOW) })
				}
				f.ifEqual(unix.SYS_CLONE, func() {
					f.load(dataArg0)
					f.ifEqual(forkFlags, func() {
						f.load(dataArg0 + 4)
						f.ifEqual(0, func() { f.ret(unix.SECCOMP_RET_ALLOW) })
					})
				})
			})
		})
	})
	f.ret(unix.SECCOMP_RET_KILL_PROCESS)
	return f
}

// FilterRecord installs the recorder's seccomp filter in the thread. The
// engine's data pages must be mapped.
func (r *Remote) FilterRecord() error { return r.install(recordFilter()) }

// FilterReplay installs the replayer's seccomp filter in the thread. The
// engine's data pages must be mapped.
func (r *Remote) FilterReplay() error { return r.install(replayFilter()) }

// specAllow keeps the filter from slowing the program down: before Linux 5.16
// a filter also switched speculation off.
const specAllow = unix.SECCOMP_FILTER_FLAG_SPEC_ALLOW

func (r *Remote) install(f filter) error {
	// struct sock_fprog, then the program.
	const program = Data + 16
	p := binary.LittleEndian.AppendUint64(nil, uint64(len(f)))
	p = binary.LittleEndian.AppendUint64(p, program)
	for _, in := range f {
		p = binary.LittleEndian.AppendUint16(p, in.Code)
		p = append(p, in.Jt, in.Jf)
		p = binary.LittleEndian.AppendUint32(p, in.K)
	}
	if err := r.t.WriteMem(Data, p); err != nil {
		return err
	}
	_, err := r.Call(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, specAllow, Data)
	if err == unix.EACCES {
		// Without CAP_SYS_ADMIN a filter needs the promise to gain no privileges.
		if _, err := r.Call(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1); err != nil {
			return fmt.Errorf("giving up privileges for the seccomp filter: %w", err)
		}
		_, err = r.Call(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, specAllow, Data)
	}
	if err != nil {
		return fmt.Errorf("installing the seccomp filter: %w", err)
	}
	return nil
}

// MapArea maps the engine's area into a process that does not have it, or only
// its code page, at the thread's own pc when bootstrap is set.
func (r *Remote) MapArea(bootstrap bool) error {
	if !bootstrap {
		return r.mapAt(r.Call, Data, DataSize, unix.PROT_READ|unix.PROT_WRITE)
	}
	// One call is made the hard way; then there is a gadget.
	if err := r.mapAt(r.Bootstrap, AreaStart, AreaSize, unix.PROT_READ|unix.PROT_EXEC); err != nil {
		return err
	}
	if err := r.t.ForceMem(AreaStart, codePage); err != nil {
		return err
	}
	_, err := r.Call(unix.SYS_MPROTECT, Data, DataSize, unix.PROT_READ|unix.PROT_WRITE)
	return err
}

// mapAt maps anonymous memory at an address where nothing may be yet.
func (r *Remote) mapAt(call func(uint64, ...uint64) (uint64, error), addr, size, prot uint64) error {
	const flags = unix.MAP_PRIVATE | unix.MAP_ANONYMOUS | unix.MAP_FIXED_NOREPLACE
	got, err := call(unix.SYS_MMAP, addr, size, prot, flags, ^uint64(0), 0)
	if err == nil && got != addr {
		err = unix.EEXIST
	}
	if err != nil {
		return fmt.Errorf("mapping the engine's area at %#x: %w", addr, err)
	}
	return nil
}
