// Package symbols tells names, functions and lines for the addresses of a recorded
// process, and addresses for them, by the symbol tables and the debug information
// of the ELF files that it has mapped. They are read as they were recorded: on
// disk they may be others by now, or gone. Separate debug files are not recorded;
// they are taken from disk if their build-id or checksum is right.
//
// A Cache has the Files of a recording, each with the Table of its symbols and the
// info of its functions and lines, read when they are needed. A Space is what a
// process has loaded at some Time: Modules, which are files with their load bias.
// Its methods take and give addresses of the process.
//
// A pc belongs to a unit, by the ranges of the units' own DIEs; in the unit to a
// function, and in that to inlined calls: a tree of instances. The unit's line
// table has the rows, from address to line.
//
// Nothing here is safe for concurrent use.
package symbols

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"stepback/recorder/trace"
	"stepback/replayer"
)

// Content is a file's, as recorded.
type Content interface {
	io.ReaderAt
	io.Closer
}

// Cache keeps the files of a recording.
type Cache struct {
	// DebugDirs are the directories in which separate debug files are looked for,
	// by .build-id and by path. It holds for files that are not yet in use.
	DebugDirs []string

	open  func(trace.Hash) (Content, error)
	files map[trace.Hash]*cached
}

type cached struct {
	*File
	content Content
	why     error // there is no File
}

// NewCache makes a Cache. open opens a file's content.
func NewCache(open func(trace.Hash) (Content, error)) *Cache {
	return &Cache{DebugDirs: []string{SystemDebugDir}, open: open, files: map[trace.Hash]*cached{}}
}

// Close closes what the Cache has opened. Its files are of no use after that.
func (c *Cache) Close() error {
	var err error
	for _, f := range c.files {
		if f.File != nil {
			err = cmp.Or(err, f.File.close())
		}
		if f.content != nil {
			err = cmp.Or(err, f.content.Close())
		}
	}
	clear(c.files)
	return err
}

// file is the ELF file with this content, recorded at a path.
func (c *Cache) file(content trace.Hash, path string) (*File, error) {
	f := c.files[content]
	if f == nil {
		f = &cached{}
		c.files[content] = f
		opened, err := c.open(content)
		if err == nil {
			f.content = opened
			f.File, err = newFile(opened)
		}
		if err == nil {
			f.search = debugSearch{c.DebugDirs, path}
		}
		f.why = err
	}
	return f.File, f.why
}

// Module is an ELF file that a process has loaded.
type Module struct {
	*File
	Name       string     // its path, as it was recorded
	Blob       trace.Hash // its content
	Bias       uint64     // what is added to the addresses in the file
	Start, End uint64     // where it lies
}

// Space is what a process has mapped.
type Space struct {
	Modules []Module // by address
	maps    []replayer.Mapping
}

// Space finds the modules among a process's mappings. Files of other kinds are
// none, nor are ELF files of which no code is mapped.
func (c *Cache) Space(maps []replayer.Mapping) *Space {
	s := &Space{maps: maps}
	for _, m := range maps {
		if m.Blob.IsZero() || m.Prot&unix.PROT_EXEC == 0 {
			continue
		}
		f, err := c.file(m.Blob, m.Name)
		if err != nil {
			continue // code of another kind
		}
		bias, ok := f.bias(m.Start, m.Offset)
		if !ok || slices.ContainsFunc(s.Modules, func(o Module) bool { return o.Blob == m.Blob && o.Bias == bias }) {
			continue
		}
		start, end := f.extent()
		s.Modules = append(s.Modules, Module{f, m.Name, m.Blob, bias, start + bias, end + bias})
	}
	slices.SortFunc(s.Modules, func(a, b Module) int { return cmp.Compare(a.Start, b.Start) })
	return s
}

// Place is what an address belongs to.
type Place struct {
	Symbol string // "" if there is none
	Offset uint64 // from the symbol
	// Mapped says whether there is memory, and File what is mapped: a path, [stack],
	// [heap]; "" for memory of no file.
	Mapped bool
	File   string
}

// String is the symbol with the offset, as "main+4".
func (p Place) String() string {
	if p.Symbol == "" || p.Offset == 0 {
		return p.Symbol
	}
	return fmt.Sprintf("%s+%d", p.Symbol, p.Offset)
}

// Lookup describes an address.
func (s *Space) Lookup(addr uint64) (p Place) {
	for _, m := range s.maps {
		if m.Start <= addr && addr < m.End {
			p.Mapped, p.File = true, m.Name
			if p.File == "" && !m.Blob.IsZero() {
				p.File = "file " + m.Blob.String()[:8] // the recording is old and has no paths
			}
		}
	}
	for _, m := range s.Modules {
		if addr < m.Start || addr >= m.End || !p.Mapped {
			continue
		}
		if t, err := m.Table(); err == nil {
			p.Symbol, p.Offset, _ = t.Lookup(addr - m.Bias)
		}
		if p.File == "" {
			p.File = m.Name // its zeroed data are memory of no file
		}
	}
	return p
}

// Address finds a symbol by its name: that of the module with the lowest address,
// which is the program's in nearly all processes.
func (s *Space) Address(name string) (uint64, error) {
	var why []string
	for _, m := range s.Modules {
		t, err := m.Table()
		if err != nil {
			why = append(why, fmt.Sprintf("; %s: %v", m.Name, err))
			continue
		}
		if addr, ok := t.Address(name); ok {
			return addr + m.Bias, nil
		}
	}
	return 0, fmt.Errorf("no file that the process has loaded has a symbol %q%s", name, strings.Join(why, ""))
}

// Names are symbols that begin with a prefix, at most so many, in the order of their
// modules and names.
func (s *Space) Names(prefix string, most int) (list []string) {
	for _, m := range s.Modules {
		t, err := m.Table()
		if err != nil {
			continue
		}
		var names []string
		for name := range t.names {
			if strings.HasPrefix(name, prefix) {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		if list = append(list, names...); len(list) >= most {
			return list[:most]
		}
	}
	return list
}
