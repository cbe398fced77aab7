package trace

import (
	"encoding/binary"

	"stepback/internal/tracee"
)

// encoder turns the events of a frame into bytes. This is the recorder's hot
// path: it allocates nothing once its buffers have grown.
type encoder struct {
	state frameState
}

// reset begins a frame.
func (c *encoder) reset() { c.state.reset() }

// full reports whether the frame must end for the number of its threads.
func (c *encoder) full() bool { return len(c.state.threads) >= maxFrameThreads }

// encode appends e to b. The event must be valid, see invalid.
func (c *encoder) encode(b []byte, e *Event) []byte {
	head := len(b)
	b = append(b, byte(e.Kind), 0, 0)
	var flags uint16

	t := c.state.last
	if t != nil && t.tid == e.TID {
		flags |= flagSameThread
	} else {
		b = binary.AppendUvarint(b, zigzag(uint64(e.TID-c.state.lastTID())))
		t = c.state.enter(e.TID)
	}

	if e.Vector != 0 {
		flags |= flagVector
		if e.Vector != t.vector {
			flags |= flagNewVector
			b = binary.LittleEndian.AppendUint64(b, e.Vector)
			t.vector = e.Vector
		}
	}

	skip := uint32(0)
	if atCall(&e.Before) {
		flags |= flagAtCall
		skip = callWords
	}
	b = appendRegs(b, &t.regs, &e.Before, skip)

	if e.After != e.Before {
		t.regs = e.After // would be Before but for Rax?
		t.regs.Rax = e.Before.Rax
		if t.regs == e.Before {
			flags |= flagAfterRax
			b = binary.AppendUvarint(b, zigzag(e.After.Rax))
		} else {
			flags |= flagAfter
			b = appendRegs(b, &e.Before, &e.After, 0)
		}
	}
	t.regs = e.After

	if e.XState != nil {
		flags |= flagXState
		b = appendBytes(b, e.XState)
	}
	if len(e.Ops) > 0 {
		flags |= flagOps
		b = binary.AppendUvarint(b, uint64(len(e.Ops)))
		for i := range e.Ops {
			b = c.appendOp(b, &e.Ops[i])
		}
	}
	if len(e.Writes) > 0 {
		flags |= flagWrites
		b = binary.AppendUvarint(b, uint64(len(e.Writes)))
		for i := range e.Writes {
			b = appendWrite(b, t, &e.Before, &e.Writes[i])
		}
	}
	if e.Signal != nil {
		flags |= flagSignal
		b = appendSignal(b, e.Signal)
	}
	if e.Thread != nil {
		flags |= flagThread
		b = appendThread(b, e.Thread)
	}
	if e.Exit != nil {
		flags |= flagExit
		b = appendExit(b, e.Exit)
	}
	if e.Evidence != nil {
		flags |= flagEvidence
		b = appendEvidence(b, e.Evidence)
	}
	if e.Refused {
		flags |= flagRefused
	}
	binary.LittleEndian.PutUint16(b[head+1:], flags)
	return b
}

// callWords are the words that flagAtCall replaces.
const callWords uint32 = 1<<wordRax | 1<<wordRcx | 1<<wordR11

// appendRegs appends a mask of the words in which to differs from from, and
// the differences. The words in skip are left out.
func appendRegs(b []byte, from, to *tracee.Regs, skip uint32) []byte {
	head := len(b)
	b = append(b, 0, 0, 0, 0)
	f, t := from.Words(), to.Words()
	var mask uint32
	for i := range t {
		if d := t[i] - f[i]; d != 0 && skip>>i&1 == 0 {
			mask |= 1 << i
			b = binary.AppendUvarint(b, zigzag(d))
		}
	}
	binary.LittleEndian.PutUint32(b[head:], mask)
	return b
}

func appendBytes(b, data []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(data)))
	return append(b, data...)
}

func appendString(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func appendInt(b []byte, i int) []byte {
	return binary.AppendUvarint(b, zigzag(uint64(i)))
}

func appendWrite(b []byte, t *threadState, r *tracee.Regs, w *Write) []byte {
	base, delta := 0, zigzag(w.Addr-r.Rsi)
	for i := 1; i < numWriteBases && delta != 0; i++ {
		if d := zigzag(w.Addr - writeBase(i, t, r)); d < delta {
			base, delta = i, d
		}
	}
	t.write = w.Addr

	head := len(b)
	b = append(b, byte(base))
	if delta != 0 {
		b[head] |= writeDelta
		b = binary.AppendUvarint(b, delta)
	}
	if w.Space != 0 {
		b[head] |= writeSpace
		b = binary.AppendUvarint(b, uint64(w.Space))
	}
	if !w.Blob.IsZero() {
		b[head] |= writeBlob
		b = append(b, w.Blob[:]...)
	}
	return appendBytes(b, w.Data)
}

func (c *encoder) appendOp(b []byte, o *Op) []byte {
	var mask uint64
	set := func(bit uint64, present bool) {
		if present {
			mask |= bit
		}
	}
	set(opAddr, o.Addr != 0)
	set(opLen, o.Len != 0)
	set(opProt, o.Prot != 0)
	set(opFlags, o.Flags != 0)
	set(opObject, o.Object != 0)
	set(opOffset, o.Offset != 0)
	set(opNewAddr, o.NewAddr != 0)
	set(opNewLen, o.NewLen != 0)
	set(opBlob, !o.Blob.IsZero())
	set(opData, len(o.Data) > 0)
	set(opSpace, o.Space != 0)
	set(opName, o.Name != "")

	b = append(b, byte(o.Kind))
	b = binary.AppendUvarint(b, mask)
	number := func(bit, v uint64) {
		if mask&bit != 0 {
			b = binary.AppendUvarint(b, v)
		}
	}
	number(opAddr, zigzag(o.Addr-c.state.opEnd))
	number(opLen, o.Len)
	number(opProt, uint64(o.Prot))
	number(opFlags, uint64(o.Flags))
	number(opObject, uint64(o.Object))
	number(opOffset, o.Offset)
	number(opNewAddr, zigzag(o.NewAddr-o.Addr))
	number(opNewLen, o.NewLen)
	if mask&opBlob != 0 {
		b = append(b, o.Blob[:]...)
	}
	if mask&opData != 0 {
		b = appendBytes(b, o.Data)
	}
	number(opSpace, uint64(o.Space))
	if mask&opName != 0 {
		b = appendString(b, o.Name)
	}
	c.state.opEnd = o.Addr + o.Len
	return b
}

func appendSignal(b []byte, s *SignalInfo) []byte {
	b = appendInt(b, s.Number)
	b = append(b, byte(s.Disposition), bits(s.Synchronous, bitSynchronous))
	return appendBytes(b, s.Info)
}

func appendThread(b []byte, t *ThreadInfo) []byte {
	b = appendInt(b, t.Parent)
	b = appendInt(b, t.PID)
	b = binary.AppendUvarint(b, uint64(t.Space))
	b = append(b, bits(t.Fork, bitFork))
	b = appendString(b, t.Name)
	b = binary.AppendUvarint(b, uint64(len(t.Args)))
	for _, a := range t.Args {
		b = appendString(b, a)
	}
	return b
}

func appendExit(b []byte, x *ExitInfo) []byte {
	b = binary.AppendUvarint(b, uint64(x.Status))
	return append(b, bits(x.Killed, bitKilled)|bits(x.Last, bitLast))
}

func appendEvidence(b []byte, v *Evidence) []byte {
	b = append(b, bits(v.Exact, bitExact)|bits(len(v.Words) > 0, bitWords))
	at := uint64(0)
	if len(v.Words) > 0 {
		b = binary.AppendUvarint(b, uint64(len(v.Words)))
		for _, w := range v.Words {
			b = binary.AppendUvarint(b, zigzag(w.Addr-at))
			b = binary.AppendUvarint(b, w.Value)
			at = w.Addr
		}
	}
	b = binary.AppendUvarint(b, uint64(len(v.Pages)))
	for _, p := range v.Pages {
		b = binary.AppendUvarint(b, zigzag(p.Addr-at))
		b = binary.LittleEndian.AppendUint64(b, p.Hash)
		at = p.Addr
	}
	return b
}

// bits is bit when set, 0 otherwise.
func bits(set bool, bit byte) byte {
	if set {
		return bit
	}
	return 0
}

// invalid says what of an event cannot be encoded, "" when all can. The
// decoder refuses the same, so a mistake of the recorder is found at once.
func invalid(e *Event) string {
	switch {
	case e.Kind == 0 || e.Kind >= numKinds:
		return "it has no known kind"
	case len(e.Ops) > maxItems:
		return "it has too many ops"
	case len(e.Writes) > maxItems:
		return "it has too many writes"
	case e.Signal != nil && e.Signal.Disposition >= numDispositions:
		return "its signal has no known disposition"
	case e.Thread != nil && len(e.Thread.Args) > maxItems:
		return "it has too many arguments"
	case e.Evidence != nil && max(len(e.Evidence.Pages), len(e.Evidence.Words)) > maxItems:
		return "it has too much evidence"
	}
	for i := range e.Ops {
		if k := e.Ops[i].Kind; k == 0 || k >= numOpKinds {
			return "one of its ops has no known kind"
		}
	}
	return ""
}
