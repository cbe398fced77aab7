package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"stepback/adapter/symbols"
	"stepback/internal/tracee"
	"stepback/recorder/trace"
	"stepback/replayer"
	"stepback/replayer/condition"
)

func travelCommand() *cobra.Command {
	var f travelFlags
	var asJSON bool
	c := &cobra.Command{
		Use:   "travel [REC] [--json]",
		Short: "Walk through a recording with commands",
		Long: `Walk through a recording (the latest when REC is left out) with commands from
standard input, one a line:

` + travelHelp() + `
TIME is EVENT or EVENT+STEPS: so many instructions after an event. PROBE is
one of these, and several are several probes:

  pc=ADDRESS       an instruction is about to be executed
  write=ADDRESS/N  N bytes of memory, 8 if left out, are about to be written, or
                   were by a system call; also read= and access=
  syscall=NAME     a system call was made
  event=KIND       an event of a kind, as stepback events shows them
  tid=N, pid=N     the probe before, in that thread or process only
  if=CONDITION     the probe before, if that holds: as in C, of numbers, registers
                   ($rdi, $tid), and memory by type and address (u32[$rbp-8]);
                   without spaces

ADDRESS is a number, a symbol, or a register such as $rsp, of the present, with
+N or -N behind it: 0x401000, main+4, $rbp-8. FMT is as in gdb: a count, a letter
(x hexadecimal, d signed, u unsigned, o octal, t binary, f floating point, c
character, a address with symbol, s string, i instruction) and a size (b, h, w, g:
1, 2, 4, 8 bytes), such as x/8xg $rsp, x/s ADDRESS, x/4i $pc.

A function that is called runs in a copy that is thrown away: it changes nothing,
and has nothing but memory. What it prints is shown.

^C ends a search, move or call where it is. With --json, each command answers with a
line of JSON, an object with "error" when it failed. The exit status is 0 unless
a command of a script failed (standard input that is no terminal): then it is 1,
and the commands behind it are not executed.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o, err := f.options(c)
			if err != nil {
				return err
			}
			return travel(args, asJSON, o)
		},
	}
	f.add(c)
	c.Flags().BoolVar(&asJSON, "json", false, "answer in JSON, a line for each command")
	return c
}

// traveller is who walks through a recording.
type traveller struct {
	replayer.Timeline
	rec    *trace.Recording
	files  *symbols.Cache
	ctx    context.Context // of the command that is executed
	args   []string        // its arguments
	format string          // what is behind the slash of its name
}

// errQuit ends the walk.
var errQuit = errors.New("quit")

// A travelVerb is a command. Its answer has a String for people.
type travelVerb struct {
	name, args, help string
	least, most      int // arguments
	do               func(*traveller) (any, error)
}

var travelVerbs []travelVerb

func init() { // the help command knows them all
	travelVerbs = []travelVerb{
		{"goto", "TIME|start|end", "go to a time", 1, 1, (*traveller).goTo},
		{"step", "[N]", "go on by N instructions or events", 0, 1, (*traveller).step},
		{"back", "[N]", "go back by N instructions or events", 0, 1, (*traveller).back},
		{"find-next", "PROBE…", "go to the next hit of a probe", 1, 99, (*traveller).findNext},
		{"find-last", "PROBE…", "go back to the last hit of a probe", 1, 99, (*traveller).findLast},
		{"time", "", "tell the present time", 0, 0, (*traveller).now},
		{"where", "[TID]", "tell where a thread is, and what the next event is", 0, 1, (*traveller).where},
		{"threads", "", "show the threads, * the one that runs next", 0, 0, (*traveller).threads},
		{"regs", "[TID]", "show the registers of a thread", 0, 1, (*traveller).regs},
		{"x", "ADDRESS [N]", "show N bytes of memory, 64 if left out, in the process that runs next", 1, 2, (*traveller).dump},
		{"x/FMT", "ADDRESS", "show memory in a format", 1, 1, (*traveller).examine},
		{"call", "ADDRESS [ARG…]", "call a function, with whole numbers, in a copy of the process that runs next", 1, 99, (*traveller).call},
		{"snapshots", "", "show the snapshots", 0, 0, (*traveller).snapshots},
		{"pin", "", "keep a snapshot of the present", 0, 0, func(t *traveller) (any, error) { return t.pin(true) }},
		{"unpin", "", "keep it no longer than others", 0, 0, func(t *traveller) (any, error) { return t.pin(false) }},
		{"count", "PROBE…", "tell how many hits there are up to the present", 1, 99, (*traveller).count},
		{"find-nth", "N PROBE…", "go to a hit by its number, the first is 1", 2, 99, (*traveller).findNth},
		{"help", "", "show the commands", 0, 0, func(*traveller) (any, error) { return text(travelHelp()), nil }},
		{"quit", "", "end", 0, 0, func(*traveller) (any, error) { return nil, errQuit }},
	}
}

func travelHelp() string {
	var b strings.Builder
	for _, v := range travelVerbs {
		fmt.Fprintf(&b, "  %-24s %s\n", strings.TrimSpace(v.name+" "+v.args), v.help)
	}
	return b.String()
}

// text is an answer in words.
type text string

func (t text) String() string { return strings.TrimSuffix(string(t), "\n") }

func travel(args []string, asJSON bool, o replayer.TravelOptions) (err error) {
	rec, err := openRecording(args)
	if err != nil {
		return err
	}
	defer rec.Close()
	l, err := replayer.Open(rec, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	_, notTerminal := unix.IoctlGetTermios(int(os.Stdin.Fd()), unix.TCGETS)
	t := &traveller{Timeline: l, rec: rec, files: symbols.NewCache(func(h trace.Hash) (symbols.Content, error) { return rec.Blob(h) })}
	defer t.files.Close()
	lines := bufio.NewScanner(os.Stdin)
	for {
		if notTerminal == nil {
			fmt.Fprint(os.Stderr, "(stepback) ")
		}
		if !lines.Scan() {
			return lines.Err()
		}
		words := strings.Fields(lines.Text())
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		answer, err := t.execute(words)
		if err == errQuit {
			return nil
		}
		show(answer, err, asJSON)
		if err != nil && notTerminal != nil {
			return &statusError{status: exitDiverged}
		}
	}
}

// execute executes one command, which ^C ends.
func (t *traveller) execute(words []string) (any, error) {
	name, format, formatted := strings.Cut(words[0], "/")
	if formatted {
		name += "/FMT"
	}
	i := slices.IndexFunc(travelVerbs, func(v travelVerb) bool { return v.name == name })
	if i < 0 {
		return nil, fmt.Errorf("there is no command %q; help shows those there are", words[0])
	}
	v := travelVerbs[i]
	if n := len(words) - 1; n < v.least || n > v.most {
		return nil, fmt.Errorf("write: %s", strings.TrimSpace(v.name+" "+v.args))
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	interrupt := stopOnSignal(cancel)
	defer interrupt.end()
	t.ctx, t.args, t.format = ctx, words[1:], format
	answer, err := v.do(t)
	if errors.Is(err, context.Canceled) {
		at, _ := t.Time()
		err = fmt.Errorf("stopped at %s", at)
	}
	return answer, err
}

func show(answer any, err error, asJSON bool) {
	switch {
	case asJSON && err != nil:
		answer = map[string]string{"error": err.Error()}
		fallthrough
	case asJSON:
		json.NewEncoder(os.Stdout).Encode(answer)
	case err != nil:
		fmt.Fprintln(os.Stderr, "stepback:", err)
	default:
		fmt.Println(answer)
	}
}

// place is where the present is.
type place struct {
	Time  string `json:"time"`
	TID   int    `json:"tid,omitempty"` // of the thread that runs next
	PC    string `json:"pc,omitempty"`
	Probe *int   `json:"probe,omitempty"` // that was hit
	Note  string `json:"note,omitempty"`
}

func (p place) String() string {
	s := p.Time
	if p.TID != 0 {
		s += fmt.Sprintf(", thread %d at %s", p.TID, p.PC)
	}
	if p.Note != "" {
		s += "; " + p.Note
	}
	return s
}

func (t *traveller) here(note string) (any, error) {
	at, err := t.Time()
	if err != nil {
		return nil, err
	}
	p := place{Time: at.String(), Note: note}
	threads, err := t.Timeline.Threads()
	for _, h := range threads {
		if h.Next {
			p.TID, p.PC = h.ID, fmt.Sprintf("%#x", h.Regs.Rip)
		}
	}
	return p, err
}

func (t *traveller) now() (any, error) { return t.here("") }

func (t *traveller) goTo() (any, error) {
	var err error
	switch t.args[0] {
	case "start":
		err = t.Seek(t.ctx, replayer.Time{})
	case "end":
		_, err = t.Last(t.ctx)
	default:
		var to replayer.Time
		if to, err = replayer.ParseTime(t.args[0]); err == nil {
			err = t.Seek(t.ctx, to)
		}
	}
	if err != nil {
		return nil, err
	}
	return t.here("")
}

func (t *traveller) step() (any, error) { return t.repeat(t.Step, "end of history") }
func (t *traveller) back() (any, error) { return t.repeat(t.Back, "start of history") }

// repeat makes as many moves as the argument says.
func (t *traveller) repeat(move func(context.Context) error, end string) (any, error) {
	n, err := t.number(0, 1)
	if err != nil {
		return nil, err
	}
	for ; n > 0; n-- {
		if err := move(t.ctx); err == io.EOF {
			return t.here(end)
		} else if err != nil {
			return nil, err
		}
	}
	return t.here("")
}

// number is an argument that may be left out.
func (t *traveller) number(i int, otherwise uint64) (uint64, error) {
	if i >= len(t.args) {
		return otherwise, nil
	}
	n, err := strconv.ParseUint(t.args[i], 0, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no number", t.args[i])
	}
	return n, nil
}

func (t *traveller) findNext() (any, error) { return t.find(t.FindNext, "end of history") }
func (t *traveller) findLast() (any, error) { return t.find(t.FindLast, "start of history") }

func (t *traveller) findNth() (any, error) {
	n, err := t.number(0, 0)
	if err != nil {
		return nil, err
	}
	t.args = t.args[1:]
	return t.find(func(ctx context.Context, probes []replayer.Probe) (*replayer.Hit, error) {
		return t.FindNth(ctx, probes, n)
	}, "end of history")
}

// hitCount is how many hits there are up to the present.
type hitCount struct {
	Hits uint64 `json:"hits"`
}

func (n hitCount) String() string { return fmt.Sprintf("%d hits up to here", n.Hits) }

func (t *traveller) count() (any, error) {
	probes, err := parseProbes(t.args, t.address)
	if err != nil {
		return nil, err
	}
	n, err := t.Count(t.ctx, probes)
	return hitCount{n}, err
}

func (t *traveller) pin(pinned bool) (any, error) {
	if err := t.Pin(pinned); err != nil {
		return nil, err
	}
	return t.now()
}

func (t *traveller) find(search func(context.Context, []replayer.Probe) (*replayer.Hit, error), end string) (any, error) {
	probes, err := parseProbes(t.args, t.address)
	if err != nil {
		return nil, err
	}
	hit, err := search(t.ctx, probes)
	if err != nil {
		return nil, err
	}
	if hit == nil {
		return t.here("no hit: " + end)
	}
	answer, err := t.here("")
	if p, ok := answer.(place); ok {
		p.Probe = &hit.Probe
		answer = p
	}
	return answer, err
}

// parseProbes reads the probes of a search. address reads an address.
func parseProbes(words []string, address func(string) (uint64, error)) (probes []replayer.Probe, err error) {
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		if key == "tid" || key == "pid" {
			n, err := strconv.Atoi(value)
			if err != nil || len(probes) == 0 {
				return nil, fmt.Errorf("%s: write a number, behind the probe that it restricts", w)
			}
			last := &probes[len(probes)-1]
			if key == "tid" {
				last.TID = n
			} else {
				last.PID = n
			}
			continue
		}
		if key == "if" {
			if len(probes) == 0 {
				return nil, fmt.Errorf("%s: write it behind the probe that it restricts", w)
			}
			last := &probes[len(probes)-1]
			if last.If, err = condition.Parse(value); err != nil {
				return nil, err
			}
			continue
		}
		var p replayer.Probe
		switch key {
		case "pc":
			if p.PC, err = address(value); err != nil {
				return nil, fmt.Errorf("%s: %w", w, err)
			}
		case "write", "access", "read":
			addr, size, some := strings.Cut(value, "/")
			p.Data = replayer.Data{Size: 8, Writes: key != "read", Reads: key != "write"}
			if p.Data.Addr, err = address(addr); err == nil && some {
				p.Data.Size, err = strconv.ParseUint(size, 0, 64)
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", w, err)
			}
		case "syscall":
			p.Event = func(e *trace.Event) bool {
				return (e.Kind == trace.Syscall || e.Kind == trace.Enter) && syscallName(e.Before.OrigRax) == value
			}
		case "event":
			if !slices.Contains(trace.KindNames[:], value) {
				return nil, fmt.Errorf("%s: kinds of events are %s", w, strings.Join(trace.KindNames[:], ", "))
			}
			p.Event = func(e *trace.Event) bool { return e.Kind.String() == value }
		default:
			return nil, fmt.Errorf("%q is no probe; help shows those there are", w)
		}
		probes = append(probes, p)
	}
	return probes, nil
}

// threadList are the threads at the present.
type threadList []struct {
	TID  int    `json:"tid"`
	PID  int    `json:"pid"`
	PC   string `json:"pc"`
	Next bool   `json:"next"`
}

func (l threadList) String() string {
	var lines []string
	for _, h := range l {
		mark := " "
		if h.Next {
			mark = "*"
		}
		lines = append(lines, fmt.Sprintf("%s thread %d of process %d at %s", mark, h.TID, h.PID, h.PC))
	}
	return strings.Join(lines, "\n")
}

func (t *traveller) threads() (any, error) {
	threads, err := t.Timeline.Threads()
	list := make(threadList, len(threads))
	for i, h := range threads {
		list[i].TID, list[i].PID, list[i].PC, list[i].Next = h.ID, h.PID, fmt.Sprintf("%#x", h.Regs.Rip), h.Next
	}
	return list, err
}

// errNoThread reports that the present is the end of the recording.
var errNoThread = errors.New("no thread runs any more")

// thread is the one named, or that runs next.
func (t *traveller) thread(i int) (replayer.Thread, error) {
	tid, err := t.number(i, 0)
	if err != nil {
		return replayer.Thread{}, err
	}
	threads, err := t.Timeline.Threads()
	if err != nil {
		return replayer.Thread{}, err
	}
	for _, h := range threads {
		if h.ID == int(tid) || tid == 0 && h.Next {
			return h, nil
		}
	}
	if tid == 0 {
		return replayer.Thread{}, errNoThread
	}
	return replayer.Thread{}, fmt.Errorf("there is no thread %d here; threads shows those there are", tid)
}

// nextThread is the one that runs next.
func (t *traveller) nextThread() (replayer.Thread, error) { return t.thread(len(t.args)) }

// registerFile are a thread's, by name.
type registerFile map[string]string

func (r registerFile) String() string {
	var lines []string
	for i, name := range tracee.RegNames {
		if i%3 == 0 {
			lines = append(lines, "")
		}
		lines[i/3] += fmt.Sprintf("%-8s %-20s", name, r[name])
	}
	return strings.Join(lines, "\n")
}

func (t *traveller) regs() (any, error) {
	h, err := t.thread(0)
	if err != nil {
		return nil, err
	}
	regs := registerFile{}
	for i, v := range h.Regs.Words() {
		regs[tracee.RegNames[i]] = fmt.Sprintf("%#x", v)
	}
	return regs, nil
}

func (t *traveller) snapshots() (any, error) {
	stats, err := t.Statistics()
	if err != nil {
		return nil, err
	}
	now, err := t.Time()
	return snapshotTable{stats, now, t.rec.Len()}, err
}
