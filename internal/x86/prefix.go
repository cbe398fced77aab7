package x86

// Bits of REX and of the bytes of EVEX.
const (
	rexB, rexX, rexR, rexW = 1, 2, 4, 8

	evexZ, evexB, evexV, evexA = 0x80, 0x10, 0x08, 0x07 // third byte; evexV is V', inverted
	evexR                      = 0x10                   // first byte: R', inverted
)

// prefixes are the prefixes before the opcode, or before VEX and the like.
// Segment overrides without meaning have a bit of their own; they do not undo
// those with one.
var prefixes = func() (table [256]Prefixes) {
	for b := range 16 {
		table[0x40+b] = PrefixREX
	}
	table[0x66], table[0x67] = PrefixOpSize, PrefixAddrSize
	table[0xf3], table[0xf2], table[0xf0] = PrefixRep, PrefixRepNE, PrefixLock
	table[0x64], table[0x65] = PrefixFS, PrefixGS
	for _, b := range []byte{0x26, 0x2e, 0x36, 0x3e} {
		table[b] = noPrefix
	}
	return table
}()

const noPrefix Prefixes = 1 << 15

// widths are the indices into sizes, by W and 66.
var widths = [4]uint8{0, 1, 2, 2}

// opcode reads everything up to and with the opcode, and finds the root of its tree.
func (d *decoder) opcode() error {
	b := d.code[0]
	if prefixes[b] != 0 {
		if b = d.prefixes(); d.pos >= d.limit {
			d.pos = d.limit + 1
			return ErrTruncated
		}
	}
	d.pos++
	switch b {
	case 0x0f:
		return d.escape()
	case 0xc4, 0xc5, 0x62:
		return d.vector(b)
	case 0x8f:
		if d.code[d.pos]&31 >= 8 {
			return d.vector(b)
		}
	}
	d.legacy(b, OneByte, legacyRoots[OneByte])
	return nil
}

// prefixes reads prefixes, and returns what follows them.
func (d *decoder) prefixes() byte {
	i := d.inst
	var seen Prefixes
	for {
		b := d.code[d.pos]
		p := prefixes[b]
		switch p {
		case 0:
			i.Prefixes = seen
			if seen&PrefixREX == 0 {
				i.REX, i.PrefixOff = 0, 0
			}
			return b
		case PrefixREX:
			i.REX, i.PrefixOff = b&15, uint8(d.pos)
		case PrefixRep, PrefixRepNE: // the last counts
			seen &^= PrefixRep | PrefixRepNE
		case PrefixFS, PrefixGS:
			seen &^= PrefixFS | PrefixGS
		}
		// A REX before another prefix is ignored.
		seen = seen&^PrefixREX | p&^noPrefix
		if d.pos++; d.pos >= d.limit {
			return 0
		}
	}
}

// escape reads the opcode after 0F.
func (d *decoder) escape() error {
	m := Map0F
	b := d.code[d.pos]
	d.pos++
	switch b {
	case 0x0f:
		return d.threeDNow()
	case 0x38, 0x3a:
		m = Map0F38
		if b == 0x3a {
			m = Map0F3A
		}
		b = d.code[d.pos]
		d.pos++
	}
	d.legacy(b, m, legacyRoots[m])
	return nil
}

// legacy notes the opcode b, which was read last.
func (d *decoder) legacy(b byte, m Map, roots *[256]node) {
	i := d.inst
	i.Opcode, i.OpcodeOff, i.Map = b, uint8(d.pos-1), m
	w := i.REX >> 3
	d.keys[byW] = w
	if i.Prefixes&(PrefixOpSize|PrefixRep|PrefixRepNE) != 0 {
		switch {
		case i.Prefixes&PrefixRep != 0:
			d.keys[byPrefix] = 2
		case i.Prefixes&PrefixRepNE != 0:
			d.keys[byPrefix] = 3
		default:
			d.keys[byPrefix] = 1
		}
	}
	d.width = widths[w<<1|uint8(i.Prefixes&PrefixOpSize)]
	d.root = roots[b]
}

// threeDNow reads an instruction whose opcode comes after its operands. The
// operands are read twice: now, to find the opcode, and then as always.
func (d *decoder) threeDNow() error {
	before, start := *d.inst, d.pos
	d.modRM()
	at := d.pos
	if at >= d.limit {
		d.pos = d.limit + 1
		return ErrTruncated
	}
	*d.inst, d.pos = before, start
	d.legacy(d.code[at], Map3DNow, roots3DNow)
	d.inst.OpcodeOff = uint8(at)
	return nil
}

// vector reads VEX, EVEX and XOP prefixes, of which b is the first byte, and the opcode.
func (d *decoder) vector(b byte) error {
	i := d.inst
	if i.Prefixes&(PrefixOpSize|PrefixRep|PrefixRepNE|PrefixLock|PrefixREX) != 0 {
		return ErrUndefined
	}
	i.PrefixOff = uint8(d.pos - 1)
	p := d.code[d.pos : d.pos+3]
	// Where W vvvv L pp is; C5 has R there instead of W.
	last := p[1]
	m, rex := p[0]&31, ^p[0]>>5
	var roots *[256]node
	switch b {
	case 0xc5:
		i.Encoding = VEX
		m, rex, last = 1, rex&rexR, p[0]&0x7f
		roots = vexRoots[1]
		d.pos++
	case 0xc4:
		i.Encoding = VEX
		roots = vexRoots[m&7]
		if m > 7 {
			roots = nil
		}
		d.pos += 2
	case 0x8f:
		i.Encoding = XOP
		if m < uint8(len(xopRoots)) {
			roots = xopRoots[m]
		}
		d.pos += 2
	case 0x62:
		i.Encoding = EVEX
		m &= 7
		d.evex = p[2]
		if p[0]&8 == 0 && p[1]&4 != 0 {
			roots = evexRoots[m]
		}
		d.pos += 3
	}
	w := last >> 7
	i.REX = rex | w<<3
	i.Vector = ^last >> 3 & 15
	length := last >> 2 & 1
	if b == 0x62 {
		i.Vector |= ^d.evex & evexV << 1
		length = d.evex >> 5 & 3
	}
	d.keys[byPrefix], d.keys[byW], d.keys[byLength] = last&3, w, length
	d.width = min(length, 2) // 3 is refused later
	if roots == nil {
		return ErrUndefined
	}
	i.Opcode, i.OpcodeOff, i.Map = d.code[d.pos], uint8(d.pos), Map(m)
	d.root = roots[i.Opcode]
	d.pos++
	return nil
}

// allowed reports whether the prefixes and the operands go with the row.
func (d *decoder) allowed(r *row) bool {
	i := d.inst
	if i.Prefixes&PrefixLock != 0 && (r.attr&lockable == 0 || !i.memory) {
		return false
	}
	if i.Encoding == Legacy {
		return true
	}
	if r.attr&usesVector == 0 {
		vector := i.Vector
		if r.attr&vectorSIB != 0 {
			vector &= 15 // V' extends the index
		}
		if vector != 0 {
			return false
		}
	}
	if r.attr&(needsSIB|kRegister|distinct) != 0 {
		switch {
		case r.attr&needsSIB != 0 && !i.HasSIB,
			r.attr&kRegister != 0 && (i.REX&rexR != 0 || i.Encoding == VEX && i.Vector > 7),
			r.attr&tile != 0 && !i.memory && i.REX&rexB != 0,
			r.attr&distinct != 0 && !d.distinct(r):
			return false
		}
	}
	return i.Encoding != EVEX || d.allowedEVEX(r)
}

// distinct reports whether the registers of instructions that ask for
// different ones are: gathers, products of complex numbers, of matrices.
func (d *decoder) distinct(r *row) bool {
	i := d.inst
	reg, vector := i.Reg(), i.Vector
	if i.Encoding == EVEX {
		reg |= ^d.code[i.PrefixOff+1] & evexR
	}
	if r.attr&vectorSIB == 0 {
		rm := i.RM()
		if i.Encoding == EVEX {
			rm |= i.REX & rexX << 3
		}
		// Of the products of complex numbers, only the destination must differ.
		return reg != vector && (i.memory || reg != rm && (vector != rm || i.Encoding == EVEX))
	}
	index := i.SIB>>3&7 | i.REX<<2&8
	if i.Encoding == EVEX {
		return reg != index|vector&16
	}
	return reg != index && reg != vector && index != vector
}

func (d *decoder) allowedEVEX(r *row) bool {
	mask := d.evex & evexA
	memory := d.inst.memory
	switch {
	case mask != 0 && r.attr&masked == 0, mask == 0 && r.attr&mustMask != 0:
		return false
	case d.evex&evexZ != 0 && (r.attr&zeroing == 0 || mask == 0 || memory && r.access[0]&Writes != 0):
		return false
	case r.attr&(kRegister|gpr) != 0 && d.code[d.inst.PrefixOff+1]&evexR == 0:
		return false
	case d.evex&evexB != 0 && memory && r.broad == 0, d.evex&evexB != 0 && !memory && r.attr&rounding == 0:
		return false
	}
	return d.keys[byLength] < 3
}
