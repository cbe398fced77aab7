package adapter

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"stepback/recorder/trace"
	"stepback/replayer"
)

// History is what the log tells without being replayed.
type History struct {
	Events uint64
	// Images are what the recorded programs had loaded, at any time.
	Images []*Image
	// Last is the last event at which the program was not ending yet: the end of
	// history, for who stands there, is the end of the slice behind it.
	Last uint64
	// Ended says how it ended: "killed by SIGSEGV", "exit status 0".
	Ended string
	// Crash is the number of the fatal signal's event at the end, 0 for none.
	Crash uint64

	threads map[int]*threadInfo
	signals []signalEvent
	turns   turns
	idle    map[uint64]bool // events that leave their thread as it is: it lost its turn
}

// Image is what an address space had loaded. Copies of a process share it.
type Image struct {
	PIDs []int
	Name string // of the program
	Maps []replayer.Mapping
}

type threadInfo struct {
	pid   int
	name  string // of the program
	first uint64 // event
	last  uint64 // event, 0 if it was never gone
}

type signalEvent struct {
	event uint64
	tid   int
	text  string
	info  *trace.SignalInfo
}

// readHistory goes through the log.
func readHistory(ctx context.Context, rec *trace.Recording) (*History, error) {
	h := &History{Events: rec.Len(), threads: map[int]*threadInfo{}, idle: map[uint64]bool{}}
	cursor, err := rec.Events(0)
	if err != nil {
		return nil, err
	}
	b := historyBuilder{History: h, spaces: map[uint32]*Image{}, space: map[int]uint32{}, objects: map[uint32]trace.Hash{}}
	var e trace.Event
	for n := uint64(0); ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		err := cursor.Next(&e)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		b.event(n, &e)
	}
	h.Ended = endText(rec)
	return h, nil
}

// endText says how the recorded program ended.
func endText(rec *trace.Recording) string {
	f := rec.Footer()
	switch {
	case rec.Damage() != nil:
		return "the recording is damaged behind it: " + rec.Damage().Error()
	case f == nil:
		return "the recording ends here, since the recorder was killed or still runs"
	case f.Reason != "":
		return "the recording was stopped here"
	}
	w := unix.WaitStatus(f.Status)
	if w.Signaled() {
		return "killed by " + signalName(int(w.Signal()))
	}
	return fmt.Sprintf("exit status %d", w.ExitStatus())
}

// historyBuilder follows address spaces through the log.
type historyBuilder struct {
	*History
	spaces  map[uint32]*Image
	space   map[int]uint32 // of threads
	objects map[uint32]trace.Hash
}

func (b *historyBuilder) event(n uint64, e *trace.Event) {
	b.turns.add(n, e.TID)
	if !ending(e) {
		b.Last, b.Crash = n, 0
	}
	switch e.Kind {
	case trace.Signal:
		b.signals = append(b.signals, signalEvent{n, e.TID, signalText(e), cloneSignal(e.Signal)})
		if e.Signal.Disposition == trace.Fatal {
			b.Crash = n
		}
	case trace.Exec:
		b.exec(n, e)
	case trace.Thread:
		b.thread(n, e)
	case trace.Preempt:
		b.idle[n] = true
	case trace.Exit:
		if t := b.threads[e.TID]; t != nil {
			t.last = n
		}
	}
	for i := range e.Ops {
		b.op(e, &e.Ops[i])
	}
}

// cloneSignal is a copy that outlives the cursor's event.
func cloneSignal(i *trace.SignalInfo) *trace.SignalInfo {
	c := *i
	c.Info = slices.Clone(i.Info)
	return &c
}

// ending reports whether an event is part of the end of a thread.
func ending(e *trace.Event) bool {
	switch e.Kind {
	case trace.Exit:
		return true
	case trace.Signal:
		return e.Signal.Disposition == trace.Fatal
	case trace.Enter, trace.Syscall:
		return e.Before.OrigRax == unix.SYS_EXIT_GROUP || e.Before.OrigRax == unix.SYS_EXIT
	}
	return false
}

func (b *historyBuilder) exec(n uint64, e *trace.Event) {
	name := filepath.Base(e.Thread.Name)
	i := &Image{PIDs: []int{e.Thread.PID}, Name: name}
	b.Images = append(b.Images, i)
	b.spaces[e.Thread.Space], b.space[e.TID] = i, e.Thread.Space
	if t := b.threads[e.TID]; t != nil {
		t.name = name
		return
	}
	b.threads[e.TID] = &threadInfo{pid: e.Thread.PID, name: name, first: n}
}

func (b *historyBuilder) thread(n uint64, e *trace.Event) {
	t := &threadInfo{pid: e.Thread.PID, first: n}
	if parent := b.threads[e.Thread.Parent]; parent != nil {
		t.name = parent.name
	}
	b.threads[e.TID], b.space[e.TID] = t, e.Thread.Space
	from := b.spaces[b.space[e.Thread.Parent]]
	if !e.Thread.Fork || from == nil {
		return
	}
	// The copy goes its own way from here on.
	i := &Image{PIDs: []int{t.pid}, Name: from.Name, Maps: slices.Clone(from.Maps)}
	b.spaces[e.Thread.Space] = i
	b.Images = append(b.Images, i)
}

// op notes which files are mapped to be executed.
func (b *historyBuilder) op(e *trace.Event, o *trace.Op) {
	switch o.Kind {
	case trace.OpObject:
		b.objects[o.Object] = o.Blob
	case trace.OpMap:
		space := o.Space
		if space == 0 {
			space = b.space[e.TID]
		}
		i := b.spaces[space]
		m := replayer.Mapping{Start: o.Addr, End: o.Addr + o.Len, Prot: o.Prot, Name: o.Name, Blob: o.Blob, Offset: o.Offset}
		if o.Object != 0 {
			m.Blob = b.objects[o.Object]
		}
		if i != nil && !m.Blob.IsZero() {
			i.Maps = append(i.Maps, m)
		}
	}
}

// threadName is how a thread is called.
func (h *History) threadName(tid int) string {
	t := h.threads[tid]
	switch {
	case t == nil:
		return fmt.Sprintf("thread %d", tid)
	case tid == t.pid:
		return fmt.Sprintf("%s (process %d)", t.name, tid)
	}
	return fmt.Sprintf("%s (thread %d of process %d)", t.name, tid, t.pid)
}

// turns are which thread's events follow each other. When there are too many to
// keep, short ones are joined to their neighbours.
type turns struct {
	list  []turn
	least uint64 // events that a turn has
}

type turn struct {
	from uint64
	tid  int
}

const maxTurns = 1 << 16

func (t *turns) add(n uint64, tid int) {
	if len(t.list) > 0 {
		last := &t.list[len(t.list)-1]
		if last.tid == tid || n-last.from < t.least {
			return
		}
	}
	t.list = append(t.list, turn{n, tid})
	if len(t.list) < maxTurns {
		return
	}
	t.least = max(2*t.least, 2)
	kept := t.list[:1]
	for _, u := range t.list[1:] {
		if last := kept[len(kept)-1]; u.tid != last.tid && u.from-last.from >= t.least {
			kept = append(kept, u)
		}
	}
	t.list = kept
}
