package frame

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"

	"stepback/adapter/symbols/cursor"
)

// section is .eh_frame or .debug_frame.
type section struct {
	name  string
	data  []byte
	addr  uint64 // where it is loaded
	eh    bool
	bases bases
	cies  map[uint64]*cie
}

// cie is what several functions have in common.
type cie struct {
	codeAlign  uint64
	dataAlign  int64
	returns    uint64   // the register that stands for the return address
	encoding   encoding // of addresses in FDEs
	augmented  bool     // FDEs have augmentation data
	signal     bool     // it describes the kernel's call of a signal handler
	program    []byte
	offsetSize int
	initial    *Row // what program does; nil until it is needed
}

// FDE describes the frames of one function, or a part of it.
type FDE struct {
	Start, End uint64
	cie        *cie
	section    *section
	program    []byte
	at         uint64 // of program in the section
}

// Signal reports whether the frame is the kernel's call of a signal handler: the
// pc of its caller is where that was interrupted, behind no call.
func (f *FDE) Signal() bool { return f.cie.signal }

var errNoAddress = errors.New("an address is given indirectly")

// entry reads the CIE or FDE at an offset: its id, and what follows that.
func (s *section) entry(offset uint64) (c *cursor.Cursor, id uint64, idAt uint64, next uint64, err error) {
	c = cursor.At(s.data, offset)
	length, size := c.Initial()
	idAt = uint64(c.Pos)
	if c.Err != nil || length > uint64(len(s.data))-idAt {
		return nil, 0, 0, 0, fmt.Errorf("the entry at %#x of %s is longer than the section", offset, s.name)
	}
	next = idAt + length
	c.Data = s.data[:next]
	if length == 0 { // a terminator; others may follow
		return c, 0, idAt, next, nil
	}
	if s.eh {
		size = 4 // also with a length of 64 bits
	}
	return c, c.Uint(size), idAt, next, c.Err
}

// isCIE reports whether an entry with this id is a CIE, and else where the CIE of
// the FDE is.
func (s *section) isCIE(id, idAt uint64) (is bool, at uint64) {
	if s.eh {
		return id == 0, idAt - id
	}
	return id == 0xffffffff || id == ^uint64(0), id
}

// cie reads the CIE at an offset.
func (s *section) cie(offset uint64) (*cie, error) {
	if k := s.cies[offset]; k != nil {
		return k, nil
	}
	c, id, idAt, _, err := s.entry(offset)
	if err != nil {
		return nil, err
	}
	if is, _ := s.isCIE(id, idAt); !is || !c.More() {
		return nil, fmt.Errorf("there is no CIE at %#x of %s", offset, s.name)
	}
	k := &cie{offsetSize: 4}
	if !s.eh && uint64(c.Pos)-idAt == 8 {
		k.offsetSize = 8
	}
	if err := s.readCIE(k, c); err != nil {
		return nil, fmt.Errorf("the CIE at %#x of %s: %w", offset, s.name, err)
	}
	s.cies[offset] = k
	return k, nil
}

func (s *section) readCIE(k *cie, c *cursor.Cursor) error {
	version := c.Uint(1)
	if version != 1 && version != 3 && version != 4 {
		return fmt.Errorf("version %d is not known", version)
	}
	augmentation := c.String()
	if augmentation == "eh" { // of GCC 2
		c.Uint(8)
		augmentation = ""
	}
	if version == 4 {
		address, segment := c.Uint(1), c.Uint(1)
		if c.Err == nil && (address != 8 || segment != 0) {
			return fmt.Errorf("addresses have %d bytes and segments %d", address, segment)
		}
	}
	k.codeAlign, k.dataAlign = c.ULEB(), c.SLEB()
	if version == 1 {
		k.returns = c.Uint(1)
	} else {
		k.returns = c.ULEB()
	}
	if augmentation != "" {
		if augmentation[0] != 'z' {
			return fmt.Errorf("its augmentation %q is not known", augmentation)
		}
		length := c.ULEB()
		if c.Err == nil && length > uint64(len(c.Data)-c.Pos) {
			return cursor.ErrShort
		}
		k.augmented = true
		end := c.Pos + int(length)
		s.augment(k, augmentation[1:], c)
		if c.Err == nil {
			c.Pos = end // whatever letters are not known
		}
	}
	k.program = c.Bytes(uint64(len(c.Data) - c.Pos))
	if c.Err == nil && k.returns >= NumRegs {
		return fmt.Errorf("the return address is in register %d", k.returns)
	}
	return c.Err
}

// augment reads what the letters of an augmentation stand for.
func (s *section) augment(k *cie, letters string, c *cursor.Cursor) {
	for _, letter := range letters {
		switch letter {
		case 'R':
			k.encoding = encoding(c.Uint(1))
		case 'P': // the personality routine
			s.pointer(c, encoding(c.Uint(1)), 0)
		case 'L': // how the language's data are encoded
			c.Uint(1)
		case 'S':
			k.signal = true
		case 'B': // pointer authentication, of ARM
		default:
			return
		}
	}
}

// fde reads the entry at an offset, and where the next one is. f is nil for
// entries that are none.
func (s *section) fde(offset uint64) (f *FDE, next uint64, err error) {
	c, id, idAt, next, err := s.entry(offset)
	if err != nil || !c.More() {
		return nil, next, err
	}
	is, at := s.isCIE(id, idAt)
	if is {
		return nil, next, nil
	}
	k, err := s.cie(at)
	if err != nil {
		return nil, next, err
	}
	f = &FDE{cie: k, section: s}
	start, indirect := s.pointer(c, k.encoding, 0)
	length, _ := s.pointer(c, k.encoding&formatMask, 0)
	if k.augmented {
		c.Bytes(c.ULEB())
	}
	f.Start, f.End, f.at = start, start+length, uint64(c.Pos)
	f.program = c.Bytes(uint64(len(c.Data) - c.Pos))
	if err = c.Err; err == nil && indirect {
		err = errNoAddress
	}
	if err != nil {
		return nil, next, fmt.Errorf("the FDE at %#x of %s: %w", offset, s.name, err)
	}
	return f, next, nil
}

// maxSection is the size in bytes of the largest section that is read.
const maxSection = 1 << 30

// newSection reads a section; nil if the file has none with content.
func newSection(f *elf.File, name string) (*section, error) {
	h := f.Section(name)
	if h == nil || h.Type == elf.SHT_NOBITS || h.Size == 0 {
		return nil, nil
	}
	if h.Size > maxSection {
		return nil, fmt.Errorf("section %s has %d bytes", name, h.Size)
	}
	data, err := h.Data()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading section %s: %w", name, err)
	}
	s := &section{name: name, data: data, addr: h.Addr, eh: name == ".eh_frame", cies: map[uint64]*cie{}}
	s.bases = basesOf(f)
	return s, nil
}
