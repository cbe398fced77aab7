package symbols

import (
	"debug/dwarf"
	"debug/elf"
	"errors"
	"fmt"
	"io"

	"stepback/internal/memmap"
)

// File is an ELF file of a program or library.
type File struct {
	elf      *elf.File
	segments []elf.ProgHeader // that are loaded
	table    *Table           // nil until it is asked for
	err      error            // why there is no table
}

// errNotLoadable: it may be an ELF file all the same.
var errNotLoadable = errors.New("it is no program or library for x86-64")

// newFile reads the headers of an ELF file. r is read again for symbols.
func newFile(r io.ReaderAt) (*File, error) {
	f, err := elf.NewFile(r)
	if err != nil {
		return nil, err
	}
	if f.Class != elf.ELFCLASS64 || f.Machine != elf.EM_X86_64 || f.Type != elf.ET_EXEC && f.Type != elf.ET_DYN {
		return nil, errNotLoadable
	}
	n := &File{elf: f}
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD {
			n.segments = append(n.segments, p.ProgHeader)
		}
	}
	if len(n.segments) == 0 {
		return nil, errNotLoadable
	}
	return n, nil
}

// Table is the file's symbols.
func (f *File) Table() (*Table, error) {
	if f.table == nil && f.err == nil {
		f.table, f.err = f.readTable()
	}
	return f.table, f.err
}

func (f *File) readTable() (*Table, error) {
	for _, s := range f.elf.Sections {
		symbols := s.Type == elf.SHT_SYMTAB || s.Type == elf.SHT_DYNSYM || s.Type == elf.SHT_STRTAB
		if symbols && s.Flags&elf.SHF_COMPRESSED != 0 { // no tool does this, and it might unpack to anything
			return nil, fmt.Errorf("reading the symbols: section %s is compressed", s.Name)
		}
	}
	return readTable(f.elf)
}

// bias is what is added to the file's addresses where its code at an offset is
// mapped at start. ok is false if there is no code of it.
func (f *File) bias(start, offset uint64) (bias uint64, ok bool) {
	for _, p := range f.segments {
		if p.Flags&elf.PF_X != 0 && offset >= memmap.PageDown(p.Off) && offset-memmap.PageDown(p.Off) < memmap.PageUp(p.Filesz+p.Off%memmap.PageSize) {
			return start - offset - (p.Vaddr - p.Off), true
		}
	}
	return 0, false
}

// extent is the range of the file's addresses.
func (f *File) extent() (start, end uint64) {
	start = ^uint64(0)
	for _, p := range f.segments {
		start, end = min(start, p.Vaddr), max(end, p.Vaddr+p.Memsz)
	}
	return start, end
}

// DWARF is the file's debug information.
func (f *File) DWARF() (*dwarf.Data, error) { return f.elf.DWARF() }
