package symbols

import (
	"debug/elf"

	"stepback/adapter/symbols/frame"

	"golang.org/x/sys/unix"
)

// Frames is the file's call frame information.
func (f *File) Frames() *frame.Table {
	if f.frames == nil {
		var separate []*elf.File
		if d, err := f.debug(); err == nil && d != nil && d.elf != f.elf {
			separate = append(separate, d.elf) // which alone has .debug_frame, perhaps
		}
		f.frames = frame.New(f.elf, separate...)
	}
	return f.frames
}

// code is a process for frame.Unwind.
type code struct {
	*Space
	read func(addr uint64, p []byte) (int, error)
}

// Code makes of a Space, and of a function that reads the memory of its process,
// what frame.Unwind asks.
func (s *Space) Code(read func(addr uint64, p []byte) (int, error)) frame.Process {
	return code{s, read}
}

// Code is the call frame information for a pc.
func (c code) Code(pc uint64) (t *frame.Table, bias uint64, executable bool) {
	for _, m := range c.maps {
		if m.Start <= pc && pc < m.End {
			executable = m.Prot&unix.PROT_EXEC != 0
		}
	}
	if !executable {
		return nil, 0, false
	}
	for _, m := range c.Modules {
		if m.Start <= pc && pc < m.End {
			return m.Frames(), m.Bias, true
		}
	}
	return nil, 0, true
}

func (c code) Read(addr uint64, p []byte) (int, error) { return c.read(addr, p) }
