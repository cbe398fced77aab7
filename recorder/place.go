package recorder

import (
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/internal/tracee"
	"stepback/internal/x86"
	"stepback/recorder/trace"
)

// A place in the middle of a computation has no number: nobody counted the
// instructions. It is described by all registers, which are seldom the same at two
// visits, and by memory, in case they are. If the process has few pages of its
// own, all that it can write is in the evidence: then whatever replay finds to
// match has the same future. Otherwise the evidence holds what the code
// around the place uses, the stack, what registers and stack point to, and the
// program's variables, as far as room is.

const (
	// mostPages is the most pages in the evidence of a place, mostWords the
	// most words. A page costs 1 µs here, and in replay at each visit that
	// differs in nothing else.
	mostPages = 256
	mostWords = 8
	// hurried is the time between two places in which both are described with
	// less effort: fewer pages, less code read ahead.
	hurried      = 5 * time.Millisecond
	hurriedPages = 64
	// fewSteps is how far the scout goes then, and if there is room for all
	// pages: a step can cost 1 µs while the processor's caches are cold.
	fewSteps = 64

	// stackPages is how much of the stack is looked at, from its top.
	stackPages = 8
	// redZone is what a function may use below its stack pointer.
	redZone = 128
	// variablesSize is the largest mapping that is taken for one of variables
	// if the process has many pages, and smallSpace the largest that is
	// looked through if it has few.
	variablesSize = 1 << 20
	smallSpace    = 64 << 20
)

// resumeFlag is RF: the processor sets it when it stops in the middle of a rep
// instruction or at a fault. It is no state of the program's.
const resumeFlag = 1 << 16

// place describes where t stands, with these registers.
func (r *recorder) place(t *thread, regs *tracee.Regs) (*trace.Evidence, error) {
	most, steps := mostPages, scoutSteps
	if time.Since(r.placed) < hurried {
		most, steps = hurriedPages, fewSteps
	}
	n, err := anonymousPages(t.tid)
	if err != nil {
		return nil, err
	}
	all := n <= most
	if all {
		steps = fewSteps // to know what to begin with
	}
	r.scout.walk(t, regs, r.resumes, steps)
	c := &r.choice
	c.begin(t, most, r.nextScratch)
	if err := c.choose(&r.scout, regs, all); err != nil {
		return nil, err
	}
	if len(c.pages) == 0 {
		c.take(memmap.PageDown(regs.Rip)) // evidence is never empty
	}
	if need := len(c.pages) * memmap.PageSize; len(c.content) < need {
		c.content = make([]byte, need)
	}
	e := &trace.Evidence{}
	addrs := t.stopped.ReadPages(c.pages, c.content[:len(c.pages)*memmap.PageSize])
	for i, addr := range addrs {
		e.Pages = append(e.Pages, trace.PageHash{Addr: addr, Hash: memmap.Hash(c.content[i*memmap.PageSize:][:memmap.PageSize])})
	}
	for _, addr := range r.scout.changed {
		if i := slices.Index(addrs, memmap.PageDown(addr)); i >= 0 && len(e.Words) < mostWords {
			at := uint64(i)*memmap.PageSize + addr%memmap.PageSize
			e.Words = append(e.Words, trace.Word{Addr: addr, Value: binary.LittleEndian.Uint64(c.content[at:])})
		}
	}
	r.placed = time.Now()
	return e, nil
}

// pageChoice is a list of pages that a thread can write, the best first.
type pageChoice struct {
	t          *thread
	most       int
	scratchEnd uint64
	pages      []uint64
	has        map[uint64]bool
	content    []byte // working space
}

func (c *pageChoice) begin(t *thread, most int, scratchEnd uint64) {
	c.t, c.most, c.scratchEnd, c.pages = t, most, scratchEnd, c.pages[:0]
	if c.has == nil {
		c.has = map[uint64]bool{}
	}
	clear(c.has)
}

// choose fills the list. What the code ahead changes comes first, then the
// stack. If there is room for all pages of the process, these follow;
// otherwise what the code reads, what the registers and the memory near them and
// near the top of the stack point to, and variables.
func (c *pageChoice) choose(s *scout, regs *tracee.Regs, all bool) error {
	for _, a := range s.changed {
		c.add(a)
	}
	for i := range uint64(stackPages) {
		c.addStack(regs.Rsp - redZone + i*memmap.PageSize)
	}
	if all {
		return c.owned(smallSpace)
	}
	for _, a := range s.used {
		c.add(a)
	}
	general := [...]uint64{regs.Rax, regs.Rbx, regs.Rcx, regs.Rdx, regs.Rsi, regs.Rdi, regs.Rbp, regs.R8,
		regs.R9, regs.R10, regs.R11, regs.R12, regs.R13, regs.R14, regs.R15, regs.FsBase}
	for _, a := range general {
		c.add(a)
	}
	c.pointees(regs.Rsp, 64)
	for _, a := range general {
		if c.has[memmap.PageDown(a)] {
			c.pointees(a&^7, 8)
		}
	}
	return c.owned(variablesSize)
}

// add adds the page of addr if the thread can write it.
func (c *pageChoice) add(addr uint64) {
	if m, ok := c.t.space.maps.Find(addr); ok && m.Prot&unix.PROT_WRITE != 0 {
		c.take(memmap.PageDown(addr))
	}
}

// addStack adds a page of the stack, which may have grown beyond the mapping
// that the recorder knows of. The recorder's own memory is in no such mapping
// either.
func (c *pageChoice) addStack(addr uint64) {
	_, known := c.t.space.maps.Find(addr)
	own := addr >= tracee.AreaStart && addr < tracee.AreaEnd || addr >= scratchStart && addr < c.scratchEnd
	if known {
		c.add(addr)
	} else if !own {
		c.take(memmap.PageDown(addr))
	}
}

// take adds a page, and reports whether there is room for more.
func (c *pageChoice) take(page uint64) bool {
	if len(c.pages) < c.most && !c.has[page] {
		c.has[page] = true
		c.pages = append(c.pages, page)
	}
	return len(c.pages) < c.most
}

// pointees adds what the n words at addr point to.
func (c *pageChoice) pointees(addr uint64, n int) {
	p := make([]byte, 8*n)
	p = p[:c.t.stopped.ReadSome(addr, p)]
	for ; len(p) >= 8; p = p[8:] {
		c.add(binary.LittleEndian.Uint64(p))
	}
}

// owned adds the pages that the process has made its own or shares with
// others, of all mappings that are not too large.
func (c *pageChoice) owned(largest uint64) error {
	m, err := tracee.OpenPageMap(c.t.tid)
	if err != nil {
		return err
	}
	defer m.Close()
	for _, v := range c.t.space.maps.All() {
		switch {
		case len(c.pages) == c.most:
			return nil
		case v.Prot&unix.PROT_WRITE == 0 || v.End-v.Start > largest:
		case v.Shared:
			for a := v.Start; a < v.End && c.take(a); a += memmap.PageSize {
			}
		default:
			if err := m.Own(v.Start, v.End, c.take); err != nil {
				return err
			}
		}
	}
	return nil
}

// anonymousPages is the number of pages of a process that come from no file.
func anonymousPages(tid int) (int, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", tid))
	if err != nil {
		return 0, tracee.ErrGone
	}
	var size, resident, shared int
	if _, err := fmt.Sscan(string(b), &size, &resident, &shared); err != nil {
		return 0, fmt.Errorf("/proc/%d/statm: %w", tid, err)
	}
	return resident - shared, nil
}

// midway reports whether no event can be where t stands, and where it can: in
// the middle of a repeated string instruction, behind it; in the legacy vsyscall
// page, at the event that follows (0).
func (r *recorder) midway(t *thread, regs *tracee.Regs) (to uint64, mid bool) {
	if regs.InVsyscall() {
		return 0, true
	}
	var code [15]byte
	var in x86.Inst
	n := t.stopped.ReadSome(regs.Rip, code[:])
	if x86.Decode(code[:n], &in) != nil || !in.Repeats() {
		return 0, false
	}
	return regs.Rip + uint64(in.Len), true
}

// atEvent reports whether the thread is still where its latest event left it.
// With the same registers it could have come back there, in a loop that
// changes memory only; not if the code there does not come back, or if it is yet
// to make a call again.
func (r *recorder) atEvent(t *thread, regs *tracee.Regs) bool {
	if !t.sameRegs(regs) || t.restart {
		return t.sameRegs(regs)
	}
	r.scout.walk(t, regs, r.resumes, scoutSteps)
	return !r.scout.back
}
