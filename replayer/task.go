package replayer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// task is the kernel task of a recorded address space.
type task struct {
	space   uint32
	stopped tracee.Stopped
	threads int
	held    tracee.Regs // what the kernel holds as the task's registers, while loaded
	loaded  bool
	maps    memmap.Map // as recorded
	code    *view      // the translated executor's, nil until it runs there
	watched int        // version of the breaks whose watchpoints it has, 0 for none
	fds     map[source]uint64
}

// memory is the list of what the program has mapped: as recorded, and where its stack has
// grown.
func (t *task) memory() (memmap.Map, error) {
	all := t.maps.Clone()
	list, err := tracee.ReadMaps(t.stopped.TID())
	if err != nil {
		return all, err
	}
	for _, m := range list {
		// A stack grows below a mapping; the engine's memory lies apart.
		above, ok := all.Find(m.End - 1)
		if ok && above.Start > m.Start && len(all.Overlapping(m.Start, above.Start)) == 0 && !above.Shared {
			all.Add(memmap.Mapping{Start: m.Start, End: above.Start, Prot: above.Prot, Name: above.Name})
		}
	}
	return all, nil
}

// extent is how much of n bytes at addr the program has.
func (t *task) extent(addr, n uint64) (have uint64, err error) {
	all, err := t.memory()
	for err == nil && have < n {
		m, ok := all.Find(addr + have)
		if !ok {
			break
		}
		have = min(n, m.End-addr)
	}
	return have, err
}

// source names content that a task maps: a blob or a shared object.
type source struct {
	blob   trace.Hash
	object uint32
	file   *os.File // the engine's own
}

// socketFD is the engine's socket in every task.
const socketFD = 0

// maxFDs is how many descriptors of content a task keeps open.
const maxFDs = 256

// factory makes tasks.
type factory struct {
	s        *tracee.Session
	template *task
	socket   int // the engine's end
}

// newFactory starts the template: a process that has the engine's area only,
// faults at rdtsc (and at cpuid if the recorded program did), and can do
// nothing but what its filter allows.
func newFactory(s *tracee.Session, trapCPUID bool) (*factory, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("making the engine's socket: %w", err)
	}
	theirs := os.NewFile(uintptr(pair[1]), "engine")
	defer theirs.Close()
	f := &factory{s: s, socket: pair[0]}
	stub, err := s.Spawn(tracee.SpawnConfig{Dir: "/", Files: []*os.File{theirs}, Apart: true})
	if err != nil {
		f.close()
		return nil, err
	}
	f.template = &task{stopped: stub, fds: map[source]uint64{}}
	if err := f.prepare(trapCPUID); err != nil {
		f.close()
		return nil, fmt.Errorf("preparing the replay task: %w", err)
	}
	return f, nil
}

// archReqXcompPerm asks for the AMX tiles, whose state is large
// (arch/x86/include/uapi/asm/prctl.h); a processor without them refuses.
const (
	archReqXcompPerm = 0x1023
	xfeatureTileData = 18
)

func (f *factory) prepare(trapCPUID bool) error {
	rc, err := f.s.Remote(f.template.stopped, nil)
	if err != nil {
		return err
	}
	if err := rc.MapArea(false); err != nil {
		return err
	}
	if _, err := rc.Call(unix.SYS_PRCTL, unix.PR_SET_TSC, unix.PR_TSC_SIGSEGV); err != nil {
		return fmt.Errorf("trapping rdtsc: %w", err)
	}
	if trapCPUID {
		if _, err := rc.Call(unix.SYS_ARCH_PRCTL, tracee.ArchSetCPUID, 0); err != nil {
			return fmt.Errorf("trapping cpuid, as in the recording: %w", err)
		}
	}
	var errno unix.Errno
	if _, err := rc.Call(unix.SYS_ARCH_PRCTL, archReqXcompPerm, xfeatureTileData); err != nil && !errors.As(err, &errno) {
		return err
	}
	// Nothing else that this program has open belongs there.
	if _, err := rc.Call(unix.SYS_CLOSE_RANGE, socketFD+1, math.MaxUint32, 0); err != nil && err != unix.ENOSYS {
		return fmt.Errorf("closing descriptors: %w", err)
	}
	maps, err := tracee.ReadMaps(f.template.stopped.TID())
	if err != nil {
		return err
	}
	for _, m := range maps {
		if m.Start >= tracee.AreaStart && m.End <= tracee.AreaEnd || m.Name == "[vsyscall]" {
			continue
		}
		if _, err := rc.Call(unix.SYS_MUNMAP, m.Start, m.End-m.Start); err != nil {
			return fmt.Errorf("unmapping %s: %w", m.Name, err)
		}
	}
	return rc.FilterReplay()
}

// close ends the template.
func (f *factory) close() error {
	unix.Close(f.socket)
	if f.template == nil {
		return nil
	}
	return f.s.Engine(f.template.stopped).Kill()
}

// fork copies a task for another address space.
func (f *factory) fork(t *task, space uint32) (*task, error) {
	t.loaded = false
	stopped, err := f.s.Engine(t.stopped).Fork()
	if err != nil {
		return nil, err
	}
	n := &task{space: space, stopped: stopped, maps: t.maps.Clone(), fds: make(map[source]uint64, len(t.fds))}
	for k, v := range t.fds {
		n.fds[k] = v
	}
	return n, nil
}

func (f *factory) kill(t *task) error { return f.s.Engine(t.stopped).Kill() }

// call makes the task execute a system call for the engine.
func (f *factory) call(t *task, nr uint64, args ...uint64) (uint64, error) {
	t.loaded = false
	return f.s.Engine(t.stopped).Call(nr, args...)
}

// descriptor gives the task a descriptor of the file, and returns its number there.
func (f *factory) descriptor(t *task, of source, file *os.File) (uint64, error) {
	if fd, ok := t.fds[of]; ok {
		return fd, nil
	}
	if len(t.fds) >= maxFDs {
		for k, fd := range t.fds {
			if _, err := f.call(t, unix.SYS_CLOSE, fd); err != nil {
				return 0, fmt.Errorf("closing a descriptor: %w", err)
			}
			delete(t.fds, k)
		}
	}
	if err := unix.Sendmsg(f.socket, []byte{0}, unix.UnixRights(int(file.Fd())), nil, 0); err != nil {
		return 0, fmt.Errorf("passing a descriptor: %w", err)
	}
	// In the task's data pages: struct msghdr, its iovec, room for the byte,
	// and the control message.
	const msg, iov, byteAt, control, controlLen = tracee.Data, tracee.Data + 64, tracee.Data + 80, tracee.Data + 96, 24
	var m [control + controlLen - msg]byte
	le := binary.LittleEndian
	le.PutUint64(m[16:], iov)
	le.PutUint64(m[24:], 1)
	le.PutUint64(m[32:], control)
	le.PutUint64(m[40:], controlLen)
	le.PutUint64(m[iov-msg:], byteAt)
	le.PutUint64(m[iov-msg+8:], 1)
	if err := t.stopped.WriteMem(msg, m[:]); err != nil {
		return 0, err
	}
	if _, err := f.call(t, unix.SYS_RECVMSG, socketFD, msg, 0); err != nil {
		return 0, fmt.Errorf("taking a descriptor: %w", err)
	}
	if err := t.stopped.ReadMem(msg, m[:]); err != nil {
		return 0, err
	}
	fd := uint64(le.Uint32(m[control-msg+16:]))
	t.fds[of] = fd
	return fd, nil
}

// write puts content into the task's memory as the kernel did.
func (f *factory) write(t *task, addr uint64, data []byte) error {
	if touchesArea(addr, uint64(len(data))) {
		return errEngineArea
	}
	err := t.stopped.WriteMem(addr, data)
	var m *tracee.MemoryError
	if !errors.As(err, &m) {
		return err
	}
	// The kernel's write had made the stack grow; here the program must.
	first := memmap.PageDown(m.Addr)
	for page := first; page < m.Addr+uint64(m.Len); page += memmap.PageSize {
		t.loaded = false
		if ok, terr := f.s.Engine(t.stopped).Touch(page); terr != nil || !ok {
			if terr != nil {
				return terr
			}
			// Not writable for the program either.
			return t.stopped.ForceMem(m.Addr, data[m.Addr-addr:])
		}
	}
	return t.stopped.WriteMem(m.Addr, data[m.Addr-addr:])
}
