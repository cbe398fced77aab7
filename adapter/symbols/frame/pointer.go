package frame

import (
	"debug/elf"
	"errors"

	"stepback/adapter/symbols/cursor"
)

// encoding says how an address is written, DW_EH_PE_* (LSB Core §10.5.1).
type encoding uint8

const (
	formatMask encoding = 0x0f
	relMask    encoding = 0x70
	indirect   encoding = 0x80 // it is where the address is
	omitted    encoding = 0xff

	relPC       encoding = 0x10
	relText     encoding = 0x20
	relData     encoding = 0x30
	relFunction encoding = 0x40
	aligned     encoding = 0x50
)

// bases are what addresses may be relative to.
type bases struct{ text, data uint64 }

func basesOf(f *elf.File) (b bases) {
	if s := f.Section(".text"); s != nil {
		b.text = s.Addr
	}
	if s := f.Section(".got"); s != nil {
		b.data = s.Addr
	}
	return b
}

// formats read the number, by the low bits of the encoding.
var formats = [16]func(c *cursor.Cursor) uint64{
	0x0: func(c *cursor.Cursor) uint64 { return c.Uint(8) },
	0x1: (*cursor.Cursor).ULEB,
	0x2: func(c *cursor.Cursor) uint64 { return c.Uint(2) },
	0x3: func(c *cursor.Cursor) uint64 { return c.Uint(4) },
	0x4: func(c *cursor.Cursor) uint64 { return c.Uint(8) },
	0x8: func(c *cursor.Cursor) uint64 { return c.Uint(8) },
	0x9: func(c *cursor.Cursor) uint64 { return uint64(c.SLEB()) },
	0xa: func(c *cursor.Cursor) uint64 { return uint64(c.Int(2)) },
	0xb: func(c *cursor.Cursor) uint64 { return uint64(c.Int(4)) },
	0xc: func(c *cursor.Cursor) uint64 { return c.Uint(8) },
}

var errEncoding = errors.New("an address has an unknown encoding")

// pointer reads an address. at says where, if c does not read from the section
// but from a part of it that begins there.
func (s *section) pointer(c *cursor.Cursor, e encoding, at uint64) (addr uint64, isIndirect bool) {
	if e == omitted {
		return 0, false
	}
	if e&relMask == aligned {
		here := s.addr + at + uint64(c.Pos)
		c.Bytes(-here & 7)
	}
	here := s.addr + at + uint64(c.Pos)
	read := formats[e&formatMask]
	if read == nil && c.Err == nil {
		c.Err = errEncoding
	}
	if c.Err != nil {
		return 0, false
	}
	addr = read(c)
	switch e & relMask {
	case 0, aligned:
	case relPC:
		addr += here
	case relText:
		addr += s.bases.text
	case relData:
		addr += s.bases.data
	default: // relFunction means nothing before the function is known
		c.Err = errEncoding
	}
	return addr, e&indirect != 0
}
