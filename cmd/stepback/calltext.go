package main

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/recorder/syscalls"
)

// This file shows system calls as people write them: name(arguments) = result.

// noCall is orig_rax of a thread that is in no system call.
const noCall = ^uint64(0)

// callText shows the call that the registers hold, as it was made.
func callText(r *tracee.Regs) string {
	if r.OrigRax == noCall {
		return "a call"
	}
	call := syscalls.Lookup(r.OrigRax)
	return call.Name + "(" + strings.Join(argTexts(call, r.Args()), ", ") + ")"
}

// argTexts shows the arguments of a call, one string each.
func argTexts(call *syscalls.Call, args [6]uint64) []string {
	command := call.Command(args)
	texts := make([]string, len(call.Params))
	for i, p := range call.Params {
		if command != "" && selects(p.Name) {
			texts[i] = command
			continue
		}
		texts[i] = argText(p, args[i])
	}
	return texts
}

// selects reports whether a parameter of this name chooses among the commands
// of a call that is many calls in one.
func selects(param string) bool {
	return param == "cmd" || param == "op" || param == "option" || param == "type"
}

func argText(p syscalls.Param, v uint64) string {
	switch p.Kind {
	case syscalls.FD:
		if int32(v) == unix.AT_FDCWD {
			return "AT_FDCWD"
		}
		return strconv.Itoa(int(int32(v)))
	case syscalls.Uint:
		return strconv.FormatUint(v, 10)
	case syscalls.Mode:
		return fmt.Sprintf("%#o", uint32(v))
	case syscalls.Signal:
		return signalName(int(int32(v)))
	case syscalls.Pointer, syscalls.Path, syscalls.Hex:
		return hexText(v)
	}
	if p.Name != "offset" && v>>31 == 1 {
		return strconv.Itoa(int(int32(v))) // an int; its upper half means nothing
	}
	return strconv.FormatInt(int64(v), 10)
}

// hexText shows an address or flags.
func hexText(v uint64) string {
	if v == 0 {
		return "0"
	}
	return "0x" + strconv.FormatUint(v, 16)
}

// resultText shows the result of the call number nr.
func resultText(nr, result uint64) string {
	if name := errorName(int64(result)); name != "" {
		return "-1 " + name
	}
	if result != 0 && nr != noCall && syscalls.Lookup(nr).Class == syscalls.AddressSpace {
		return hexText(result) // an address
	}
	return strconv.FormatInt(int64(result), 10)
}

// restartNames are the results with which the kernel asks itself to make a
// call again (include/linux/errno.h), and one that is for it alone, too.
var restartNames = map[int64]string{
	512: "ERESTARTSYS", 513: "ERESTARTNOINTR", 514: "ERESTARTNOHAND", 515: "ENOIOCTLCMD", 516: "ERESTART_RESTARTBLOCK",
}

// errorName names the error that is a system call's result, "" for none.
func errorName(result int64) string {
	const maxErrno = 4095 // MAX_ERRNO, include/linux/err.h
	if result >= 0 || result < -maxErrno {
		return ""
	}
	if name := restartNames[-result]; name != "" {
		return name
	}
	if name := unix.ErrnoName(unix.Errno(-result)); name != "" {
		return name
	}
	return fmt.Sprintf("error %d", -result)
}

// signalName names a signal as kill(1) does; those without a name of their
// own are real-time signals, counted like in the C library.
func signalName(n int) string {
	const rtMin, rtMax = 34, 64
	if name := unix.SignalName(unix.Signal(n)); name != "" {
		return name
	}
	if n >= rtMin && n <= rtMax {
		return fmt.Sprintf("SIGRTMIN+%d", n-rtMin)
	}
	return strconv.Itoa(n)
}
