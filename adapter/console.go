package adapter

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	godap "github.com/google/go-dap"

	"stepback/dap"
	"stepback/internal/tracee"
)

// consoleCommand is what can be written in the debug console, besides expressions. Each that
// travels is a request as well.
type consoleCommand struct {
	name, arguments, help string
	// One of these: it answers with a text, or it moves.
	tell func(s *session, ctx context.Context, argument string) (string, error)
	move func(s *session, argument string) (mover, error)
}

var consoleCommands []consoleCommand

func init() { // help knows them all
	consoleCommands = []consoleCommand{
		{"info time", "", "tell the present time", (*session).tellTime, nil},
		{"info snapshots", "", "show the snapshots that make going back fast", (*session).tellSnapshots, nil},
		{"info threads", "", "show the threads", (*session).tellThreads, nil},
		{"goto", "TIME|start|end|BOOKMARK", "go to a time: EVENT or EVENT+STEPS", nil, func(s *session, what string) (mover, error) {
			return s.travel(&dap.GotoArguments{Time: what})
		}},
		{"last", "EXPRESSION", "go back to the last write there: who wrote this?", nil, func(s *session, what string) (mover, error) {
			return s.lastWrite(&dap.LastWriteArguments{Expression: what})
		}},
		{"bookmarks", "", "show the bookmarks", (*session).tellBookmarks, nil},
		{"bookmark", "NAME", "give the present a name to go to", (*session).tellBookmarks, nil},
		{"reverse-continue", "", "go back to the last breakpoint", nil, func(s *session, _ string) (mover, error) {
			return s.reverseContinue(nil)
		}},
		{"reverse-next", "", "step back over calls", nil, func(s *session, _ string) (mover, error) {
			return s.step(s.current, backward, s.byLine(s.lineBack, s.backOver)), nil
		}},
		{"reverse-step", "", "step back, into functions that returned", nil, func(s *session, _ string) (mover, error) {
			return s.step(s.current, backward, s.byLine(s.lineBackInto, s.backInto)), nil
		}},
		{"reverse-finish", "", "go back to the call of this function", nil, func(s *session, _ string) (mover, error) {
			return s.step(s.current, backward, s.backOut), nil
		}},
		{"log", "LOCATION MESSAGE", "show what a log point there says in all of history, with expressions in braces", (*session).tellLog, nil},
		{"help", "", "show the commands", func(*session, context.Context, string) (string, error) { return consoleHelp(), nil }, nil},
	}
}

func consoleHelp() string {
	var b strings.Builder
	for _, c := range consoleCommands {
		fmt.Fprintf(&b, "%-30s %s\n", strings.TrimSpace(c.name+" "+c.arguments), c.help)
	}
	b.WriteString("All else is an expression of the program's language, or of its machine: $rax, main+4, u32[$rsp+8].")
	return b.String()
}

// findCommand finds the command that a line begins with.
func findCommand(line string) (c *consoleCommand, argument string) {
	words := strings.Fields(line)
	for i := range consoleCommands {
		c := &consoleCommands[i]
		n := len(strings.Fields(c.name))
		if len(words) >= n && strings.Join(words[:n], " ") == c.name {
			return c, strings.Join(words[n:], " ")
		}
	}
	return nil, ""
}

func (s *session) evaluate(ctx context.Context, a *godap.EvaluateArguments) (body godap.EvaluateResponseBody, to *stop, err error) {
	if a.Context == "repl" {
		if c, argument := findCommand(a.Expression); c != nil {
			return s.execute(ctx, c, argument)
		}
	}
	f, err := s.frameOf(a.FrameId)
	if err != nil {
		return body, nil, err
	}
	v, err := s.evaluateIn(f, a.Expression)
	if err != nil {
		if a.Context == "repl" {
			err = fmt.Errorf("%w; help shows the commands", err)
		}
		return body, nil, err
	}
	return godap.EvaluateResponseBody{
		Result: v.Text, Type: v.Type, VariablesReference: s.reference(v), NamedVariables: v.Named, IndexedVariables: v.Indexed,
		MemoryReference: memoryReference(v),
	}, nil, nil
}

// execute executes a command of the console.
func (s *session) execute(ctx context.Context, c *consoleCommand, argument string) (body godap.EvaluateResponseBody, to *stop, err error) {
	if (argument == "") != (c.arguments == "") {
		return body, nil, argumentError("write: %s", strings.TrimSpace(c.name+" "+c.arguments))
	}
	if c.tell != nil {
		body.Result, err = c.tell(s, ctx, argument)
		return body, nil, err
	}
	m, err := c.move(s, argument)
	if err != nil {
		return body, nil, err
	}
	to = s.moved(ctx, m)
	at, err := s.target.Time()
	body.Result = at.String()
	if to.description != "" {
		body.Result += ": " + to.description
	}
	return body, to, err
}

func (s *session) tellTime(context.Context, string) (string, error) {
	text := fmt.Sprintf("%s of %d events", s.at, s.target.History().Events)
	if s.last != nil {
		text += fmt.Sprintf("; history ends at %s: %s", s.last, s.target.History().Ended)
	}
	return text, nil
}

func (s *session) tellThreads(context.Context, string) (string, error) {
	var lines []string
	for _, t := range s.present.threads {
		mark := " "
		if t.ID == s.current {
			mark = "*"
		}
		space, err := s.space(t.PID)
		if err != nil {
			return "", err
		}
		lines = append(lines, fmt.Sprintf("%s %s at %#x %s", mark, s.target.History().threadName(t.ID), t.Regs.Rip, space.Lookup(t.Regs.Rip)))
	}
	return strings.Join(lines, "\n"), nil
}

func (s *session) tellSnapshots(context.Context, string) (string, error) {
	table, err := s.target.Statistics()
	if err != nil {
		return "", err
	}
	const mega = 1 << 20
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\tnumber\ttime\tpc\tpid\tPSS\tmade at")
	for _, p := range table.Snapshots {
		mark := ""
		if p.Current {
			mark = "*"
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%d\t%.1f MiB\t%s\n", mark, p.Number, p.Time, p.PC, p.PID, float64(p.PSS)/mega, p.Created.Format("15:04:05.000"))
	}
	w.Flush()
	fmt.Fprintf(&b, "%d of at most %d snapshots; memory %.1f MiB, the debugger's own %.1f MiB; creation: mean %.2f ms, max %.2f ms, previous %.2f ms",
		len(table.Snapshots), table.MaxSnapshots, float64(table.TotalMemory)/mega, float64(table.DebuggerMemory)/mega,
		table.Creation.Mean, table.Creation.Max, table.Creation.Previous)
	return b.String(), nil
}

func (s *session) tellBookmarks(ctx context.Context, name string) (string, error) {
	body, err := s.editBookmarks(ctx, &dap.BookmarksArguments{Name: name})
	if err != nil {
		return "", err
	}
	lines := []string{}
	for _, b := range body.Bookmarks {
		lines = append(lines, b.Name+" at "+b.Time)
	}
	if len(lines) == 0 {
		lines = []string{"There are no bookmarks; bookmark NAME makes one."}
	}
	return strings.Join(lines, "\n"), nil
}

func (s *session) tellLog(ctx context.Context, argument string) (string, error) {
	location, text, _ := strings.Cut(argument, " ")
	body, _, err := s.logAll(ctx, &dap.LogArguments{Points: []dap.LogPoint{{Location: location, Message: text}}})
	if err != nil {
		return "", err
	}
	lines := []string{}
	for _, m := range body.Messages {
		lines = append(lines, fmt.Sprintf("%s, thread %d: %s", m.Time, m.ThreadID, m.Message))
	}
	lines = append(lines, fmt.Sprintf("%d hits", body.Hits))
	return strings.Join(lines, "\n"), nil
}

// completions are the commands, registers and functions that begin with what was written.
func (s *session) completions(_ context.Context, a *godap.CompletionsArguments) (godap.CompletionsResponseBody, error) {
	body := godap.CompletionsResponseBody{Targets: []godap.CompletionItem{}}
	text := []rune(a.Text)
	text = text[:min(max(a.Column-1, 0), len(text))] // columns count from 1
	start := len(text)
	for start > 0 && !strings.ContainsRune(" \t()[]+-*/&|<>=!,", text[start-1]) {
		start--
	}
	word := string(text[start:])
	offer := func(label string, from []rune, at int, typ godap.CompletionItemType) {
		if strings.HasPrefix(label, string(from)) {
			body.Targets = append(body.Targets, godap.CompletionItem{Label: label, Type: typ, Start: at, Length: len(from)})
		}
	}
	for _, c := range consoleCommands {
		offer(c.name, text, 0, "keyword")
	}
	if strings.HasPrefix(word, "$") {
		for _, name := range tracee.RegNames {
			offer("$"+name, text[start:], start, "variable")
		}
		return body, nil
	}
	t, err := s.thread(s.current)
	if err != nil || word == "" {
		return body, nil
	}
	space, err := s.space(t.PID)
	if err != nil {
		return body, err
	}
	const most = 100
	for _, name := range space.Names(word, most) {
		offer(name, text[start:], start, "function")
	}
	return body, nil
}
