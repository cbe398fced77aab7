package x86

// Bits of REX and of the bytes of EVEX.
const (
	rexB, rexX, rexR, rexW = 1, 2, 4, 8

	evexZ, evexB, evexV, evexA = 0x80, 0x10, 0x08, 0x07 // third byte
	evexR                      = 0x10                   // first byte: R'
)

// prefixes are the legacy prefixes. Segment overrides without meaning have a
// bit of their own; they do not undo those with one.
var prefixes = [256]Prefixes{
	0x66: PrefixOpSize, 0x67: PrefixAddrSize, 0xf3: PrefixRep, 0xf2: PrefixRepNE, 0xf0: PrefixLock,
	0x64: PrefixFS, 0x65: PrefixGS,
	0x26: noPrefix, 0x2e: noPrefix, 0x36: noPrefix, 0x3e: noPrefix,
}

const noPrefix Prefixes = 1 << 15

// widths are the indices into sizes, by REX.W and the operand-size prefix.
var widths = [2][2]uint8{{0, 1}, {2, 2}}

// opcode reads everything up to and with the opcode, and finds the root of its tree.
func (d *decoder) opcode() error {
	i := d.inst
	b := d.code[0]
	for prefixes[b] != 0 {
		b = d.prefixes()
	}
	// REX counts only directly before the opcode.
	if b&0xf0 == 0x40 {
		i.REX, i.PrefixOff = b&15, uint8(d.pos)
		i.Prefixes |= PrefixREX
		d.pos++
		if b = d.code[d.pos]; prefixes[b] != 0 || b&0xf0 == 0x40 {
			i.REX, i.PrefixOff = 0, 0
			i.Prefixes &^= PrefixREX
			if d.pos > d.limit {
				return ErrTruncated
			}
			return d.opcode()
		}
	}
