package recorder

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// image prepares the new program of t, which stands at the exit of its exec,
// for recording, and puts all of its memory in the event.
func (r *recorder) image(t *thread, e *trace.Event) error {
	if err := t.stopped.Regs(&e.After); err != nil {
		return err
	}
	// The last Enter is what the thread did before.
	e.Before = t.after
	rc, err := r.remote(t)
	if err != nil {
		return err
	}
	if err := rc.MapArea(true); err != nil {
		return fmt.Errorf("preparing %s: %w", programName(t.tid), err)
	}
	if err := r.trapInstructions(rc.Remote); err != nil {
		return err
	}
	maps, err := tracee.ReadMaps(t.tid)
	if err != nil {
		return err
	}
	var kept []memmap.Mapping
	for _, v := range maps {
		switch {
		case strings.HasPrefix(v.Name, "[vvar"), v.Name == "[vdso]":
			// Without them the C library makes real system calls.
			if _, err := rc.Call(unix.SYS_MUNMAP, v.Start, v.End-v.Start); err != nil {
				return fmt.Errorf("unmapping %s: %w", v.Name, err)
			}
		case v.Name == "[vsyscall]", v.Start >= tracee.AreaStart && v.End <= tracee.AreaEnd:
		default:
			kept = append(kept, newMapping(v))
		}
	}
	if err := rc.Restore(); err != nil {
		return err
	}
	e.After.OrigRax = ^uint64(0)
	if err := hideVDSO(t.stopped, e.After.Rsp); err != nil {
		return err
	}
	if err := r.takeXState(t.stopped, e); err != nil {
		return err
	}
	e.Thread.Name = programName(t.tid)
	e.Thread.Args = programArgs(t.tid)
	limit, err := stackLimit(t.tid)
	if err != nil {
		return err
	}
	e.Ops = append(e.Ops, trace.Op{Kind: trace.OpLimit, Len: limit})
	for _, v := range kept {
		if err := r.imageMapping(t, e, v); err != nil {
			return err
		}
	}
	return nil
}

// imageMapping adds one mapping of the new program and the pages in which it
// differs from its file.
func (r *recorder) imageMapping(t *thread, e *trace.Event, v memmap.Mapping) error {
	op := trace.Op{Flags: unix.MAP_PRIVATE | unix.MAP_NORESERVE}
	if v.Shared {
		op.Flags = unix.MAP_SHARED
	}
	if v.Name == "[stack]" {
		op.Flags |= unix.MAP_GROWSDOWN
	}
	if v.File == (memmap.FileID{}) {
		t.space.add(e, op, v)
		return r.imagePages(t, e, v, true)
	}
	if v.Shared || !r.mapKnown(t, e, op, v, fmt.Sprintf("/proc/%d/root%s", t.tid, v.Name)) {
		f, err := openMapped(t.tid, v)
		if err != nil {
			return r.mapContent(t, e, op, v)
		}
		defer f.Close()
		if err := r.mapOpen(t, e, op, v, f, v.Shared); err != nil {
			return err
		}
	}
	if v.Prot&unix.PROT_WRITE == 0 || v.Shared {
		return nil
	}
	return r.imagePages(t, e, v, false)
}

// imagePages adds the private pages of a mapping: those that the kernel has
// filled already. Of anonymous memory only pages with content count.
func (r *recorder) imagePages(t *thread, e *trace.Event, v memmap.Mapping, anonymous bool) error {
	own, err := tracee.PrivatePages(t.tid, v.Start, v.End)
	if err != nil {
		return err
	}
	for i, is := range own {
		if !is {
			continue
		}
		addr := v.Start + uint64(i)*memmap.PageSize
		data := r.room(memmap.PageSize)
		if err := t.stopped.ReadMem(addr, data); err != nil {
			return err
		}
		if anonymous && len(bytes.TrimLeft(data, "\x00")) == 0 {
			continue
		}
		if n := len(e.Writes); n > 0 && e.Writes[n-1].Addr+uint64(len(e.Writes[n-1].Data)) == addr && addr != v.Start {
			e.Writes[n-1].Data = append(e.Writes[n-1].Data, data...)
			continue
		}
		e.Writes = append(e.Writes, trace.Write{Addr: addr, Data: data})
	}
	return nil
}

// newMapping is a mapping of a new program.
func newMapping(m tracee.Mapping) memmap.Mapping {
	return memmap.Mapping{
		Start: m.Start, End: m.End, Prot: m.Prot, Shared: m.Shared,
		File: memmap.FileID{Dev: m.Dev, Ino: m.Ino}, Offset: m.Offset, Name: m.Name,
	}
}

// openMapped opens the file behind a mapping.
func openMapped(tid int, v memmap.Mapping) (*os.File, error) {
	for _, path := range []string{
		fmt.Sprintf("/proc/%d/map_files/%x-%x", tid, v.Start, v.End), // needs privileges
		fmt.Sprintf("/proc/%d/root%s", tid, v.Name),
		fmt.Sprintf("/proc/%d/exe", tid),
	} {
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		var st unix.Stat_t
		if unix.Fstat(int(f.Fd()), &st) == nil && st.Ino == v.File.Ino {
			return f, nil
		}
		f.Close()
	}
	return nil, fmt.Errorf("%s cannot be opened", v.Name)
}

// hideVDSO turns the entry of the auxiliary vector that tells the vDSO's
// address into one that is ignored.
func hideVDSO(s tracee.Stopped, sp uint64) error {
	const atNull, atIgnore, atSysinfoEhdr = 0, 1, 33
	var p [16]byte
	word := func() (uint64, error) {
		err := s.ReadMem(sp, p[:8])
		sp += 8
		return binary.LittleEndian.Uint64(p[:]), err
	}
	argc, err := word()
	if err != nil {
		return err
	}
	sp += 8 * (argc + 1)
	for v := uint64(1); v != 0; { // the environment
		if v, err = word(); err != nil {
			return err
		}
	}
	for {
		tag, err := word()
		if err != nil {
			return err
		}
		if tag == atNull {
			return nil
		}
		if tag == atSysinfoEhdr {
			return s.WriteMem(sp-8, []byte{atIgnore, 0, 0, 0, 0, 0, 0, 0})
		}
		sp += 8
	}
}

func programName(tid int) string {
	name, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", tid))
	if err != nil {
		return "the program"
	}
	return name
}

func programArgs(tid int) []string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", tid))
	if err != nil || len(b) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(b), "\x00"), "\x00")
}
