package x86

import "encoding/binary"

// Operand is memory that an instruction may access.
type Operand struct {
	In     Implicit // NoImplicit: what ModRM or moffs name
	Access Access
	// Size is its number of bytes, an upper bound unless Exact; 0: it depends on
	// registers how many there are, or where.
	Size  uint64
	Exact bool
}

// xsaveBound is more than an XSAVE area takes (Intel SDM volume 1, 13.4).
const xsaveBound = 16 << 10

// Operands are the operands in memory of an instruction with this code. There
// are at most three.
func (i *Inst) Operands(code []byte) (list [3]Operand, n int) {
	add := func(o Operand) {
		if o.Access != 0 {
			list[n] = o
			n++
		}
	}
	if i.Access != 0 && (i.memory || i.Implicit == NoImplicit || i.Implicit == AtRegister) {
		o := Operand{Access: i.Access, Size: uint64(i.Size), Exact: i.Size != 0 && !i.masked(code)}
		switch {
		case i.VectorSIB || i.Implicit == BitString:
			o.Size, o.Exact = 0, false
		case i.Size == 0 && !i.Repeats():
			o.Size = xsaveBound
		}
		add(o)
	}
	element := Operand{In: i.Implicit, Size: uint64(i.element()), Exact: true}
	if i.Repeats() {
		element.Size, element.Exact = 0, false
	}
	switch i.Implicit {
	case StackPush:
		if i.Opcode == 0xc8 && i.Map == OneByte { // enter
			add(Operand{In: StackPush, Access: Reads | Writes})
			break
		}
		add(Operand{In: StackPush, Access: Writes, Size: i.stackSize(), Exact: true})
	case StackPop:
		add(Operand{In: StackPop, Access: Reads, Size: i.stackSize(), Exact: true})
	case Source:
		element.Access = Reads
		add(element)
	case Destination:
		element.Access = Writes
		switch {
		case !i.String: // maskmovq, maskmovdqu
			element.Size, element.Exact = uint64(i.Size), false
		case i.Opcode&0xfe == 0xae: // scas
			element.Access = Reads
		}
		add(element)
	case Both:
		element.Access = Reads
		element.In = Source
		add(element)
		element.In = Destination
		if i.Opcode&0xfe == 0xa4 { // movs
			element.Access = Writes
		}
		add(element)
	case AtRBX:
		add(Operand{In: AtRBX, Access: Reads, Size: 1, Exact: true})
	case AtRAX, AtRegister:
		add(Operand{In: i.Implicit, Access: Writes})
	}
	return list, n
}

// stackSize is how many bytes a push or pop moves.
func (i *Inst) stackSize() uint64 {
	if i.Flow == Far {
		words := 2 // the offset and the segment
		if i.Opcode == 0xcf {
			words = 5 // iret: also flags, stack pointer and its segment
		}
		return uint64(words * i.operandSize())
	}
	if i.Flow == Next && i.Prefixes&PrefixOpSize != 0 && !(i.Map == OneByte && i.Opcode == 0xc9) {
		return 2
	}
	return 8
}

// element is the size of what a string instruction moves at once.
func (i *Inst) element() int {
	switch {
	case i.Opcode&1 == 0:
		return 1
	case i.REX&rexW != 0:
		return 8
	case i.Prefixes&PrefixOpSize != 0:
		return 2
	}
	return 4
}

// masked reports whether a mask says which elements are accessed.
func (i *Inst) masked(code []byte) bool {
	switch i.Encoding {
	case EVEX:
		return i.opmask(code) != 0
	case VEX:
		return i.Map == 2 && (i.Opcode >= 0x2c && i.Opcode <= 0x2f || i.Opcode == 0x8c || i.Opcode == 0x8e)
	}
	return false
}

// opmask is the number of the mask register of an EVEX instruction.
func (i *Inst) opmask(code []byte) int { return int(code[i.PrefixOff+3] & 7) }

// vectorLength is the length of vectors in bytes.
func (i *Inst) vectorLength(code []byte) int {
	switch {
	case i.Encoding == EVEX:
		return 16 << (code[i.PrefixOff+3] >> 5 & 3)
	case code[i.PrefixOff] == 0xc5:
		return 16 << (code[i.PrefixOff+1] >> 2 & 1)
	}
	return 16 << (code[i.PrefixOff+2] >> 2 & 1)
}

// Machine is the state of a processor before an instruction.
type Machine struct {
	Regs   [16]uint64
	FS, GS uint64 // bases
	Next   uint64 // address of the following instruction
	Down   bool   // the direction flag
	Mask   func(i int) uint64
	Vector func(i int) [64]byte
	Read   func(addr uint64, p []byte) error
}

// Span is memory that an instruction accesses.
type Span struct {
	Addr, Size uint64
	Access     Access
}

// Spans is the memory that an instruction with this code will access. An area of
// XSAVE counts in full.
func (i *Inst) Spans(code []byte, m *Machine) (list []Span) {
	operands, n := i.Operands(code)
	for _, o := range operands[:n] {
		if o.Exact || o.Size == xsaveBound {
			list = append(list, Span{i.place(o, m), o.Size, o.Access})
			continue
		}
		list = append(list, i.inexact(o, code, m)...)
	}
	return list
}

// place is where an operand begins.
func (i *Inst) place(o Operand, m *Machine) uint64 {
	regs := &m.Regs
	short := func(addr uint64) uint64 {
		if i.Prefixes&PrefixAddrSize != 0 {
			addr &= 1<<32 - 1
		}
		return addr
	}
	switch o.In {
	case StackPush:
		return regs[4] - o.Size
	case StackPop:
		if i.Opcode == 0xc9 && i.Map == OneByte { // leave
			return regs[5]
		}
		return regs[4]
	case Source:
		return i.base(m) + short(regs[6])
	case Destination:
		if !i.String {
			return i.base(m) + short(regs[7])
		}
		return short(regs[7])
	case AtRBX:
		return i.base(m) + short(regs[3]+regs[0]&0xff)
	case AtRAX:
		return i.base(m) + short(regs[0])&^63
	case AtRegister:
		return short(regs[i.Reg()])
	}
	return i.base(m) + i.Address(regs, m.Next)
}

// base is that of the segment.
func (i *Inst) base(m *Machine) uint64 {
	switch {
	case i.Prefixes&PrefixFS != 0:
		return m.FS
	case i.Prefixes&PrefixGS != 0:
		return m.GS
	}
	return 0
}

// inexact is the memory of an operand that is not Exact.
func (i *Inst) inexact(o Operand, code []byte, m *Machine) []Span {
	switch {
	case i.Repeats():
		return i.repeated(o, m)
	case o.In == AtRAX || o.In == AtRegister:
		return []Span{{i.place(o, m), 64, o.Access}}
	case o.In == StackPush: // enter
		level := uint64(i.Imm>>16) & 31
		return []Span{{m.Regs[4] - 8*(level+1), 8 * (level + 1), Writes}, {m.Regs[5] - 8*level, 8 * level, Reads}}
	case o.In == Destination: // maskmovq, maskmovdqu: the high bits of the bytes of the second register
		v := m.Vector(int(i.RM()))
		return lanes(i.place(o, m), 1, o, func(n int) bool { return v[n]&0x80 != 0 })
	case i.Implicit == BitString:
		size := i.operandSize()
		bit := int64(m.Regs[i.Reg()])
		bit = bit << (64 - 8*size) >> (64 - 8*size)
		return []Span{{i.place(o, m) + uint64(bit>>3)&^uint64(size-1), uint64(size), o.Access}}
	}
	width := 4
	if i.REX&rexW != 0 {
		width = 8
	}
	if i.VectorSIB {
		return i.gathered(o, code, width, m)
	}
	if i.Encoding == VEX { // maskmov
		v := m.Vector(int(i.Vector))
		if i.Opcode < 0x80 && i.Opcode&1 != 0 {
			width = 8
		}
		return lanes(i.place(o, m), width, o, func(n int) bool { return v[n*width+width-1]&0x80 != 0 })
	}
	if i.Map == Map0F && (i.Opcode == 0x6f || i.Opcode == 0x7f) && i.Prefixes&PrefixRepNE != 0 || code[i.PrefixOff+2]&3 == 3 && i.Map == Map0F {
		width = 1 // vmovdqu8, vmovdqu16
		if i.REX&rexW != 0 {
			width = 2
		}
	}
	mask := m.Mask(i.opmask(code))
	return lanes(i.place(o, m), width, o, func(n int) bool { return mask>>n&1 != 0 })
}

// lanes are the elements of a vector that are accessed, put together where they
// are neighbours.
func lanes(addr uint64, width int, o Operand, is func(n int) bool) (list []Span) {
	for n := range int(o.Size) / width {
		if !is(n) {
			continue
		}
		at := addr + uint64(n*width)
		if k := len(list); k > 0 && list[k-1].Addr+list[k-1].Size == at {
			list[k-1].Size += uint64(width)
			continue
		}
		list = append(list, Span{at, uint64(width), o.Access})
	}
	return list
}

// gathered are the elements of a gather or scatter, whose data elements have
// width bytes.
func (i *Inst) gathered(o Operand, code []byte, width int, m *Machine) (list []Span) {
	index := 4
	if i.Opcode&1 != 0 {
		index = 8
	}
	number := int(i.SIB>>3&7 | i.REX&rexX<<2)
	if i.Encoding == EVEX {
		number |= int(i.Vector & 16)
	}
	indices := m.Vector(number)
	is := func(n int) bool { return m.Mask(i.opmask(code))>>n&1 != 0 }
	if i.Encoding == VEX {
		v := m.Vector(int(i.Vector))
		is = func(n int) bool { return v[n*width+width-1]&0x80 != 0 }
	}
	base := i.base(m) + uint64(i.Displacement())
	if i.SIB&7 != 5 || i.ModRM >= 0x40 {
		base += m.Regs[i.SIB&7|i.REX&rexB<<3]
	}
	for n := range i.vectorLength(code) / max(width, index) {
		if !is(n) {
			continue
		}
		at := int64(int32(binary.LittleEndian.Uint32(indices[n*index:])))
		if index == 8 {
			at = int64(binary.LittleEndian.Uint64(indices[n*8:]))
		}
		list = append(list, Span{base + uint64(at)<<(i.SIB>>6), uint64(width), o.Access})
	}
	return list
}

// repeated is what a repeated string instruction accesses.
func (i *Inst) repeated(o Operand, m *Machine) []Span {
	size := uint64(i.element())
	n := m.Regs[1]
	if i.Prefixes&PrefixAddrSize != 0 {
		n &= 1<<32 - 1
	}
	if compares := i.Opcode&0xfe == 0xa6 || i.Opcode&0xfe == 0xae; compares {
		n = i.compared(n, size, m)
	}
	if n == 0 {
		return nil
	}
	addr := i.place(o, m)
	if m.Down {
		addr -= (n - 1) * size
	}
	return []Span{{addr, n * size, o.Access}}
}

// compared is how often cmps or scas repeats, at most n times.
func (i *Inst) compared(n, size uint64, m *Machine) uint64 {
	step := size
	if m.Down {
		step = -size
	}
	a, b := i.place(Operand{In: Destination}, m), i.place(Operand{In: Source}, m)
	var left, right [8]byte
	binary.LittleEndian.PutUint64(right[:], m.Regs[0])
	clear(right[size:])
	for k := range n {
		if m.Read(a, left[:size]) != nil {
			return k
		}
		if i.Opcode&0xfe == 0xa6 && m.Read(b, right[:size]) != nil {
			return k
		}
		if equal := left == right; equal != (i.Prefixes&PrefixRep != 0) {
			return k + 1
		}
		a, b = a+step, b+step
	}
	return n
}
