package replayer

import (
	"fmt"
	"slices"

	"stepback/internal/tracee"
	"stepback/internal/x86"
	"stepback/recorder/trace"
	"stepback/replayer/condition"
	"stepback/replayer/translator"
)

// Data is memory that a probe looks at. The zero value is none.
type Data struct {
	Addr, Size    uint64
	Reads, Writes bool // at least one of them
}

func (d *Data) end() uint64 { return d.Addr + d.Size }

// touched reports whether n bytes at addr have to do with it.
func (d *Data) touched(addr, n uint64) bool { return addr < d.end() && d.Addr < addr+n }

func (d *Data) kinds() (k x86.Access) {
	if d.Reads {
		k |= x86.Reads
	}
	if d.Writes {
		k |= x86.Writes
	}
	return k
}

// observe makes the translated code observe the data of the probes.
func (s *search) observe() {
	b := &s.breaks
	b.watch = nil
	hull := translator.Access{Addr: userEnd, Ask: true}
	end, size, pids := uint64(0), 0, map[int]bool{}
	for i := range s.probes {
		p := &s.probes[i]
		d := &p.Data
		if d.Size == 0 {
			continue
		}
		pids[p.PID] = true
		s.asks = s.asks || p.When != nil
		a := translator.Access{Addr: d.Addr, Size: d.Size, Kinds: d.kinds(), If: p.If}
		if p.TID != 0 {
			a.If = condition.Both(condition.Is(condition.Expr{Op: condition.ThreadID}, uint64(p.TID)), a.If)
		}
		if size++; a.If != nil {
			size += a.If.Size() / 8
		}
		b.observe = append(b.observe, a)
		hull.Addr, end, hull.Kinds = min(hull.Addr, d.Addr), max(end, d.end()), hull.Kinds|a.Kinds
	}
	if size > translator.MaxObserved {
		hull.Size = end - hull.Addr
		b.observe = []translator.Access{hull}
	}
	switch {
	case len(pids) > 1 || len(b.at) > 0:
		s.asks = true
	case !pids[0]:
		b.outside = func(k *task) bool {
			for pid := range pids {
				return !s.r.has(k.space, pid)
			}
			return false
		}
	}
}

func (d *Data) check() error {
	switch {
	case !d.Reads && !d.Writes:
		return fmt.Errorf("neither reads nor writes of the data at %#x are asked for", d.Addr)
	case d.Size == 0 || d.Addr > userEnd || d.Size > userEnd-d.Addr:
		return fmt.Errorf("%d bytes at %#x are no memory of a program", d.Size, d.Addr)
	}
	return nil
}

// watchpoints are debug registers for all the data, and those of each probe as bits.
// ok is false when they cannot do it.
func watchpoints(probes []Probe) (list []tracee.Watchpoint, of []uint, ok bool) {
	of = make([]uint, len(probes))
	for i := range probes {
		d := probes[i].Data
		if d.Size == 0 {
			continue
		}
		if !d.Writes || probes[i].conditional() {
			return nil, nil, false // they know no reads alone, and tell when it is over
		}
		for at := d.Addr; at < d.end(); {
			size := uint64(8)
			for at%size != 0 || at+size > d.end() {
				size /= 2
			}
			w := tracee.Watchpoint{Addr: at, Len: int(size), Reads: d.Reads}
			n := slices.Index(list, w)
			if n < 0 {
				n = len(list)
				list = append(list, w)
			}
			if len(list) > tracee.Watchpoints {
				return nil, nil, false
			}
			of[i] |= 1 << n
			at += size
		}
	}
	return list, of, true
}

// actor is whose an event was. The thread may be gone when it has happened.
type actor struct {
	pid   int
	space uint32
}

// touchedBy reports whether an event that has happened, by the kernel's hand,
// changed the data in the memory of a process that the probe admits.
func (r *replay) touchedBy(e *trace.Event, p *Probe) bool {
	d := &p.Data
	if d.Size == 0 || !d.Writes {
		return false
	}
	changed := func(space uint32, addr, n uint64) bool {
		if space == 0 {
			space = r.actor.space
		}
		return d.touched(addr, n) && (p.PID == 0 || p.PID == r.actor.pid && space == r.actor.space || r.has(space, p.PID))
	}
	for i := range e.Writes {
		w := &e.Writes[i]
		if w.Addr < d.end() && changed(w.Space, w.Addr, r.length(w.Data, w.Blob)) {
			return true
		}
	}
	for i := range e.Ops {
		switch o := &e.Ops[i]; o.Kind {
		case trace.OpMap, trace.OpAdvise:
			if o.Kind == trace.OpAdvise && atForkOnly(o) {
				continue
			}
			if changed(o.Space, o.Addr, o.Len) {
				return true
			}
		case trace.OpRemap:
			if changed(o.Space, o.NewAddr, o.NewLen) {
				return true
			}
		case trace.OpStore:
			n := r.length(o.Data, o.Blob)
			for _, k := range r.tasks {
				for _, m := range k.maps.Overlapping(d.Addr, d.end()) {
					if m.Object == o.Object && o.Offset < m.Offset+m.End-m.Start && m.Offset < o.Offset+n &&
						changed(k.space, m.Start+o.Offset-m.Offset, n) {
						return true
					}
				}
			}
		}
	}
	return false
}

// atForkOnly reports whether an advice changes nothing but what a fork gets.
func atForkOnly(o *trace.Op) bool {
	_, ok := atFork[o.Flags]
	return ok
}

// has reports whether a process has an address space.
func (r *replay) has(space uint32, pid int) bool {
	for _, t := range r.threads {
		if t.pid == pid && t.task.space == space {
			return true
		}
	}
	return false
}

// length is that of the content of a write or store.
func (r *replay) length(data []byte, blob trace.Hash) uint64 {
	if blob.IsZero() {
		return uint64(len(data))
	}
	f, err := r.rec.Blob(blob)
	if err != nil {
		return 0 // applying the event has failed, too
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	return uint64(info.Size())
}
