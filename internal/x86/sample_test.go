package x86

import (
	"flag"
	"math/rand/v2"
	"testing"
)

var (
	moreSamples = flag.Int("samples", 0, "try so many random instructions, instead of the usual number")
	seed        = flag.Uint64("seed", 1, "of the random instructions")
)

const sampleLen = 16

// samples is a source of random numbers, and how many samples to take with it.
func samples(usual int) (*rand.Rand, int) {
	n := usual
	if testing.Short() {
		n /= 10
	}
	if *moreSamples != 0 {
		n = *moreSamples
	}
	return rand.New(rand.NewPCG(*seed, 0)), n
}

// sample makes bytes that are more often an instruction than random ones: it picks an encoding, an
// opcode map, an opcode and operands independently of each other.
func sample(r *rand.Rand) []byte {
	code := make([]byte, 0, 24)
	for r.IntN(4) == 0 {
		code = append(code, []byte{0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e, 0x36, 0x65}[r.IntN(8)])
	}
	switch r.IntN(8) {
	case 0, 1, 2:
		code = legacySample(r, code)
	case 3, 4:
		code = vexSample(r, code)
	case 5, 6:
		code = evexSample(r, code)
	case 7:
		if r.IntN(2) == 0 {
			for range 4 {
				code = append(code, byte(r.Uint32()))
			}
		} else {
			code = append(code, 0x8f)
			code = append(code, byte(r.IntN(8))<<5|[]byte{8, 9, 10, byte(r.IntN(32))}[r.IntN(4)])
			code = append(code, vexTail(r)&^3, byte(r.Uint32()))
		}
	}
	code = append(code, modRMSample(r))
	for len(code) < sampleLen {
		code = append(code, byte(r.Uint32()))
	}
	return code[:sampleLen]
}

func legacySample(r *rand.Rand, code []byte) []byte {
	if p := []byte{0, 0x66, 0xf3, 0xf2}[r.IntN(4)]; p != 0 && r.IntN(2) == 0 {
		code = append(code, p)
	}
	if r.IntN(3) == 0 {
		code = append(code, 0x40+byte(r.IntN(16)))
	}
	code = append(code, [][]byte{{}, {0x0f}, {0x0f}, {0x0f, 0x38}, {0x0f, 0x3a}}[r.IntN(5)]...)
	return append(code, byte(r.Uint32()))
}

// vexTail is the byte W vvvv L pp.
func vexTail(r *rand.Rand) byte {
	b := byte(r.Uint32())
	if r.IntN(2) == 0 {
		b |= 0x78
	}
	return b
}

func vexSample(r *rand.Rand, code []byte) []byte {
	if r.IntN(4) == 0 {
		return append(code, 0xc5, vexTail(r), byte(r.Uint32()))
	}
	m := []byte{1, 2, 3, byte(r.IntN(32))}[r.IntN(4)]
	return append(code, 0xc4, 0xe0^byte(r.IntN(8)&r.IntN(8))<<5|m, vexTail(r), byte(r.Uint32()))
}

func evexSample(r *rand.Rand, code []byte) []byte {
	m := []byte{1, 2, 3, 5, 6, byte(r.IntN(16))}[r.IntN(6)]
	p0 := 0xf0 ^ byte(r.IntN(16)&r.IntN(16)&r.IntN(16))<<4 | m
	p1 := vexTail(r)
	if r.IntN(32) != 0 {
		p1 |= 4
	}
	p2 := byte(r.IntN(4)) << 5
	if r.IntN(4) != 0 {
		p2 |= 8 // V'
	}
	if r.IntN(3) == 0 {
		p2 |= 0x10 // b
	}
	if r.IntN(3) != 0 {
		p2 |= byte(r.IntN(8))
		p2 |= byte(r.IntN(2)) << 7
	}
	return append(code, 0x62, p0, p1, p2, byte(r.Uint32()))
}

// modRMSample names memory at a register that is not rsp, or registers.
func modRMSample(r *rand.Rand) byte {
	b := byte(r.Uint32())
	switch r.IntN(4) {
	case 0:
		return b
	case 1:
		return b | 0xc0
	}
	return b&0x38 | 7
}
