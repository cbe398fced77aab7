// Package cursor reads the numbers that DWARF and .eh_frame are made of, from
// little-endian bytes.
package cursor

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// ErrShort reports data that end in the middle of something.
var ErrShort = errors.New("the data end too early")

// ErrLEB128 reports a LEB128 number of more than 64 bits.
var ErrLEB128 = errors.New("a LEB128 number has more than 64 bits")

// Cursor is a position in data. After an error, Err says so and all that is
// read is zero, so it is enough to look at the end.
type Cursor struct {
	Data []byte
	Pos  int
	Err  error
}

// At is a cursor at an offset of data.
func At(data []byte, offset uint64) *Cursor {
	if offset > uint64(len(data)) {
		return &Cursor{Data: data, Pos: len(data), Err: ErrShort}
	}
	return &Cursor{Data: data, Pos: int(offset)}
}

// More reports whether there is something left to read.
func (c *Cursor) More() bool { return c.Err == nil && c.Pos < len(c.Data) }

// Bytes are the next n bytes, not copied.
func (c *Cursor) Bytes(n uint64) []byte {
	if c.Err == nil && n > uint64(len(c.Data)-c.Pos) {
		c.Err = ErrShort
	}
	if c.Err != nil {
		return nil
	}
	b := c.Data[c.Pos : c.Pos+int(n)]
	c.Pos += int(n)
	return b
}

// Uint is an unsigned number of n bytes, at most 8.
func (c *Cursor) Uint(n int) uint64 {
	var b [8]byte
	copy(b[:], c.Bytes(uint64(n)))
	return binary.LittleEndian.Uint64(b[:])
}

// Int is a signed number of n bytes, at most 8.
func (c *Cursor) Int(n int) int64 {
	shift := 64 - 8*n
	return int64(c.Uint(n)) << shift >> shift
}

// String ends with a zero byte.
func (c *Cursor) String() string {
	if c.Err != nil {
		return ""
	}
	n := bytes.IndexByte(c.Data[c.Pos:], 0)
	if n < 0 {
		c.Err = ErrShort
		return ""
	}
	s := c.Bytes(uint64(n) + 1)
	return string(s[:n])
}

// ULEB is an unsigned LEB128 number.
func (c *Cursor) ULEB() uint64 {
	n, _, _ := c.leb(0)
	return n
}

// SLEB is a signed LEB128 number.
func (c *Cursor) SLEB() int64 {
	n, shift, last := c.leb(0x7f)
	if shift < 64 && last&0x40 != 0 {
		n |= ^uint64(0) << shift
	}
	return int64(n)
}

// leb reads the bits of a LEB128 number. What is beyond 64 bits must be zero, or
// equal to sign.
func (c *Cursor) leb(sign byte) (n uint64, shift uint, last byte) {
	for {
		last = byte(c.Uint(1))
		if c.Err != nil {
			return 0, 0, 0
		}
		bits := last & 0x7f
		switch {
		case shift < 63:
			n |= uint64(bits) << shift
		case shift == 63:
			n |= uint64(bits) << shift
			fallthrough
		default:
			if bits > 1 && bits != sign {
				c.Err = ErrLEB128
				return 0, 0, 0
			}
		}
		if shift += 7; last&0x80 == 0 {
			return n, shift, last
		}
	}
}

// Initial is the length that begins a unit of DWARF, and the size of offsets in
// it: 4, or 8 in 64-bit DWARF (DWARF 5 §7.4).
func (c *Cursor) Initial() (length uint64, offsetSize int) {
	if length = c.Uint(4); length == 0xffffffff {
		return c.Uint(8), 8
	}
	return length, 4
}
