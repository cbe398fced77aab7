package memmap

import (
	"encoding/binary"
	"math/bits"
)

// Hash is the hash of a page's content that a recording keeps of memory to
// recognize it: XXH64 with seed 0, for contents whose length is a multiple of
// 32 bytes.
func Hash(page []byte) uint64 {
	const (
		p1 = 0x9e3779b185ebca87
		p2 = 0xc2b2ae3d27d4eb4f
		p3 = 0x165667b19e3779f9
		p4 = 0x85ebca77c2b2ae63
	)
	round := func(h, word uint64) uint64 { return bits.RotateLeft64(h+word*p2, 31) * p1 }
	seed := uint64(p1) // variables, since p1+p2 and -p1 overflow as constants
	a, b, c, d := seed+p2, uint64(p2), uint64(0), -seed
	for p := page; len(p) >= 32; p = p[32:] {
		a = round(a, binary.LittleEndian.Uint64(p[0:8]))
		b = round(b, binary.LittleEndian.Uint64(p[8:16]))
		c = round(c, binary.LittleEndian.Uint64(p[16:24]))
		d = round(d, binary.LittleEndian.Uint64(p[24:32]))
	}
	h := bits.RotateLeft64(a, 1) + bits.RotateLeft64(b, 7) + bits.RotateLeft64(c, 12) + bits.RotateLeft64(d, 18)
	for _, lane := range [4]uint64{a, b, c, d} {
		h = (h^round(0, lane))*p1 + p4
	}
	h += uint64(len(page))
	h = (h ^ h>>33) * p2
	h = (h ^ h>>29) * p3
	return h ^ h>>32
}
