package location

import (
	"errors"
	"fmt"
)

// ErrOptimizedOut reports that the compiler has left no value, or none at this pc.
var ErrOptimizedOut = errors.New("optimized out")

// Env is what the expressions of a frame can ask about. Of a function that is
// nil, nothing is known; expressions that need it fail.
type Env struct {
	// Bias is added to the addresses that expressions contain.
	Bias uint64
	// OffsetSize is 8 in units of 64-bit DWARF; 0 means 4.
	OffsetSize int
	// Read reads all of p from memory.
	Read func(addr uint64, p []byte) error
	// Register reads the low bytes of a register, by its number in DWARF
	// (System V psABI for x86-64, figure 3.36).
	Register func(n uint64, p []byte) error
	// FrameBase is the function's DW_AT_frame_base.
	FrameBase func() (uint64, error)
	// CFA is the canonical frame address.
	CFA func() (uint64, error)
	// Address is an entry of the unit's part of .debug_addr, as in the file.
	Address func(index uint64) (uint64, error)
	// TLS is where the thread has its copy of what is at an offset of the
	// module's thread-local variables.
	TLS func(offset uint64) (uint64, error)
	// Object is the object of which a data member or a bound is evaluated.
	Object func() (uint64, error)
	// Entry is the value that the location expr had when the function was
	// entered. See CallSite.
	Entry func(expr []byte) (uint64, error)
	// Parameter is the value that the parameter of this entry had then.
	Parameter func(ref Ref) (uint64, error)
	// Variable is the value of the variable of this entry.
	Variable func(ref Ref) (uint64, error)
	// Expression is the DW_AT_location of an entry, nil if it has none.
	Expression func(ref Ref) ([]byte, error)
	// Type is the base type of an entry of the unit.
	Type func(offset uint64) (BaseType, error)
}

// Ref is an entry of the debug information: an offset in .debug_info, or in
// the unit.
type Ref struct {
	Offset uint64
	InUnit bool
}

// ask calls a function of an Env that may be nil.
func ask(what string, f func() (uint64, error)) (uint64, error) {
	if f == nil {
		return 0, unknown(what)
	}
	n, err := f()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	return n, nil
}

func unknown(what string) error { return fmt.Errorf("%s is not known here", what) }

// with makes a function of a question about x.
func with[T any](f func(T) (uint64, error), x T) func() (uint64, error) {
	if f == nil {
		return nil
	}
	return func() (uint64, error) { return f(x) }
}

// memory reads memory.
func (env *Env) memory(addr uint64, p []byte) error {
	if env.Read == nil {
		return unknown("memory")
	}
	if err := env.Read(addr, p); err != nil {
		return fmt.Errorf("reading %d bytes at %#x: %w", len(p), addr, err)
	}
	return nil
}

// register reads a register.
func (env *Env) register(n uint64, p []byte) error {
	if env.Register == nil {
		return unknown("register " + RegisterName(n))
	}
	if err := env.Register(n, p); err != nil {
		return fmt.Errorf("register %s: %w", RegisterName(n), err)
	}
	return nil
}

// registerNames are those that DWARF numbers 0 to 16.
var registerNames = [...]string{
	"rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rip",
}

// families are registers with numbers in a row (psABI, figure 3.36).
var families = []struct {
	first, last uint64
	name        string
	from        uint64
}{
	{17, 32, "xmm", 0}, {33, 40, "st", 0}, {41, 48, "mm", 0}, {67, 82, "xmm", 16}, {118, 125, "k", 0}, {126, 129, "bnd", 0},
}

var others = map[uint64]string{
	49: "rflags", 50: "es", 51: "cs", 52: "ss", 53: "ds", 54: "fs", 55: "gs", 58: "fs.base", 59: "gs.base", 62: "tr", 63: "ldtr", 64: "mxcsr", 65: "fcw", 66: "fsw",
}

// RegisterName is the name of a register by its number in DWARF.
func RegisterName(n uint64) string {
	if n < uint64(len(registerNames)) {
		return registerNames[n]
	}
	for _, f := range families {
		if f.first <= n && n <= f.last {
			return fmt.Sprint(f.name, n-f.first+f.from)
		}
	}
	if name, ok := others[n]; ok {
		return name
	}
	return fmt.Sprintf("number %d", n)
}
