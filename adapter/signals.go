package adapter

import (
	"fmt"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// exceptionFilter is a choice of signals that a continue stops at.
type exceptionFilter struct {
	name, label, description string
	byDefault                bool
	matches                  func(*trace.SignalInfo) bool
}

var signalFilters = []exceptionFilter{
	{"fatal", "Fatal signals", "Stops where a signal ends a process.", true,
		func(s *trace.SignalInfo) bool { return s.Disposition == trace.Fatal }},
	{"faults", "Faults", "Stops at each SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGTRAP that an instruction raises, also if the program handles it.", false,
		func(s *trace.SignalInfo) bool { return s.Synchronous }},
	{"signals", "All signals", "Stops at each signal that a process gets. As condition, write the names of those to stop at, such as SIGUSR1 SIGCHLD.", false,
		func(*trace.SignalInfo) bool { return true }},
}

// signalName is a signal's name.
func signalName(n int) string {
	const rtMin, rtMax = 34, 64
	if name := unix.SignalName(unix.Signal(n)); name != "" {
		return name
	}
	if n >= rtMin && n <= rtMax {
		return fmt.Sprintf("SIGRTMIN+%d", n-rtMin)
	}
	return fmt.Sprintf("signal %d", n)
}

// faultText says what the codes of faults mean (siginfo's si_code).
var faultText = map[unix.Signal]map[int]string{
	unix.SIGSEGV: {1: "nothing is mapped", 2: "access is not allowed"},
	unix.SIGBUS:  {1: "the address is not aligned", 2: "there is no memory behind it", 3: "the file is too short"},
	unix.SIGFPE:  {1: "a division by zero", 2: "an overflow", 3: "a floating-point division by zero"},
	unix.SIGILL:  {1: "no such instruction", 2: "no such instruction"},
}

// signalText describes a signal that was delivered: "SIGSEGV at address 0x0: nothing is mapped".
func signalText(e *trace.Event) string {
	s := e.Signal
	text := signalName(s.Number)
	var info tracee.SigInfo
	if copy(info[:], s.Info) == 0 {
		return text
	}
	const fromKernel = 0x80
	switch sender := int32(info.Address()); { // si_pid is where si_addr is
	case s.Synchronous && info.Code() == fromKernel:
		text += " at an address that is no address of a program"
	case s.Synchronous:
		text += fmt.Sprintf(" at address %#x", info.Address())
	case info.Code() <= 0 && sender > 0:
		text += fmt.Sprintf(" from process %d", sender)
	}
	if why := faultText[unix.Signal(s.Number)][info.Code()]; s.Synchronous && why != "" {
		text += ": " + why
	}
	return text
}
