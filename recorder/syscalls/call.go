package syscalls

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Class says who is responsible for the effects of a call.
type Class uint8

const (
	Modelled     Class = iota + 1 // writes memory as Outputs says
	NoEffect                      // writes no memory of the program
	AddressSpace                  // changes the address space: code of the recorder follows it
	Process                       // controls processes, threads or signals: the recorder looks at it; it may have outputs too
	Unsupported                   // not run; answered with Errno
)

func (c Class) String() string {
	switch c {
	case Modelled:
		return "modelled"
	case NoEffect:
		return "no effect"
	case AddressSpace:
		return "address space"
	case Process:
		return "process"
	case Unsupported:
		return "unsupported"
	}
	return fmt.Sprintf("Class(%d)", uint8(c))
}

// Call is what is known about one system call. It is shared and must not be changed.
type Call struct {
	Nr     int
	Name   string
	Class  Class
	Blocks bool       // some use of the call may wait for another thread or the outside; see MayBlock
	Errno  unix.Errno // the answer of an Unsupported call
	Params []Param    // for display

	quiet    bool      // refusing it is what many kernels do: not worth a report
	unless   condition // uses that do not block although Blocks is set
	commands *commands // the call is many calls in one: its effects are chosen by these
	outs     does
}

// ParamKind says how an argument is best shown.
type ParamKind uint8

const (
	Int     ParamKind = iota + 1 // signed decimal
	Uint                         // a size or count
	Hex                          // flags and commands
	Mode                         // octal permission bits
	Pointer                      // an address
	Path                         // the address of a path
	FD                           // a file descriptor
	Signal                       // a signal number
)

// Param is a parameter of a call.
type Param struct {
	Name string
	Kind ParamKind
}

// Lookup returns the call with a number. It never returns nil: a number without a call yields an
// Unsupported one that answers ENOSYS and is named syscall_N.
func Lookup(nr uint64) *Call {
	if nr < uint64(len(calls)) && calls[nr].Name != "" {
		return &calls[nr]
	}
	return &Call{Nr: int(nr), Name: fmt.Sprintf("syscall_%d", nr), Class: Unsupported, Errno: unix.ENOSYS}
}

// All returns the known calls in the order of their numbers.
func All() []*Call {
	var all []*Call
	for i := range calls {
		if calls[i].Name != "" {
			all = append(all, &calls[i])
		}
	}
	return all
}

// MayBlock reports whether this use of the call may wait for another recorded thread or for the
// outside world. It errs towards true: the arguments do not tell a pipe from a regular file.
func (c *Call) MayBlock(args [6]uint64) bool {
	if !c.Blocks || c.unless.holds(&args) {
		return false
	}
	if c.commands != nil {
		return c.commands.find(args).waits
	}
	return true
}

// Command names the command of a call that is many calls in one, such as "TIOCGWINSZ" for an ioctl.
// It is empty for other calls and for commands that are not in the table.
func (c *Call) Command(args [6]uint64) string {
	if c.commands == nil {
		return ""
	}
	return c.commands.find(args).name
}

// Refusal names what Outputs refused, for the report to the user: "bpf", "ioctl TIOCSTI",
// "ioctl 0x4b47". It is empty when the refusal is no news, because the program would get the same answer
// from many kernels and goes on without the call (rseq). m is for refusals that depend on memory.
func (c *Call) Refusal(m Memory, args [6]uint64) string {
	if c.quiet {
		return ""
	}
	if c.commands == nil {
		return c.Name
	}
	cmd := c.commands.find(args)
	switch {
	case cmd.quiet:
		return ""
	case cmd.name != "":
		return c.Name + " " + cmd.name
	}
	return fmt.Sprintf("%s %s", c.Name, c.commands.show(c.commands.key(args)))
}
