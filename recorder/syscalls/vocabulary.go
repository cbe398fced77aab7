package syscalls

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// This file is the language of the table.

// row is one system call in the table.
type row struct {
	nr     int
	name   string
	how    behaviour
	params string // "fd buf* count"; see params
	outs   does
}

// behaviour is the second column: the class of a call, and when it waits.
type behaviour struct {
	class    Class
	blocks   bool
	cond     condition
	errno    unix.Errno
	quiet    bool
	commands *commands
}

var (
	noEffect     = behaviour{class: NoEffect}
	waits        = behaviour{class: NoEffect, blocks: true}
	writes       = behaviour{class: Modelled}
	writesWaits  = behaviour{class: Modelled, blocks: true}
	addressSpace = behaviour{class: AddressSpace}
	process      = behaviour{class: Process}
	processWaits = behaviour{class: Process, blocks: true}

	// absent calls answer ENOSYS on many kernels, the newest or the older, so that programs do without.
	absent = behaviour{class: Unsupported, errno: unix.ENOSYS, quiet: true}
)

// unsupported calls exist, and programs may miss them.
func unsupported(errno unix.Errno) behaviour {
	return behaviour{class: Unsupported, errno: errno}
}

// byCommand calls are many calls in one.
func byCommand(class Class, c *commands) behaviour {
	return behaviour{class: class, blocks: c.waits(), commands: c}
}

// unless says which uses of a waiting call do not wait.
func (b behaviour) unless(c condition) behaviour {
	b.cond = c
	return b
}

// condition is a simple test of one argument, as an unsigned int.
type condition struct {
	kind conditionKind
	arg  int
	mask uint32
}

type conditionKind uint8

const (
	never conditionKind = iota
	anyBit
	noBit
)

// flag holds when the argument has one of the flags.
func flag(arg int, mask uint32) condition { return condition{anyBit, arg, mask} }

// noFlag holds when the argument has none of the flags.
func noFlag(arg int, mask uint32) condition { return condition{noBit, arg, mask} }

// zero holds when the argument, an int, is zero.
func zero(arg int) condition { return noFlag(arg, 1<<32-1) }

func (c condition) holds(args *[6]uint64) bool {
	bits := uint32(args[c.arg]) & c.mask
	return c.kind == anyBit && bits != 0 || c.kind == noBit && bits == 0
}

// does lists the effects of a call on memory.
type does []effect

// effect is one block that an argument points to, or a walk along pointers.
type effect struct {
	arg     int
	size    size
	trim    Trim
	in      bool
	onError bool
	inPlace bool
	walk    func(u *use)
}

// out is memory that the kernel writes when the call succeeds.
func out(arg int, s size) effect { return effect{arg: arg, size: s, in: true} }

// filled is a buffer filled from its start: the result says how many elements.
func filled(arg int, s size, elem uint64) effect {
	return effect{arg: arg, size: s, trim: Trim{Kind: ByResult, Elem: elem}}
}

// inout is memory that the kernel may read and may write, also when the call fails.
func inout(arg int, s size) effect { return effect{arg: arg, size: s, in: true, onError: true} }

// inPlace is like inout for memory whose address matters.
func inPlace(arg int, s size) effect {
	return effect{arg: arg, size: s, in: true, onError: true, inPlace: true}
}

// selfSized is a structure that begins with its size, four bytes, as the kernel wrote it.
func selfSized(arg int, s size) effect {
	return effect{walk: func(u *use) {
		n := s.of(&u.args)
		i := u.arg(arg, n)
		u.write(i, Span{Len: n, Trim: Trim{Kind: ByField, Block: i, Width: 4}})
	}}
}

// size is the size of a block: a constant, or computed from an argument.
type size struct {
	from  sizeFrom
	arg   int
	elem  uint64 // bytes per unit
	limit uint64
}

type sizeFrom uint8

const (
	constant sizeFrom = iota
	fromInt           // an int: nothing when negative
	fromUint          // an unsigned int: the upper half of the register is ignored
	fromLong          // an unsigned long or size_t
	fromBits          // an int: so many bits, in whole longs
	fromNode          // an unsigned long: so many bits and one more, in whole longs
	fromSpan          // a size_t: one byte for each page of it
)

func fixed(n uint64) size              { return size{elem: n} }
func bytes(arg int) size               { return size{fromLong, arg, 1, maxTransfer} }
func intBytes(arg int) size            { return size{fromInt, arg, 1, maxTransfer} }
func uintBytes(arg int) size           { return size{fromUint, arg, 1, maxTransfer} }
func items(arg int, elem uint64) size  { return size{fromInt, arg, elem, maxMemory} }
func uitems(arg int, elem uint64) size { return size{fromUint, arg, elem, maxMemory} }
func litems(arg int, elem uint64) size { return size{fromLong, arg, elem, maxMemory} }
func fdset(arg int) size               { return size{fromBits, arg, 8, maxFDs / 8} }
func nodemask(arg int) size            { return size{fromNode, arg, 8, maxNodes} }
func pages(arg int) size               { return size{fromSpan, arg, 1, maxMemory} }

// atMost bounds a size that the kernel bounds, too.
func (s size) atMost(limit uint64) size {
	s.limit = limit
	return s
}

func (s size) of(args *[6]uint64) uint64 {
	if s.from == constant {
		return s.elem
	}
	n := args[s.arg]
	switch s.from {
	case fromInt, fromBits:
		n = uint64(max(int32(n), 0))
	case fromUint:
		n = uint64(uint32(n))
	}
	switch s.from {
	case fromBits:
		n = (n + 63) / 64
	case fromNode:
		n = n/64 + 1
	case fromSpan:
		n = n/4096 + 1
	}
	return min(mul(n, s.elem), s.limit)
}

// build turns the rows into an array indexed by number.
func build(tables ...[]row) []Call {
	last := 0
	for _, t := range tables {
		for _, r := range t {
			last = max(last, r.nr)
		}
	}
	calls := make([]Call, last+1)
	for _, t := range tables {
		for _, r := range t {
			c := &calls[r.nr]
			if c.Name != "" {
				panic(fmt.Sprintf("syscalls: number %d is both %s and %s", r.nr, c.Name, r.name))
			}
			*c = Call{
				Nr: r.nr, Name: r.name, Class: r.how.class, Blocks: r.how.blocks, Errno: r.how.errno, Params: params(r.params),
				quiet: r.how.quiet, unless: r.how.cond, commands: r.how.commands, outs: r.outs,
			}
		}
	}
	return calls
}

// kinds are the kinds of parameters that the table's names imply; others are an Int.
var kinds = map[string]ParamKind{
	"addr": Pointer, "count": Uint, "len": Uint, "size": Uint, "offset": Int, "sigsetsize": Uint,
	"path": Path, "oldpath": Path, "newpath": Path, "target": Path,
	"fd": FD, "oldfd": FD, "newfd": FD, "dirfd": FD, "olddirfd": FD, "newdirfd": FD, "infd": FD, "outfd": FD, "pidfd": FD, "epfd": FD,
	"flags": Hex, "cmd": Hex, "op": Hex, "prot": Hex, "mode": Mode, "sig": Signal,
}

// params reads the parameters of a row: names, with a star when a pointer.
func params(spec string) []Param {
	fields := strings.Fields(spec)
	ps := make([]Param, len(fields))
	for i, f := range fields {
		name, star := strings.CutSuffix(f, "*")
		p := Param{Name: name, Kind: Int}
		if star {
			p.Kind = Pointer
		} else if k := kinds[name]; k != 0 {
			p.Kind = k
		}
		ps[i] = p
	}
	return ps
}
