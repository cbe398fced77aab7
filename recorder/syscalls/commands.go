package syscalls

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// commands are the many calls that one call is: ioctl by request, fcntl by command, futex by operation.
type commands struct {
	key    func(args [6]uint64) uint64 // what tells them apart
	format string                      // how an unnamed one is shown
	other  command                     // stands for every command that has no row
	rows   map[uint64]command
}

// command is one of them.
type command struct {
	nr    uint64
	name  string
	outs  does
	waits bool
	errno unix.Errno // refused with this
	quiet bool       // … which is no news
}

// cmd is a command with its effects on memory.
func cmd(nr uint64, name string, outs ...effect) command {
	return command{nr: nr, name: name, outs: outs}
}

// waiting is a command that may wait.
func waiting(nr uint64, name string, outs ...effect) command {
	return command{nr: nr, name: name, outs: outs, waits: true}
}

// refused is a command that is not run.
func refused(nr uint64, name string, errno unix.Errno) command {
	return command{nr: nr, name: name, errno: errno}
}

// quietly is a refused command that programs do without as a matter of course.
func quietly(nr uint64, name string, errno unix.Errno) command {
	return command{nr: nr, name: name, errno: errno, quiet: true}
}

// passed is a command that the kernel refuses by itself.
var passed = cmd

func byKey(key func(args [6]uint64) uint64, format string, other command, tables ...[]command) *commands {
	c := &commands{key: key, format: format, other: other, rows: map[uint64]command{}}
	for _, t := range tables {
		for _, row := range t {
			if old, ok := c.rows[row.nr]; ok {
				panic(fmt.Sprintf("syscalls: command %#x is both %s and %s", row.nr, old.name, row.name))
			}
			c.rows[row.nr] = row
		}
	}
	return c
}

// selector tells commands apart by an argument that is an int.
func selector(arg int) func([6]uint64) uint64 {
	return func(args [6]uint64) uint64 { return uint64(uint32(args[arg])) }
}

// unknown stands for commands that the table does not know: they are refused.
func unknown(errno unix.Errno) command { return command{errno: errno} }

func (c *commands) find(args [6]uint64) command {
	if row, ok := c.rows[c.key(args)]; ok {
		return row
	}
	return c.other
}

// waits reports whether any command may wait.
func (c *commands) waits() bool {
	for _, row := range c.rows {
		if row.waits {
			return true
		}
	}
	return c.other.waits
}

func (c *commands) show(key uint64) string { return fmt.Sprintf(c.format, key) }
