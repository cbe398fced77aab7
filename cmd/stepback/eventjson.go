package main

import (
	"encoding/hex"
	"strconv"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/recorder/syscalls"
	"stepback/recorder/trace"
)

// eventJSON is a line of `stepback events --json`. Addresses, registers and
// hashes are strings in hex, since many readers of JSON take numbers for
// floating point.
type eventJSON struct {
	Event    uint64        `json:"event"`
	TID      int           `json:"tid"`
	Kind     string        `json:"kind"`
	Text     string        `json:"text"` // as in the readable line
	Syscall  *callJSON     `json:"syscall,omitempty"`
	Refused  bool          `json:"refused,omitempty"`
	Signal   *signalJSON   `json:"signal,omitempty"`
	Thread   *threadJSON   `json:"thread,omitempty"`
	Exit     *exitJSON     `json:"exit,omitempty"`
	Evidence *evidenceJSON `json:"evidence,omitempty"`
	Writes   []writeJSON   `json:"writes,omitempty"`
	Ops      []opJSON      `json:"ops,omitempty"`
	Before   *registers    `json:"before"`
	After    *registers    `json:"after"`
	Vector   string        `json:"vector,omitempty"`      // hash of the vector state on arrival
	XState   int           `json:"xstateBytes,omitempty"` // length of the vector state that is set
}

type callJSON struct {
	Number uint64   `json:"number"`
	Name   string   `json:"name"`
	Args   []string `json:"args"`
	Result *int64   `json:"result,omitempty"`
	Error  string   `json:"error,omitempty"`
}

type signalJSON struct {
	Number      int    `json:"number"`
	Name        string `json:"name"`
	Disposition string `json:"disposition"`
	Synchronous bool   `json:"synchronous"`
	Address     string `json:"address,omitempty"`
	Info        string `json:"info"` // siginfo_t
}

type threadJSON struct {
	Parent  int      `json:"parent"`
	PID     int      `json:"pid"`
	Space   uint32   `json:"space"`
	Fork    bool     `json:"fork"`
	Program string   `json:"program,omitempty"`
	Args    []string `json:"args,omitempty"`
}

// exitJSON has either Code or Signal.
type exitJSON struct {
	Status uint32 `json:"status"`
	Code   *int   `json:"code,omitempty"`
	Signal string `json:"signal,omitempty"`
	Killed bool   `json:"killed"`
	Last   bool   `json:"last"`
}

type evidenceJSON struct {
	Exact bool `json:"exact"`
	Words int  `json:"words,omitempty"`
	Pages int  `json:"pages"`
}

type writeJSON struct {
	Space  uint32 `json:"space,omitempty"`
	Addr   string `json:"addr"`
	Length int64  `json:"length"`
	Data   string `json:"data,omitempty"` // hex, at most dataShown bytes
	Blob   string `json:"blob,omitempty"`
}

type opJSON struct {
	Op        string `json:"op"`
	Addr      string `json:"addr,omitempty"`
	Length    string `json:"length,omitempty"`
	Prot      string `json:"prot,omitempty"`
	Flags     string `json:"flags,omitempty"`
	Object    uint32 `json:"object,omitempty"`
	Offset    string `json:"offset,omitempty"`
	NewAddr   string `json:"newAddr,omitempty"`
	NewLength string `json:"newLength,omitempty"`
	Blob      string `json:"blob,omitempty"`
	Name      string `json:"name,omitempty"` // as /proc/PID/maps shows it
	Data      string `json:"data,omitempty"` // hex, at most dataShown bytes
	DataSize  int    `json:"dataLength,omitempty"`
}

// dataShown is how much of a content is in the JSON.
const dataShown = 64

func hexData(data []byte) string { return hex.EncodeToString(data[:min(len(data), dataShown)]) }

// hexOrNone is a number in hex, "" for 0.
func hexOrNone(v uint64) string {
	if v == 0 {
		return ""
	}
	return hexText(v)
}

// registers are a JSON object of names and values.
type registers tracee.Regs

// MarshalJSON keeps the order of tracee.RegNames, and is fast.
func (r *registers) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, 1024)
	for i, v := range (*tracee.Regs)(r).Words() {
		b = append(append(append(b, `,"`...), tracee.RegNames[i]...), `":"0x`...)
		b = append(strconv.AppendUint(b, v, 16), '"')
	}
	b[0] = '{'
	return append(b, '}'), nil
}

func newEventJSON(n uint64, e *trace.Event, blobSize func(trace.Hash) (int64, error)) *eventJSON {
	j := &eventJSON{
		Event: n, TID: e.TID, Kind: e.Kind.String(), Text: happening(e), Refused: e.Refused,
		Before: (*registers)(&e.Before), After: (*registers)(&e.After), Vector: hexOrNone(e.Vector), XState: len(e.XState),
	}
	j.Syscall = newCallJSON(e)
	if s := e.Signal; s != nil {
		j.Signal = &signalJSON{Number: s.Number, Name: signalName(s.Number), Disposition: dispositionName(s.Disposition),
			Synchronous: s.Synchronous, Info: hex.EncodeToString(s.Info)}
		var info tracee.SigInfo
		if copy(info[:], s.Info) > 0 && s.Synchronous {
			j.Signal.Address = hexText(info.Address())
		}
	}
	if i := e.Thread; i != nil {
		j.Thread = &threadJSON{Parent: i.Parent, PID: i.PID, Space: i.Space, Fork: i.Fork, Program: i.Name, Args: i.Args}
	}
	if i := e.Exit; i != nil {
		j.Exit = &exitJSON{Status: i.Status, Killed: i.Killed, Last: i.Last}
		j.Exit.Code, j.Exit.Signal = statusParts(i.Status)
	}
	if v := e.Evidence; v != nil {
		j.Evidence = &evidenceJSON{v.Exact, len(v.Words), len(v.Pages)}
	}
	for i := range e.Writes {
		j.Writes = append(j.Writes, newWriteJSON(&e.Writes[i], blobSize))
	}
	for i := range e.Ops {
		j.Ops = append(j.Ops, newOpJSON(&e.Ops[i]))
	}
	return j
}

// statusParts takes a wait status apart: an exit code, or a signal's name.
func statusParts(status uint32) (code *int, signal string) {
	w := unix.WaitStatus(status)
	if w.Signaled() {
		return nil, signalName(int(w.Signal()))
	}
	n := w.ExitStatus()
	return &n, ""
}

// newCallJSON describes the system call of an event, nil when there is none.
func newCallJSON(e *trace.Event) *callJSON {
	nr := e.Before.OrigRax
	switch e.Kind {
	case trace.Syscall, trace.Enter, trace.Return:
	case trace.Restart:
		nr = e.After.Rax
	default:
		return nil
	}
	if nr == noCall {
		return nil
	}
	call := syscalls.Lookup(nr)
	j := &callJSON{Number: nr, Name: call.Name, Args: argTexts(call, e.Before.Args())}
	if (e.Kind == trace.Syscall || e.Kind == trace.Return) && nr != unix.SYS_RT_SIGRETURN {
		result := int64(e.After.Rax)
		j.Result, j.Error = &result, errorName(result)
	}
	return j
}

func newWriteJSON(w *trace.Write, blobSize func(trace.Hash) (int64, error)) writeJSON {
	j := writeJSON{Space: w.Space, Addr: hexText(w.Addr), Length: int64(len(w.Data)), Data: hexData(w.Data)}
	if w.Data == nil && !w.Blob.IsZero() {
		j.Blob = w.Blob.String()
		j.Length, _ = blobSize(w.Blob)
	}
	return j
}

func newOpJSON(o *trace.Op) opJSON {
	j := opJSON{
		Op: opName(o.Kind), Addr: hexOrNone(o.Addr), Length: hexOrNone(o.Len), Flags: hexOrNone(uint64(o.Flags)), Object: o.Object,
		Offset: hexOrNone(o.Offset), NewAddr: hexOrNone(o.NewAddr), NewLength: hexOrNone(o.NewLen),
		Name: o.Name, Data: hexData(o.Data), DataSize: len(o.Data),
	}
	if o.Kind == trace.OpMap || o.Kind == trace.OpProtect {
		j.Prot = protText(o.Prot)
	}
	if !o.Blob.IsZero() {
		j.Blob = o.Blob.String()
	}
	return j
}
