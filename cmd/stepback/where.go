package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"stepback/adapter/symbols"
	"stepback/internal/tracee"
	"stepback/recorder/trace"
	"stepback/replayer"
)

// location is where a thread is.
type location struct {
	Time   string    `json:"time"`
	TID    int       `json:"tid,omitempty"` // none: no thread runs any more
	PID    int       `json:"pid,omitempty"`
	PC     string    `json:"pc,omitempty"`
	Symbol string    `json:"symbol,omitempty"` // "main+4"
	File   string    `json:"file,omitempty"`   // that is mapped there
	Next   *comingUp `json:"next,omitempty"`   // nil at the end of the recording
	place  symbols.Place
}

// comingUp is the next event of all threads.
type comingUp struct {
	Event uint64 `json:"event"`
	TID   int    `json:"tid"`
	Kind  string `json:"kind"`
	What  string `json:"what"`
}

func (l location) String() string {
	lines := []string{l.Time + ", end of history"}
	if l.TID != 0 {
		lines = []string{
			fmt.Sprintf("%s, thread %d of process %d", l.Time, l.TID, l.PID),
			fmt.Sprintf("#0 %s in %s", l.PC, placeText(l.place)),
		}
	}
	if n := l.Next; n != nil {
		lines = append(lines, fmt.Sprintf("next: event %d, %s of thread %d: %s", n.Event, n.Kind, n.TID, n.What))
	}
	return strings.Join(lines, "\n")
}

// placeText is a place as "main+4 (/bin/program)".
func placeText(p symbols.Place) string {
	name, file := p.String(), p.File
	switch {
	case !p.Mapped:
		file = "nothing is mapped there"
	case file == "":
		file = "[anonymous]"
	}
	if name == "" {
		name = "??"
	}
	return fmt.Sprintf("%s (%s)", name, file)
}

// where tells where a thread is.
func (t *traveller) where() (any, error) {
	at, err := t.Time()
	if err != nil {
		return nil, err
	}
	l := location{Time: at.String()}
	if l.Next, err = t.nextEvent(at.Event + 1); err != nil {
		return nil, err
	}
	h, err := t.thread(0)
	if errors.Is(err, errNoThread) {
		return l, nil
	} else if err != nil {
		return nil, err
	}
	space, err := t.space(h.PID)
	if err != nil {
		return nil, err
	}
	l.TID, l.PID, l.PC = h.ID, h.PID, fmt.Sprintf("%#x", h.Regs.Rip)
	l.place = space.Lookup(h.Regs.Rip)
	l.Symbol, l.File = l.place.String(), l.place.File
	return l, nil
}

// nextEvent describes event n, nil if there is none.
func (t *traveller) nextEvent(n uint64) (*comingUp, error) {
	if n >= t.rec.Len() {
		return nil, nil
	}
	cursor, err := t.rec.Events(n)
	if err != nil {
		return nil, err
	}
	var e trace.Event
	if err := cursor.Next(&e); err == io.EOF {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return &comingUp{n, e.TID, e.Kind.String(), happening(&e)}, nil
}

// space is what a process has mapped at the present.
func (t *traveller) space(pid int) (*symbols.Space, error) {
	maps, err := t.Mappings(pid)
	if err != nil {
		return nil, err
	}
	return t.files.Space(maps), nil
}

// address reads an address: a number, a register of the thread that runs next, or
// a symbol of its process, with numbers added or subtracted.
func (t *traveller) address(word string) (uint64, error) {
	if n, err := strconv.ParseUint(word, 0, 64); err == nil {
		return n, nil
	}
	if name, ok := strings.CutPrefix(word, "$"); ok && !strings.ContainsAny(name, "+-") {
		return t.register(name)
	}
	addr, unknown := t.symbol(word) // first of all: names may have signs in them
	i := strings.LastIndexAny(word, "+-")
	if unknown == nil || i <= 0 {
		return addr, unknown
	}
	n, err := strconv.ParseUint(word[i+1:], 0, 64)
	if err != nil {
		return 0, unknown
	}
	if word[i] == '-' {
		n = -n
	}
	addr, err = t.address(word[:i])
	return addr + n, err
}

// symbol is the address of a symbol.
func (t *traveller) symbol(name string) (addr uint64, err error) {
	if name == "" || strings.ContainsAny(name[:1], "$+-0123456789") {
		return 0, fmt.Errorf("%q is no address; write a number, a symbol or a register, such as 0x401000, main+4, $rsp", name)
	}
	err = t.inProcess(func(h replayer.Thread) error {
		space, err := t.space(h.PID)
		if err != nil {
			return err
		}
		if addr, err = space.Address(name); err != nil {
			at, _ := t.Time()
			return fmt.Errorf("at %s, %w", at, err)
		}
		return nil
	})
	return addr, err
}

// inProcess calls f with the thread that runs next. At the end of the recording
// there is none: f sees the last one at the event before.
func (t *traveller) inProcess(f func(replayer.Thread) error) error {
	h, err := t.nextThread()
	if err == nil {
		return f(h)
	}
	if !errors.Is(err, errNoThread) {
		return err
	}
	at, err := t.Time()
	if err != nil {
		return err
	}
	if err := t.Back(t.ctx); err != nil {
		return err
	}
	if h, err = t.nextThread(); err == nil {
		err = f(h)
	}
	return errors.Join(err, t.Seek(t.ctx, at))
}

// registerAliases are gdb's names for registers that all processors have.
var registerAliases = map[string]string{"pc": "rip", "sp": "rsp", "fp": "rbp"}

// register is a register of the thread that runs next.
func (t *traveller) register(name string) (uint64, error) {
	if alias, ok := registerAliases[name]; ok {
		name = alias
	}
	i := slices.Index(tracee.RegNames[:], name)
	if i < 0 {
		return 0, fmt.Errorf("there is no register %q; regs shows those there are", name)
	}
	h, err := t.nextThread()
	if err != nil {
		return 0, err
	}
	return h.Regs.Words()[i], nil
}
