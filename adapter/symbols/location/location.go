package location

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says where a Piece is.
type Kind uint8

// The kinds.
const (
	Nowhere  Kind = iota // optimized out
	Memory               // at Addr
	Register             // in the register N
	Value                // the bytes themselves, which nothing in the process has
	Pointer              // a pointer to what Ref describes, which has no address; with N, an offset in bytes
)

// Piece is a part of an object.
type Piece struct {
	Kind  Kind
	Addr  uint64
	N     int64
	Ref   Ref
	Bytes []byte
	// Bit is where it begins there, counted from the lowest bit of the first
	// byte, and Bits how many there are; 0: as many as the object has.
	Bit, Bits uint64
}

// Location is where an object is: its pieces, one after the other, lowest
// address first. None: optimized out.
type Location []Piece

// Address is where the object is if it is in memory, whole.
func (l Location) Address() (addr uint64, ok bool) {
	if len(l) == 1 && l[0].Kind == Memory && l[0].Bit%8 == 0 {
		return l[0].Addr + l[0].Bit/8, true
	}
	return 0, false
}

// Slice is where bits of the object are, such as those of a member. bits is 0
// for all from there on.
func (l Location) Slice(bit, bits uint64) (list Location) {
	all := bits == 0
	for _, p := range l {
		if p.Bits != 0 && bit >= p.Bits {
			bit -= p.Bits
			continue
		}
		p.Bit += bit
		if p.Bits != 0 {
			p.Bits -= bit
		}
		if bit = 0; !all && (p.Bits == 0 || p.Bits > bits) {
			p.Bits = bits
		}
		list = append(list, p)
		if bits -= p.Bits; !all && bits == 0 {
			break
		}
	}
	return list
}

// maxObject is how many bytes Read reads at most.
const maxObject = 1 << 28

// Read reads the object into all of p. It fails if a part of it is not there; Slice first to
// read the others.
func (l Location) Read(env *Env, p []byte) error {
	if len(p) > maxObject {
		return fmt.Errorf("%d bytes are too many to read", len(p))
	}
	total, done := uint64(len(p))*8, uint64(0)
	clear(p)
	for _, piece := range l {
		if done >= total {
			break
		}
		bits := total - done
		if piece.Bits != 0 {
			bits = min(bits, piece.Bits)
		}
		if err := env.readPiece(piece, bits, p, done); err != nil {
			return err
		}
		done += bits
	}
	if done < total {
		return ErrOptimizedOut
	}
	return nil
}

// readPiece reads bits of a piece to a bit of p.
func (env *Env) readPiece(l Piece, bits uint64, p []byte, to uint64) error {
	skip := l.Bit % 8
	b := make([]byte, (skip+bits+7)/8)
	switch l.Kind {
	case Memory:
		if err := env.memory(l.Addr+l.Bit/8, b); err != nil {
			return err
		}
	case Register:
		whole := make([]byte, (l.Bit+bits+7)/8)
		if len(whole) > maxValue {
			return fmt.Errorf("an object of %d bytes is in one register", len(whole))
		}
		if err := env.register(uint64(l.N), whole); err != nil {
			return err
		}
		copy(b, whole[l.Bit/8:])
	case Value:
		if l.Bit+bits > uint64(len(l.Bytes))*8 {
			return fmt.Errorf("the value has %d bytes, and %d bits from bit %d are asked for", len(l.Bytes), bits, l.Bit)
		}
		copy(b, l.Bytes[l.Bit/8:])
	case Pointer:
		return errors.New("it points to something that has no address")
	default:
		return ErrOptimizedOut
	}
	if skip == 0 && to%8 == 0 && bits%8 == 0 {
		copy(p[to/8:], b)
		return nil
	}
	for i := range bits {
		from := skip + i
		p[(to+i)/8] |= b[from/8] >> (from % 8) & 1 << ((to + i) % 8)
	}
	return nil
}

// String describes the location to people.
func (l Location) String() string {
	if len(l) == 0 {
		return ErrOptimizedOut.Error()
	}
	var parts []string
	for _, p := range l {
		parts = append(parts, p.String())
	}
	return strings.Join(parts, ", ")
}

// String describes the piece to people.
func (p Piece) String() string {
	var s string
	switch p.Kind {
	case Memory:
		s = fmt.Sprintf("memory at %#x", p.Addr)
	case Register:
		s = "register " + RegisterName(uint64(p.N))
	case Value:
		s = fmt.Sprintf("the value %x", p.Bytes)
	case Pointer:
		s = fmt.Sprintf("a pointer to %s", p.Ref)
		if p.N != 0 {
			s += fmt.Sprintf("%+d", p.N)
		}
	default:
		s = ErrOptimizedOut.Error()
	}
	if p.Bit == 0 && p.Bits == 0 {
		return s
	}
	if p.Bit%8 == 0 && p.Bits%8 == 0 {
		if p.Bit != 0 {
			s += fmt.Sprintf(" from byte %d", p.Bit/8)
		}
		if p.Bits != 0 {
			s += fmt.Sprintf(" (%d bytes)", p.Bits/8)
		}
		return s
	}
	return s + fmt.Sprintf(" from bit %d (%d bits)", p.Bit, p.Bits)
}

// String is the offset.
func (r Ref) String() string {
	if r.InUnit {
		return fmt.Sprintf("the entry at %#x of the unit", r.Offset)
	}
	return fmt.Sprintf("the entry at %#x", r.Offset)
}
