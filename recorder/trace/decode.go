package trace

import (
	"encoding/binary"
	"math"

	"stepback/internal/tracee"
)

// decoder is the inverse of encoder. It believes nothing: every length is
// checked against what remains of the frame.
type decoder struct {
	version int // of the log
	state   frameState
	in      source
}

// reset begins a frame with the given content.
func (d *decoder) reset(raw []byte) {
	d.state.reset()
	d.in = source{rest: raw}
}

// decode reads the next event of the frame into e, whose Ops and Writes keep
// their memory. Data and XState are parts of the frame's content. It returns
// what is wrong with the frame, "" when nothing is.
func (d *decoder) decode(e *Event) (what string) {
	in := &d.in
	*e = Event{Kind: Kind(in.byte()), Ops: e.Ops[:0], Writes: e.Writes[:0]}
	if e.Kind == 0 || e.Kind >= numKinds {
		in.fail("an event has no known kind")
	}
	flags := in.uint16()
	if flags >= flagsEnd {
		in.fail("an event has unknown flags")
	}
	d.decodeThread(e, flags)
	if in.what != "" {
		return in.what
	}
	t := d.state.last

	if flags&flagVector != 0 {
		if flags&flagNewVector != 0 {
			t.vector = in.uint64()
		}
		e.Vector = t.vector
	}
	in.regs(&t.regs, &e.Before)
	if flags&flagAtCall != 0 {
		e.Before.Rax, e.Before.Rcx, e.Before.R11 = enosys, e.Before.Rip, e.Before.Eflags
	}
	switch flags & (flagAfter | flagAfterRax) {
	case 0:
		e.After = e.Before
	case flagAfterRax:
		e.After = e.Before
		e.After.Rax = unzigzag(in.uvarint())
	case flagAfter:
		in.regs(&e.Before, &e.After)
	default:
		in.fail("an event has contradictory flags")
	}
	t.regs = e.After

	if flags&flagXState != 0 {
		e.XState = in.bytes()
	}
	if flags&flagOps != 0 {
		for n := in.count("ops"); n > 0 && in.what == ""; n-- {
			e.Ops = append(e.Ops, d.decodeOp())
		}
	}
	if flags&flagWrites != 0 {
		for n := in.count("writes"); n > 0 && in.what == ""; n-- {
			e.Writes = append(e.Writes, in.write(t, &e.Before))
		}
	}
	if flags&flagSignal != 0 {
		e.Signal = in.signal()
	}
	if flags&flagThread != 0 {
		e.Thread = in.thread()
	}
	if flags&flagExit != 0 {
		e.Exit = in.exit()
	}
	if flags&flagEvidence != 0 {
		e.Evidence = in.evidence()
		if d.version < 2 {
			e.Evidence.Pages = nil // hashed in another way
		}
	}
	e.Refused = flags&flagRefused != 0
	return in.what
}

// decodeThread reads the event's TID and finds the thread's state.
func (d *decoder) decodeThread(e *Event, flags uint16) {
	in := &d.in
	switch {
	case flags&flagSameThread == 0:
		e.TID = d.state.lastTID() + int(unzigzag(in.uvarint()))
		if len(d.state.threads) >= maxFrameThreads {
			in.fail("a frame has too many threads")
			return
		}
		d.state.enter(e.TID)
	case d.state.last != nil:
		e.TID = d.state.last.tid
	default:
		in.fail("a frame's first event has no thread")
	}
}

func (d *decoder) decodeOp() (o Op) {
	in := &d.in
	o.Kind = OpKind(in.byte())
	if o.Kind == 0 || o.Kind >= numOpKinds {
		in.fail("an op has no known kind")
	}
	mask := in.uvarint()
	if mask >= opMaskEnd {
		in.fail("an op has unknown fields")
	}
	if mask&opAddr != 0 {
		o.Addr = d.state.opEnd + unzigzag(in.uvarint())
	}
	if mask&opLen != 0 {
		o.Len = in.uvarint()
	}
	if mask&opProt != 0 {
		o.Prot = in.uvarint32()
	}
	if mask&opFlags != 0 {
		o.Flags = in.uvarint32()
	}
	if mask&opObject != 0 {
		o.Object = in.uvarint32()
	}
	if mask&opOffset != 0 {
		o.Offset = in.uvarint()
	}
	if mask&opNewAddr != 0 {
		o.NewAddr = o.Addr + unzigzag(in.uvarint())
	}
	if mask&opNewLen != 0 {
		o.NewLen = in.uvarint()
	}
	if mask&opBlob != 0 {
		o.Blob = in.hash()
	}
	if mask&opData != 0 {
		o.Data = in.data()
	}
	if mask&opSpace != 0 {
		o.Space = in.uvarint32()
	}
	if mask&opName != 0 {
		o.Name = string(in.bytes())
	}
	d.state.opEnd = o.Addr + o.Len
	return o
}

// source reads the parts of events from the content of a frame. After a
// mistake, all its methods return zero values; what holds the first one.
type source struct {
	rest []byte
	what string
}

func (s *source) fail(what string) {
	if s.what == "" {
		s.what = what
	}
	s.rest = nil
}

// take returns the next n bytes, nil when there are fewer.
func (s *source) take(n uint64) []byte {
	if n > uint64(len(s.rest)) {
		s.fail("an event is longer than its frame")
		return nil
	}
	b := s.rest[:n:n]
	s.rest = s.rest[n:]
	return b
}

func (s *source) byte() byte {
	if len(s.rest) == 0 {
		s.fail("an event is longer than its frame")
		return 0
	}
	b := s.rest[0]
	s.rest = s.rest[1:]
	return b
}

func (s *source) uint16() uint16 {
	if b := s.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (s *source) uint64() uint64 {
	if b := s.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (s *source) uvarint() uint64 {
	if len(s.rest) > 0 && s.rest[0] < 0x80 {
		v := s.rest[0]
		s.rest = s.rest[1:]
		return uint64(v)
	}
	v, n := binary.Uvarint(s.rest)
	if n <= 0 {
		s.fail("a number is longer than 64 bits or its frame")
		return 0
	}
	s.rest = s.rest[n:]
	return v
}

func (s *source) uvarint32() uint32 {
	v := s.uvarint()
	if v > math.MaxUint32 {
		s.fail("a number is longer than 32 bits")
		return 0
	}
	return uint32(v)
}

func (s *source) int() int { return int(unzigzag(s.uvarint())) }

// count reads the length of a list. Each item takes at least one byte.
func (s *source) count(items string) int {
	n := s.uvarint()
	if n > maxItems || n > uint64(len(s.rest)) {
		s.fail("an event has too many " + items)
		return 0
	}
	return int(n)
}

// bytes reads a length and that many bytes; the result is not nil.
func (s *source) bytes() []byte { return s.take(s.uvarint()) }

// data is like bytes, but nil when there are none.
func (s *source) data() []byte {
	if b := s.bytes(); len(b) > 0 {
		return b
	}
	return nil
}

func (s *source) hash() (h Hash) {
	copy(h[:], s.take(uint64(len(h))))
	return h
}

// flags reads a byte of bits, of which only those in known may be set.
func (s *source) flags(known byte) byte {
	b := s.byte()
	if b&^known != 0 {
		s.fail("an event has unknown bits")
	}
	return b
}

// regs sets to to from with the differences that follow.
func (s *source) regs(from, to *tracee.Regs) {
	*to = *from
	b := s.take(4)
	if b == nil {
		return
	}
	mask := binary.LittleEndian.Uint32(b)
	if mask>>tracee.NumRegs != 0 {
		s.fail("an event has unknown registers")
	}
	words := to.Words()
	for i := range words {
		if mask>>i&1 != 0 {
			words[i] += unzigzag(s.uvarint())
		}
	}
}

func (s *source) write(t *threadState, r *tracee.Regs) (w Write) {
	head := s.byte()
	base := int(head & writeBaseMask)
	if base >= numWriteBases || head&writeUnused != 0 {
		s.fail("a write has unknown bits")
	}
	w.Addr = writeBase(base, t, r)
	if head&writeDelta != 0 {
		w.Addr += unzigzag(s.uvarint())
	}
	if head&writeSpace != 0 {
		w.Space = s.uvarint32()
	}
	if head&writeBlob != 0 {
		w.Blob = s.hash()
	}
	w.Data = s.data()
	t.write = w.Addr
	return w
}

func (s *source) signal() *SignalInfo {
	i := &SignalInfo{Number: s.int(), Disposition: Disposition(s.byte())}
	if i.Disposition >= numDispositions {
		s.fail("a signal has no known disposition")
	}
	i.Synchronous = s.flags(bitSynchronous) != 0
	i.Info = append([]byte(nil), s.data()...)
	return i
}

func (s *source) thread() *ThreadInfo {
	t := &ThreadInfo{Parent: s.int(), PID: s.int(), Space: s.uvarint32()}
	t.Fork = s.flags(bitFork) != 0
	t.Name = string(s.bytes())
	for n := s.count("arguments"); n > 0 && s.what == ""; n-- {
		t.Args = append(t.Args, string(s.bytes()))
	}
	return t
}

func (s *source) exit() *ExitInfo {
	x := &ExitInfo{Status: s.uvarint32()}
	f := s.flags(bitKilled | bitLast)
	x.Killed, x.Last = f&bitKilled != 0, f&bitLast != 0
	return x
}

func (s *source) evidence() *Evidence {
	flags := s.flags(bitExact | bitWords)
	v := &Evidence{Exact: flags&bitExact != 0}
	at := uint64(0)
	if flags&bitWords != 0 {
		for n := s.count("words"); n > 0 && s.what == ""; n-- {
			at += unzigzag(s.uvarint())
			v.Words = append(v.Words, Word{Addr: at, Value: s.uvarint()})
		}
	}
	for n := s.count("pages"); n > 0 && s.what == ""; n-- {
		at += unzigzag(s.uvarint())
		v.Pages = append(v.Pages, PageHash{Addr: at, Hash: s.uint64()})
	}
	return v
}
