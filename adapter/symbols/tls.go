package symbols

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
)

// errNoTLS reports a file without thread-local variables.
var errNoTLS = errors.New("the file has no thread-local variables")

// TLS is where a thread has its copy of a module's thread-local variables, at an
// offset from their begin: what DW_OP_form_tls_address asks. fsBase is the
// thread's, and read reads all of p from its process.
//
// The program's are below fsBase (psABI, ELF Handling for Thread-Local Storage
// §3.4.2 variant II). For a library, the loader has left in its relocated words
// either how far from fsBase they are, or the number of the module in the
// thread's vector of blocks, to which the second word at fsBase points. The vector
// is glibc's.
func (m Module) TLS(fsBase, offset uint64, read func(addr uint64, p []byte) error) (uint64, error) {
	var segment *elf.Prog
	for _, p := range m.elf.Progs {
		if p.Type == elf.PT_TLS {
			segment = p
		}
	}
	if segment == nil {
		return 0, errNoTLS
	}
	if offset >= segment.Memsz {
		return 0, fmt.Errorf("offset %#x is behind the file's thread-local variables", offset)
	}
	if m.isProgram() {
		align := max(segment.Align, 1)
		return fsBase - (segment.Memsz+align-1)/align*align + offset, nil
	}
	word := func(addr uint64) (uint64, error) {
		var b [8]byte
		err := read(addr, b[:])
		return binary.LittleEndian.Uint64(b[:]), err
	}
	slots, err := m.tlsSlots()
	if err != nil {
		return 0, err
	}
	for _, s := range slots {
		n, err := word(s.addr + m.Bias)
		if err != nil || n == 0 {
			continue // not relocated yet
		}
		if s.typ == elf.R_X86_64_TPOFF64 {
			return fsBase + n - s.value + offset, nil
		}
		vector, err := word(fsBase + 8)
		if err != nil {
			return 0, err
		}
		const entry = 16 // bytes: where the block is, and what to free
		block, err := word(vector + n*entry)
		if err != nil {
			return 0, err
		}
		if block == ^uint64(0) || block == 0 {
			return 0, errors.New("the thread has not used these variables yet")
		}
		return block + offset, nil
	}
	return 0, errors.New("the file does not tell where its thread-local variables are")
}

// isProgram reports whether the file is a program, and no library.
func (f *File) isProgram() bool {
	if f.elf.Type == elf.ET_EXEC {
		return true
	}
	flags, err := f.elf.DynValue(elf.DT_FLAGS_1)
	return err == nil && len(flags) > 0 && elf.DynFlag1(flags[0])&elf.DF_1_PIE != 0
}

// tlsSlot is a word that the loader sets for thread-local variables of the file.
type tlsSlot struct {
	typ         elf.R_X86_64
	addr, value uint64 // value is the offset of the variable from their begin
}

// tlsSlots reads the relocations of words for variables that the file itself has.
func (f *File) tlsSlots() ([]tlsSlot, error) {
	s := f.elf.Section(".rela.dyn")
	if s == nil {
		return nil, nil
	}
	data, err := s.Data()
	if err != nil {
		return nil, fmt.Errorf("reading section %s: %w", s.Name, err)
	}
	symbols, err := f.elf.DynamicSymbols()
	if err != nil && !errors.Is(err, elf.ErrNoSymbols) {
		return nil, fmt.Errorf("reading the symbols: %w", err)
	}
	var list []tlsSlot
	for ; len(data) >= 24; data = data[24:] {
		info, addend := binary.LittleEndian.Uint64(data[8:]), binary.LittleEndian.Uint64(data[16:])
		slot := tlsSlot{elf.R_X86_64(info & 0xffffffff), binary.LittleEndian.Uint64(data), addend}
		if slot.typ != elf.R_X86_64_TPOFF64 && slot.typ != elf.R_X86_64_DTPMOD64 {
			continue
		}
		if n := info >> 32; n > 0 {
			if n > uint64(len(symbols)) || symbols[n-1].Section == elf.SHN_UNDEF {
				continue // another file's
			}
			slot.value += symbols[n-1].Value
		}
		list = append(list, slot)
	}
	return list, nil
}
