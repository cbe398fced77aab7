package main

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// eventText shows events as lines.
type eventText struct {
	number, tid int  // widths of these columns
	regs        bool // show registers in further lines
	full        bool // show all writes and ops
	blobSize    func(trace.Hash) (int64, error)
}

const (
	fewParts  = 6  // writes and ops that are shown when not all are
	shownData = 24 // bytes of a write's content that are shown
)

// format returns the event's lines, each with its newline.
func (t *eventText) format(n uint64, e *trace.Event) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%*d %*d %-7s %s", t.number, n, t.tid, e.TID, e.Kind, happening(e))
	if e.Refused {
		b.WriteString(" (refused)")
	}
	if v := e.Evidence; v != nil && !v.Exact {
		fmt.Fprintf(&b, " (evidence: %d pages)", len(v.Pages))
	}
	t.parts(&b, len(e.Ops), func(i int) string { return opText(&e.Ops[i]) }) // in the order of replay
	t.parts(&b, len(e.Writes), func(i int) string { return t.write(&e.Writes[i]) })
	b.WriteByte('\n')
	if t.regs {
		t.registers(&b, e)
	}
	return b.String()
}

// parts shows the first of n parts, each in brackets.
func (t *eventText) parts(b *strings.Builder, n int, part func(int) string) {
	for i := range n {
		if i == fewParts && n > fewParts+1 && !t.full {
			fmt.Fprintf(b, " [… %d more]", n-i)
			return
		}
		fmt.Fprintf(b, " [%s]", part(i))
	}
}

// happening says what happened, without the effects on memory.
func happening(e *trace.Event) string {
	switch e.Kind {
	case trace.Syscall, trace.Return:
		nr := e.Before.OrigRax
		if nr == unix.SYS_RT_SIGRETURN {
			return "rt_sigreturn() to " + hexText(e.After.Rip)
		}
		return callText(&e.Before) + " = " + resultText(nr, e.After.Rax)
	case trace.Enter:
		if e.After.Rip != e.Before.Rip {
			return callText(&e.Before) + " put off for a signal"
		}
		return callText(&e.Before) + " …"
	case trace.Restart:
		again := e.Before
		again.OrigRax = e.After.Rax // restart_syscall, perhaps
		return callText(&again) + " again"
	case trace.Trap:
		return trapText(&e.Before, &e.After)
	}
	switch {
	case e.Signal != nil:
		return signalText(e)
	case e.Kind == trace.Exec && e.Thread != nil:
		return execText(e)
	case e.Thread != nil:
		return threadText(e)
	case e.Exit != nil:
		return exitText(e.Exit)
	}
	return "at " + hexText(e.Before.Rip)
}

// trapText shows the instruction that was answered. The recording has no need
// to tell rdtsc and cpuid apart; but rdtsc changes two registers only, and its
// halves are hardly ever zero.
func trapText(before, after *tracee.Regs) string {
	tsc := after.Rdx<<32 | after.Rax
	switch {
	case after.Rip-before.Rip == 3:
		return fmt.Sprintf("rdtscp = %d on CPU %d", tsc, after.Rcx)
	case after.Rbx == before.Rbx && after.Rcx == before.Rcx && after.Rax != 0 && after.Rdx != 0:
		return fmt.Sprintf("rdtsc = %d", tsc)
	}
	return fmt.Sprintf("cpuid(%s, %s) = %#x %#x %#x %#x", hexText(before.Rax&0xffffffff), hexText(before.Rcx&0xffffffff),
		after.Rax, after.Rbx, after.Rcx, after.Rdx)
}

func signalText(e *trace.Event) string {
	s := e.Signal
	text := signalName(s.Number)
	var info tracee.SigInfo
	if copy(info[:], s.Info) > 0 {
		switch pid := int32(info.Address()); {
		case s.Synchronous:
			text += " at " + hexText(info.Address())
		case info.Code() <= 0 && pid > 0: // sent by kill, tgkill or sigqueue; si_pid is where si_addr is
			text += fmt.Sprintf(" from %d", pid)
		}
	}
	text += ", " + dispositionName(s.Disposition)
	if s.Disposition == trace.Handled {
		text += " by " + hexText(e.After.Rip)
	}
	return text + ", pc " + hexText(e.Before.Rip)
}

func dispositionName(d trace.Disposition) string {
	if int(d) < len(trace.DispositionNames) {
		return trace.DispositionNames[d]
	}
	return strconv.Itoa(int(d))
}

func threadText(e *trace.Event) string {
	i := e.Thread
	text := fmt.Sprintf("thread %d of process %d", e.TID, i.PID)
	if e.TID == i.PID {
		text = fmt.Sprintf("process %d", i.PID)
	}
	if i.Parent != 0 {
		text += fmt.Sprintf(", parent %d", i.Parent)
	}
	text += fmt.Sprintf(", space %d", i.Space)
	if i.Fork {
		text += " (forked)"
	}
	return text
}

func execText(e *trace.Event) string {
	i := e.Thread
	args := make([]string, len(i.Args))
	for n, a := range i.Args {
		args[n] = strconv.Quote(a)
	}
	return fmt.Sprintf("execve(%q, [%s]), process %d, space %d", i.Name, strings.Join(args, ", "), i.PID, i.Space)
}

func exitText(i *trace.ExitInfo) string {
	text := statusText(i.Status)
	if i.Killed {
		text += ", not by itself"
	}
	if i.Last {
		text += ", last of its process"
	}
	return text
}

// statusText shows a wait status.
func statusText(status uint32) string {
	w := unix.WaitStatus(status)
	switch {
	case w.Signaled() && w.CoreDump():
		return "killed by " + signalName(int(w.Signal())) + " (core dumped)"
	case w.Signaled():
		return "killed by " + signalName(int(w.Signal()))
	}
	return fmt.Sprintf("exit status %d", w.ExitStatus())
}

// write shows what the kernel wrote.
func (t *eventText) write(w *trace.Write) string {
	where := hexText(w.Addr)
	if w.Space != 0 {
		where += fmt.Sprintf(" of space %d", w.Space)
	}
	if w.Data == nil && !w.Blob.IsZero() {
		size := "?"
		if n, err := t.blobSize(w.Blob); err == nil {
			size = strconv.FormatInt(n, 10)
		}
		return fmt.Sprintf("%s bytes written at %s: blob %s", size, where, shortHash(w.Blob))
	}
	return fmt.Sprintf("%d bytes written at %s: %s", len(w.Data), where, dataText(w.Data))
}

// dataText shows the beginning of a content: as text if it is some, in hex
// otherwise.
func dataText(data []byte) string {
	format, more := "%q", ""
	if len(data) > shownData {
		data, more = data[:shownData], "…"
	}
	for _, c := range data {
		if (c < ' ' || c > '~') && c != '\n' && c != '\t' && c != '\r' {
			format = "%x"
			break
		}
	}
	return fmt.Sprintf(format, data) + more
}

// shortHash is enough of a blob's name for people.
func shortHash(h trace.Hash) string { return h.String()[:8] }

// opText shows a change of an address space.
func opText(o *trace.Op) string {
	at := func(addr, n uint64) string { return fmt.Sprintf("%#x+%#x", addr, n) }
	blob := ""
	if !o.Blob.IsZero() {
		blob = " blob " + shortHash(o.Blob)
	}
	name := opName(o.Kind)
	switch o.Kind {
	case trace.OpMap:
		text := fmt.Sprintf("%s %s %s %s%s", name, at(o.Addr, o.Len), protText(o.Prot), mapFlags(o.Flags), blob)
		if o.Object != 0 {
			text += fmt.Sprintf(" object %d", o.Object)
		}
		if o.Offset != 0 {
			text += fmt.Sprintf(" offset %#x", o.Offset)
		}
		if o.Name != "" {
			text += fmt.Sprintf(" %q", o.Name)
		}
		return text
	case trace.OpUnmap:
		return name + " " + at(o.Addr, o.Len)
	case trace.OpProtect:
		return fmt.Sprintf("%s %s %s", name, at(o.Addr, o.Len), protText(o.Prot))
	case trace.OpRemap:
		return fmt.Sprintf("%s %s to %s", name, at(o.Addr, o.Len), at(o.NewAddr, o.NewLen))
	case trace.OpAdvise:
		return fmt.Sprintf("%s %s advice %d", name, at(o.Addr, o.Len), o.Flags)
	case trace.OpObject, trace.OpResize:
		return fmt.Sprintf("%s %d of %#x bytes%s", name, o.Object, o.Len, blob)
	case trace.OpStore:
		if blob == "" {
			blob = fmt.Sprintf(" %d bytes", len(o.Data))
		}
		return fmt.Sprintf("%s in object %d at %#x:%s", name, o.Object, o.Offset, blob)
	case trace.OpLimit:
		if o.Len == ^uint64(0) {
			return "stack limit: none"
		}
		return fmt.Sprintf("stack limit %#x", o.Len)
	}
	return name
}

func opName(k trace.OpKind) string {
	if int(k) < len(trace.OpNames) {
		return trace.OpNames[k]
	}
	return fmt.Sprintf("operation %d", k)
}

func protText(prot uint32) string {
	text := []byte("---")
	for i, bit := range []uint32{unix.PROT_READ, unix.PROT_WRITE, unix.PROT_EXEC} {
		if prot&bit != 0 {
			text[i] = "rwx"[i]
		}
	}
	return string(text)
}

// mapFlags shows the flags of a mapping that matter to replay.
func mapFlags(flags uint32) string {
	text := "private"
	if flags&unix.MAP_TYPE != unix.MAP_PRIVATE {
		text = "shared"
	}
	if flags&unix.MAP_GROWSDOWN != 0 {
		text += " growsdown"
	}
	return text
}

// registers shows those on arrival, and those that the event changed.
func (t *eventText) registers(b *strings.Builder, e *trace.Event) {
	indent := strings.Repeat(" ", t.number+t.tid+2)
	before, after := e.Before.Words(), e.After.Words()
	b.WriteString(indent + "before")
	for i, v := range before {
		fmt.Fprintf(b, " %s=%x", tracee.RegNames[i], v)
	}
	fmt.Fprintf(b, " vector=%x\n", e.Vector)
	b.WriteString(indent + "after ")
	for i, v := range after {
		if v != before[i] {
			fmt.Fprintf(b, " %s=%x", tracee.RegNames[i], v)
		}
	}
	if e.XState != nil {
		fmt.Fprintf(b, " xstate of %d bytes", len(e.XState))
	}
	b.WriteByte('\n')
}
