package symbols

import (
	"bytes"
	"encoding/binary"
)

// A cursor reads a section of debug information. Past its end it reads zeros,
// and bad says so: damaged sections end there.
type cursor struct {
	data []byte
	at   int
	bad  bool
}

// take is the next n bytes; nil if there are not so many.
func (c *cursor) take(n uint64) []byte {
	if c.at < 0 || c.at > len(c.data) || n > uint64(len(c.data)-c.at) {
		c.bad, c.at = true, len(c.data)
		return nil
	}
	b := c.data[c.at : c.at+int(n)]
	c.at += int(n)
	return b
}

func (c *cursor) u8() uint8 {
	if c.at >= 0 && c.at < len(c.data) {
		c.at++
		return c.data[c.at-1]
	}
	c.bad = true
	return 0
}

// fixed is a number of 1 to 8 bytes.
func (c *cursor) fixed(size int) uint64 {
	var b [8]byte
	copy(b[:], c.take(uint64(size)))
	return binary.LittleEndian.Uint64(b[:])
}

func (c *cursor) u16() uint16 { return uint16(c.fixed(2)) }

// offset is a place in a section: 8 bytes in 64-bit DWARF, or else 4.
func (c *cursor) offset(dwarf64 bool) uint64 {
	if dwarf64 {
		return c.fixed(8)
	}
	return c.fixed(4)
}

// length is the one that a unit begins with (DWARF 5 §7.4).
func (c *cursor) length() (n uint64, dwarf64 bool) {
	if n = c.fixed(4); n == 0xffffffff {
		return c.fixed(8), true
	}
	return n, false
}

func (c *cursor) uleb() (n uint64) {
	for shift := 0; ; shift += 7 {
		b := c.u8()
		if shift < 64 {
			n |= uint64(b&0x7f) << shift
		}
		if b < 0x80 {
			return n
		}
	}
}

func (c *cursor) sleb() (n int64) {
	for shift := 0; ; {
		b := c.u8()
		if shift < 64 {
			n |= int64(b&0x7f) << shift
		}
		shift += 7
		if b < 0x80 {
			if b&0x40 != 0 && shift < 64 {
				n |= -1 << shift
			}
			return n
		}
	}
}

// text is a string that ends with a zero.
func (c *cursor) text() []byte {
	if c.at >= 0 && c.at < len(c.data) {
		if n := bytes.IndexByte(c.data[c.at:], 0); n >= 0 {
			c.at += n + 1
			return c.data[c.at-n-1 : c.at-1]
		}
	}
	c.bad, c.at = true, len(c.data)
	return nil
}

// textAt is the string at an offset in a section of strings.
func textAt(data []byte, offset uint64) []byte {
	if offset >= uint64(len(data)) {
		return nil
	}
	c := cursor{data: data, at: int(offset)}
	return c.text()
}
