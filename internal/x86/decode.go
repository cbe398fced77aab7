package x86

import (
	"encoding/binary"
	"errors"
)

// Why bytes are not an instruction.
var (
	// ErrTruncated: the bytes end before the instruction does.
	ErrTruncated = errors.New("the instruction is cut off")
	// ErrUndefined: the processor raises #UD. Inst.Len is then how many bytes Decode looked at.
	ErrUndefined = errors.New("undefined instruction")
	// ErrTooLong: more than 15 bytes; the processor raises #GP.
	ErrTooLong = errors.New("the instruction is longer than 15 bytes")
)

const (
	maxLen = 15
	// window is how many bytes the decoder may touch without asking whether
	// they are there: maxLen, and what it may read beyond before it finds out.
	window = 32
)

// Decode decodes the instruction at the start of code. It does not allocate.
// After an error, only Len of inst means something.
func Decode(code []byte, inst *Inst) error {
	tablesOnce.Do(buildTables)
	*inst = Inst{DispScale: 1}
	d := decoder{inst: inst}
	if len(code) >= window {
		d.code = (*[window]byte)(code)
	} else {
		var padded [window]byte
		copy(padded[:], code)
		d.code = &padded
	}
	d.limit = min(len(code), maxLen)
	err := d.decode()
	if d.pos > d.limit {
		// Whatever was found there, it is not part of the instruction.
		d.pos = d.limit
		err = ErrTruncated
		if d.limit == maxLen {
			err = ErrTooLong
		}
	}
	inst.Len = uint8(d.pos)
	return err
}

// A decoder is the state while one instruction is decoded.
type decoder struct {
	code  *[window]byte
	limit int // only so many bytes belong to the code
	pos   int // of the next byte; beyond limit, the instruction is cut off
	inst  *Inst
	root  node
	keys  [leaf + 1]uint8 // what is known in each dimension
	width uint8           // index into sizes
	evex  uint8           // third byte of the EVEX prefix: z, L'L, b, V', aaa
}

func (d *decoder) decode() error {
	if err := d.opcode(); err != nil {
		return err
	}
	i := d.inst
	if d.root.modRM != noModRM {
		d.modRM()
	}
	if d.pos > d.limit {
		return ErrTruncated
	}
	n := d.root
	for n.by != leaf {
		n = nodes[int(n.index)+int(d.keys[n.by])]
	}
	r := &rows[n.index]
	if i.Map == Map3DNow {
		d.pos++ // over the opcode
	}
	if r.attr&undefined != 0 || !d.allowed(r) {
		return ErrUndefined
	}
	if r.attr&moffs != 0 {
		i.DispOff, i.DispLen = uint8(d.pos), 8
		if i.Prefixes&PrefixAddrSize != 0 {
			i.DispLen = 4
		}
		i.Disp = d.number(i.DispLen)
		if i.DispLen == 4 {
			i.Disp = int64(uint32(i.Disp))
		}
	} else if length := r.imm[d.width]; length != 0 {
		i.ImmOff, i.ImmLen = uint8(d.pos), length
		i.Imm = d.number(length)
	}

	mod := d.keys[byMod]
	i.Flow, i.Cond, i.Implicit = r.flow, r.cond, r.implicit
	i.Access, i.Size = r.access[mod&1], r.size[mod&1][d.width]
	i.FlagsRead, i.FlagsWritten, i.FlagsUndefined = r.flags.read, r.flags.written, r.flags.undefined
	if r.attr&(isString|vectorSIB|anyCount) != 0 {
		d.special(r)
	}
	if i.Encoding == EVEX && mod == 0 {
		d.broadcast(r)
	}
	return nil
}

// operands tells, by ModRM, what follows it: the length of the displacement and these bits.
var operands = func() (table [256]uint8) {
	for b := range table {
		mod, rm := b>>6, b&7
		switch {
		case mod == 3:
			continue
		case mod == 1:
			table[b] = 1
		case mod == 2:
			table[b] = 4
		case rm == 5:
			table[b] = 4 | ripRelative
		}
		if rm == 4 {
			table[b] |= sibFollows
		}
	}
	return table
}()

const ripRelative, sibFollows = 0x40, 0x80

// modRM reads ModRM, SIB and displacement.
func (d *decoder) modRM() {
	i := d.inst
	b := d.code[d.pos]
	i.ModRM, i.ModRMOff = b, uint8(d.pos)
	d.pos++
	d.keys[byReg], d.keys[byRM] = b>>3&7, b&7
	if b >= 0xc0 || d.root.modRM == registersModRM {
		d.keys[byMod] = 1
		if d.evex&evexB != 0 {
			d.keys[byLength], d.width = 2, 2 // L'L is a rounding mode, the length 512
		}
		return
	}
	i.memory = true
	what := operands[b]
	length := what & 7
	if what&sibFollows != 0 {
		i.HasSIB, i.SIB = true, d.code[d.pos]
		d.pos++
		if b < 0x40 && i.SIB&7 == 5 {
			length = 4
		}
	}
	if length != 0 {
		i.RIPRelative = what&ripRelative != 0
		i.DispOff, i.DispLen = uint8(d.pos), length
		i.Disp = d.number(length)
	}
}

// number reads a signed number of 1 to 8 bytes.
func (d *decoder) number(length uint8) int64 {
	b := binary.LittleEndian.Uint64(d.code[d.pos : d.pos+8])
	d.pos += int(length)
	unused := 64 - 8*length
	return int64(b<<(unused&63)) >> (unused & 63)
}

// special treats properties that few instructions have.
func (d *decoder) special(r *row) {
	i := d.inst
	i.VectorSIB = r.attr&vectorSIB != 0
	if r.attr&isString != 0 {
		i.String = true
		if i.Repeats() {
			i.Size = 0
			if r.attr&repeatFlags != 0 {
				i.FlagsRead |= Arithmetic // rcx may be 0
			}
		}
	}
	if r.attr&(countShift|countRotate|countDouble) != 0 {
		i.countFlags(r.attr)
	}
}

// countFlags are the flags of shifts and rotates by an immediate.
func (i *Inst) countFlags(a attr) {
	bits := i.operandSize() * 8
	if a&countDouble == 0 && i.Opcode&1 == 0 {
		bits = 8 // with W too
	}
	count := int(i.Imm) & 31
	if bits == 64 {
		count = int(i.Imm) & 63
	}
	switch {
	case count == 0:
		i.FlagsRead = 0
	case a&countRotate != 0:
		i.FlagsWritten = CF | OF
	default:
		i.FlagsWritten, i.FlagsUndefined = Arithmetic&^AF, AF
	}
	if count > 1 {
		i.undefine(OF)
	}
	if a&countDouble != 0 && count > bits {
		i.undefine(Arithmetic)
	}
	if sar := i.ModRM>>3&7 == 7; a&countShift != 0 && count >= bits && !sar {
		i.undefine(CF)
	}
}

// undefine makes written flags undefined ones.
func (i *Inst) undefine(flags Flags) {
	i.FlagsUndefined |= flags & i.FlagsWritten
	i.FlagsWritten &^= flags
}

// operandSize is the size of integer operands.
func (i *Inst) operandSize() int {
	switch {
	case i.REX&rexW != 0:
		return 8
	case i.Prefixes&PrefixOpSize != 0:
		return 2
	}
	return 4
}

// broadcast corrects the size for a broadcast, and finds the unit of short displacements of EVEX.
func (d *decoder) broadcast(r *row) {
	i := d.inst
	if d.evex&evexB != 0 {
		i.Size = uint16(r.broad)
	}
	if i.DispLen == 1 {
		i.DispScale = r.unit
		if r.unit == 0 && i.Size != 0 {
			i.DispScale = uint8(i.Size)
		}
	}
}
