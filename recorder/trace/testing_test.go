package trace

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"stepback/internal/tracee"
)

// diff compares events. Empty and nil are the same, but not for XState.
func diff(want, got Event) string {
	for _, e := range []*Event{&want, &got} {
		if len(e.Writes) == 0 {
			e.Writes = nil
		}
		if len(e.Ops) == 0 {
			e.Ops = nil
		}
	}
	if reflect.DeepEqual(want, got) {
		return "" // much faster than cmp
	}
	other := func(p cmp.Path) bool { return p.Last().String() != ".XState" }
	return cmp.Diff(want, got, cmp.FilterPath(other, cmpopts.EquateEmpty()))
}

func testManifest() *Manifest {
	return &Manifest{
		Tool:     "stepback test",
		Started:  time.Date(2025, 3, 14, 15, 9, 26, 535897932, time.UTC),
		Program:  "/bin/dd",
		Args:     []string{"dd", "bs=1"},
		Env:      []string{"HOME=/root", "EMPTY="},
		Dir:      "/tmp",
		TID:      1000,
		CPU:      CPU{Vendor: "GenuineIntel", Model: "test", Features: []string{"avx", "bmi2"}, XCR0: 7, XStateSize: 832},
		Kernel:   "6.1.0",
		Hostname: "host",
	}
}

// randomEvents makes events of all kinds by a handful of threads.
func randomEvents(seed uint64, n int) []Event {
	r := rand.New(rand.NewPCG(seed, 1))
	g := generator{r}
	events := make([]Event, n)
	regs := map[int]tracee.Regs{}
	for i := range events {
		e := g.event(regs)
		regs[e.TID] = e.After
		events[i] = e
	}
	return events
}

type generator struct{ *rand.Rand }

func (g generator) chance(percent int) bool { return g.IntN(100) < percent }

// number has a random length in bits.
func (g generator) number() uint64 { return g.Uint64() >> g.IntN(65) }

func (g generator) data(max int) []byte {
	if g.chance(10) {
		return nil
	}
	b := make([]byte, 1+g.IntN(max))
	for i := range b {
		b[i] = byte(g.number())
	}
	return b
}

func (g generator) hash() (h Hash) {
	for i := range h {
		h[i] = byte(g.Uint32())
	}
	return h
}

// change changes a few registers.
func (g generator) change(r *tracee.Regs) {
	for range g.IntN(5) {
		r.Words()[g.IntN(tracee.NumRegs)] += g.number()
	}
}

func (g generator) event(regs map[int]tracee.Regs) Event {
	e := Event{Kind: Kind(1 + g.IntN(int(numKinds)-1)), TID: 1000 + g.IntN(6)}
	if g.chance(2) {
		e.TID = int(g.number())
	}
	e.Before = regs[e.TID]
	g.change(&e.Before)
	if g.chance(60) {
		e.Before.Rax, e.Before.Rcx, e.Before.R11 = enosys, e.Before.Rip, e.Before.Eflags
	}
	e.After = e.Before
	switch g.IntN(4) {
	case 0:
		g.change(&e.After)
	case 1, 2:
		e.After.Rax = g.number()
	}
	if g.chance(50) {
		e.Vector = g.number() & 3
	}
	if g.chance(5) {
		e.XState = g.data(2000)
		if e.XState == nil && g.chance(50) {
			e.XState = []byte{}
		}
	}
	for g.chance(15) {
		e.Ops = append(e.Ops, g.op())
	}
	for g.chance(40) {
		e.Writes = append(e.Writes, g.write(&e.Before))
	}
	e.Refused = g.chance(3)
	if e.Kind == Signal || g.chance(1) {
		e.Signal = &SignalInfo{Number: g.IntN(65), Disposition: Disposition(g.IntN(int(numDispositions))),
			Synchronous: g.chance(50), Info: g.data(128)}
	}
	if e.Kind == Thread || e.Kind == Exec || g.chance(1) {
		e.Thread = &ThreadInfo{Parent: g.IntN(2000), PID: e.TID - g.IntN(2), Space: g.Uint32(),
			Fork: g.chance(50), Name: string(g.data(20))}
		for g.chance(60) {
			e.Thread.Args = append(e.Thread.Args, string(g.data(20)))
		}
	}
	if e.Kind == Exit || g.chance(1) {
		e.Exit = &ExitInfo{Status: g.Uint32(), Killed: g.chance(50), Last: g.chance(50)}
	}
	if e.Kind == Preempt || g.chance(1) {
		e.Evidence = &Evidence{Exact: g.chance(20)}
		for g.chance(70) {
			e.Evidence.Words = append(e.Evidence.Words, Word{Addr: g.number() &^ 7, Value: g.number()})
			e.Evidence.Pages = append(e.Evidence.Pages, PageHash{Addr: g.number() &^ 4095, Hash: g.Uint64()})
		}
	}
	return e
}

func (g generator) op() Op {
	o := Op{Kind: OpKind(1 + g.IntN(int(numOpKinds)-1))}
	for _, p := range []*uint64{&o.Addr, &o.Len, &o.Offset, &o.NewAddr, &o.NewLen} {
		if g.chance(50) {
			*p = g.number()
		}
	}
	for _, p := range []*uint32{&o.Prot, &o.Flags, &o.Object} {
		if g.chance(50) {
			*p = uint32(g.number())
		}
	}
	if g.chance(20) {
		o.Blob = g.hash()
	}
	if g.chance(20) {
		o.Data = g.data(100)
	}
	return o
}

func (g generator) write(r *tracee.Regs) Write {
	w := Write{Addr: r.Words()[g.IntN(tracee.NumRegs)] + g.number(), Data: g.data(60)}
	if g.chance(40) {
		w.Addr = r.Rsi
	}
	if g.chance(10) {
		w.Space = uint32(g.number())
	}
	if g.chance(10) {
		w.Blob = g.hash()
	}
	return w
}

// ddEvents are the two events of each round of dd bs=1: read a byte, write it.
func ddEvents() (read, write Event) {
	regs := tracee.Regs{
		R15: 0x55d0c2a04010, R14: 1, R13: 0x7ffd8c3b1e50, R12: 1, Rbp: 1, Rbx: 0x55d0c2a06000,
		R11: 0x246, Rip: 0x7f3d5a91a7e2, Rcx: 0x7f3d5a91a7e2, Cs: 0x33, Eflags: 0x246,
		Rsp: 0x7ffd8c3b1d28, Ss: 0x2b, FsBase: 0x7f3d5a7f9740, Rdx: 1, Rsi: 0x55d0c2a06000,
		Rax: enosys,
	}
	read = Event{Kind: Syscall, TID: 4242, Before: regs, After: regs, Vector: 0x123456789abcdef0}
	read.After.Rax = 1
	read.Writes = []Write{{Addr: regs.Rsi, Data: []byte{0}}}

	regs.OrigRax, regs.Rdi = 1, 1
	regs.Rip, regs.Rcx = 0x7f3d5a91a887, 0x7f3d5a91a887
	regs.Rsp -= 0x30
	write = Event{Kind: Syscall, TID: 4242, Before: regs, After: regs, Vector: 0x123456789abcdef0}
	write.After.Rax = 1
	return read, write
}

// cut makes the writer begin a new frame, as a slow program's frames are
// cut by the clock.
func cut(w *Writer) {
	w.mu.Lock()
	if w.filling.count > 0 {
		w.cutLocked()
	}
	w.mu.Unlock()
	w.poke()
}

// record writes a recording with a new frame after every perFrame events, so
// that tests know where frames begin.
func record(t testing.TB, events []Event, perFrame int) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "rec")
	w, err := Create(dir, testManifest())
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		if n := w.Append(&events[i]); n != uint64(i) {
			t.Fatalf("Append returned number %d, want %d", n, i)
		}
		if (i+1)%perFrame == 0 {
			cut(w)
		}
	}
	if err := w.Close(&Footer{Status: 256}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func open(t testing.TB, dir string) *Recording {
	t.Helper()
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// copyRecording copies a directory, to damage the copy.
func copyRecording(t testing.TB, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}
