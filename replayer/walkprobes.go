package replayer

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/recorder/trace"
	"stepback/replayer/condition"
)

// probes are probes, with what `stepback travel` calls them.
type probes struct {
	list  []Probe
	words []string
}

func (p probes) String() string { return "probes: " + strings.Join(p.words, " ") }

// probes makes a random set of probes for what there is at some Time, so that many are hit. Some sets are
// of one kind.
func (w *walker) probes() (p probes, err error) {
	kind := w.probeKind()
	mixed := w.random.IntN(2) == 0
	for range 1 + w.random.IntN(2) {
		v, err := w.vicinity()
		if err != nil {
			return p, err
		}
		for range 1 + w.random.IntN(2) {
			if mixed {
				kind = w.probeKind()
			}
			probe, words := v.probe(kind)
			if words != "" {
				p.list, p.words = append(p.list, probe), append(p.words, words)
			}
		}
	}
	if len(p.list) == 0 {
		p = probes{[]Probe{{Event: isKind(trace.Exit)}}, []string{"event=" + trace.Exit.String()}}
	}
	return p, nil
}

// vicinity is what probes are made of: a thread at some Time.
type vicinity struct {
	w      *walker
	random *rand.Rand
	thread Thread
	stack  []uint64 // the words from the stack pointer on
	maps   []Mapping
}

// vicinity goes to a Time and looks at a thread there.
func (w *walker) vicinity() (v vicinity, err error) {
	at := w.anyTime()
	if err := w.goTo(at); err != nil {
		return v, err
	}
	v = vicinity{w: w, random: w.random}
	threads := w.seen[at].threads
	if len(threads) == 0 {
		return v, nil // at the end
	}
	v.thread = threads[w.random.IntN(len(threads))]
	if v.maps, err = w.Mappings(v.thread.PID); err != nil {
		return v, err
	}
	var words [64 * 8]byte
	n, err := w.ReadMemory(v.thread.PID, v.thread.Regs.Rsp, words[:])
	for i := 0; i+8 <= n; i += 8 {
		v.stack = append(v.stack, binary.LittleEndian.Uint64(words[i:]))
	}
	return v, err
}

// probeKinds are the kinds of probe, and how often one is made. Words are none
// where there is nothing to make it of.
var probeKinds = []struct {
	share int
	make  func(vicinity) (Probe, string)
}{
	{3, vicinity.here},
	{4, vicinity.caller},
	{4, vicinity.conditional},
	{3, vicinity.frame},
	{6, vicinity.data},
	{3, vicinity.event},
	{1, vicinity.asking},
}

// probeKind is the index of a kind.
func (w *walker) probeKind() int {
	var deck []int
	for i, k := range probeKinds {
		deck = append(deck, slices.Repeat([]int{i}, k.share)...)
	}
	return deck[w.random.IntN(len(deck))]
}

// probe makes a probe of a kind.
func (v vicinity) probe(kind int) (Probe, string) {
	p, words := probeKinds[kind].make(v)
	if words == "" {
		return p, ""
	}
	switch v.random.IntN(8) {
	case 0, 1:
		p.TID = v.thread.ID
		words += fmt.Sprintf(" tid=%d", p.TID)
	case 2:
		p.PID = v.thread.PID
		words += fmt.Sprintf(" pid=%d", p.PID)
	}
	return p, words
}

// here is the instruction that the thread is at.
func (v vicinity) here() (Probe, string) {
	pc := v.thread.Regs.Rip
	if pc == 0 {
		return Probe{}, ""
	}
	return Probe{PC: pc}, fmt.Sprintf("pc=%#x", pc)
}

// returns is a word on the stack, by its number, that may be where a function returns to; -1 for none.
func (v vicinity) returns() int {
	var list []int
	for i, word := range v.stack {
		if m := v.mapping(word); m != nil && m.Prot&unix.PROT_EXEC != 0 {
			list = append(list, i)
		}
	}
	if len(list) == 0 {
		return -1
	}
	return list[v.random.IntN(len(list))]
}

func (v vicinity) mapping(addr uint64) *Mapping {
	i := slices.IndexFunc(v.maps, func(m Mapping) bool { return m.Start <= addr && addr < m.End })
	if i < 0 {
		return nil
	}
	return &v.maps[i]
}

// caller is an instruction behind a call.
func (v vicinity) caller() (Probe, string) {
	i := v.returns()
	if i < 0 {
		return Probe{}, ""
	}
	return Probe{PC: v.stack[i]}, fmt.Sprintf("pc=%#x", v.stack[i])
}

// frame is an instruction in one frame: this one, or behind the return from it.
func (v vicinity) frame() (Probe, string) {
	pc, cfa, above := v.thread.Regs.Rip, v.thread.Regs.Rsp+8, uint64(8)
	if i := v.returns(); i >= 0 && v.random.IntN(3) > 0 {
		pc, cfa, above = v.stack[i], v.thread.Regs.Rsp+8*uint64(i+1), 0
	}
	if pc == 0 {
		return Probe{}, ""
	}
	return Probe{PC: pc, If: AtFrame(cfa, above)}, fmt.Sprintf("pc=%#x if=$rsp==%#x", pc, cfa-above)
}

// conditional is an instruction with a condition that holds sometimes.
func (v vicinity) conditional() (Probe, string) {
	p, words := v.here()
	if v.random.IntN(2) == 0 {
		p, words = v.caller()
	}
	if words == "" {
		return p, ""
	}
	var text string
	p.If, text = v.parsed(2)
	return p, words + text
}

// parsed is a condition, nested at most so deeply, and its words.
func (v vicinity) parsed(depth int) (x *condition.Expr, words string) {
	text := v.condition(v.random.IntN(depth + 1))
	x, err := condition.Parse(text)
	if err != nil {
		panic(err) // as it was made by us
	}
	return x, " if=" + text
}

// conditionForms take a register's name and its value in the vicinity.
var conditionForms = []string{"$%s==%#x", "$%s!=%#x", "$%s<+%#x", "$%s>=%#x", "($%s^%#x)%%+3==0", "($%s&1)==(%#x&1)"}

// wordForms take the number of bytes above the stack pointer and the word there.
var wordForms = []string{
	"u64[$rsp+%d]==%#x", "u64[$rsp+%d]<+%#x", "u32[$rsp+%d]==(%#x&0xffffffff)", "u16[$rsp+%d]!=(%#x&0xffff)", "u8[$rsp+%d]==(%#x&255)",
	"s32[$rsp+%d]<%#x", "s8[$rsp+%d]>=(%#x&7)", "u8[u64[$rsp+%d]]!=(%#x&3)",
}

// joinForms take two conditions.
var joinForms = []string{"(%s)&&(%s)", "(%s)||(%s)", "!(%s)&&(%s)", "(%s)!=(%s)"}

func (v vicinity) condition(depth int) string {
	one := func(list []string) string { return list[v.random.IntN(len(list))] }
	switch {
	case depth > 0:
		return fmt.Sprintf(one(joinForms), v.condition(depth-1), v.condition(depth-1))
	case len(v.stack) > 0 && v.random.IntN(3) == 0:
		i := v.random.IntN(min(8, len(v.stack)))
		return fmt.Sprintf(one(wordForms), 8*i, v.stack[i])
	}
	i := v.register()
	return fmt.Sprintf(one(conditionForms), tracee.RegNames[i], v.thread.Regs.Words()[i])
}

// register is the index of a general register.
func (v vicinity) register() int {
	for {
		i := v.random.IntN(tracee.NumRegs)
		if name := tracee.RegNames[i]; name[0] == 'r' {
			return i
		}
	}
}

// dataKinds are what can be asked about memory.
var dataKinds = []struct {
	word          string
	reads, writes bool
}{{"write", false, true}, {"access", true, true}, {"read", true, false}}

// data is memory: of the stack, or that a register or a word on the stack points to.
func (v vicinity) data() (Probe, string) {
	var addr uint64
	switch i := v.random.IntN(3); {
	case i == 0:
		addr = v.thread.Regs.Rsp + uint64(8*v.random.IntN(32))
	case i == 1 && len(v.stack) > 0:
		addr = v.stack[v.random.IntN(len(v.stack))] + uint64(v.random.IntN(16))
	default:
		addr = v.thread.Regs.Words()[v.register()] + uint64(v.random.IntN(16))
	}
	if m := v.mapping(addr); m == nil || m.Prot == 0 || m.End-addr < 8 {
		return Probe{}, ""
	}
	size := uint64(1) << v.random.IntN(4)
	switch v.random.IntN(8) {
	case 0, 1:
		size = 1 + v.random.Uint64N(8)
	case 2, 3: // more than debug registers can watch
		size = 1 + v.random.Uint64N(1<<v.random.IntN(16))
	default:
		addr &^= size - 1
	}
	k := dataKinds[v.random.IntN(len(dataKinds))]
	p := Probe{Data: Data{Addr: addr, Size: size, Reads: k.reads, Writes: k.writes}}
	words := fmt.Sprintf("%s=%#x/%d", k.word, addr, size)
	if v.random.IntN(4) > 0 {
		return p, words
	}
	var text string
	p.If, text = v.parsed(1)
	return p, words + text
}

// walkCalls are system calls that programs make now and then: read, write, mmap,
// openat, futex, wait4.
var walkCalls = []uint64{unix.SYS_READ, unix.SYS_WRITE, unix.SYS_MMAP, unix.SYS_OPENAT, unix.SYS_FUTEX, unix.SYS_WAIT4}

func isKind(k trace.Kind) func(*trace.Event) bool {
	return func(e *trace.Event) bool { return e.Kind == k }
}

// event is a kind of event, or a system call.
func (v vicinity) event() (Probe, string) {
	if v.random.IntN(2) == 0 {
		kind := trace.Kind(1 + v.random.IntN(len(trace.KindNames)-1))
		return Probe{Event: isKind(kind)}, "event=" + kind.String()
	}
	nr := walkCalls[v.random.IntN(len(walkCalls))]
	return Probe{Event: func(e *trace.Event) bool {
		return (e.Kind == trace.Syscall || e.Kind == trace.Enter) && e.Before.OrigRax == nr
	}}, "syscall=" + v.w.name(nr)
}

// asking is an instruction with a condition that is not compiled.
func (v vicinity) asking() (Probe, string) {
	p, words := v.caller()
	if words == "" {
		return p, ""
	}
	p.When = func(h Thread) bool { return cmp.Or(h.Regs.Rax, h.Regs.Rdi)>>4&1 == 0 }
	return p, words + " (when bit 4 of rax, or if that is 0 of rdi, is 0)"
}
