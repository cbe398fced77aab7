package adapter

import (
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	godap "github.com/google/go-dap"

	"stepback/dap"
)

func (s *session) stackTrace(_ context.Context, a *godap.StackTraceArguments) (body godap.StackTraceResponseBody, err error) {
	body.StackFrames = []godap.StackFrame{}
	t, err := s.around(a.ThreadId)
	if err != nil {
		return body, err
	}
	n := 0
	more := false
	err = s.level.Frames(t, func(f Frame) bool {
		n++
		if n <= a.StartFrame {
			return true
		}
		if a.Levels > 0 && len(body.StackFrames) == a.Levels {
			more = true // at least one
			return false
		}
		body.StackFrames = append(body.StackFrames, s.showFrame(&frame{f, t}))
		return true
	})
	body.TotalFrames = max(a.StartFrame, 0) + len(body.StackFrames)
	if more {
		const aFew = 20 // clients ask for more when they show them
		body.TotalFrames += aFew
	}
	return body, err
}

func (s *session) showFrame(f *frame) godap.StackFrame {
	name := f.Function
	if name == "" {
		name = addressText(f.PC)
	}
	shown := godap.StackFrame{
		Id: s.frames.add(f), Name: name, CanRestart: f.Start != 0, InstructionPointerReference: addressText(f.PC),
		Line: f.Line, Column: f.Column, PresentationHint: f.Hint,
	}
	if f.PC == 0 {
		shown.InstructionPointerReference = ""
	}
	if f.Module != "" {
		shown.ModuleId = f.Module
	}
	if f.Path != "" {
		shown.Source = source(f.Path)
	}
	return shown
}

// source is a source file as clients are told of it.
func source(path string) *godap.Source {
	s := &godap.Source{Name: filepath.Base(path), Path: path}
	if _, err := os.Stat(path); err != nil {
		s.Origin, s.PresentationHint = "not found; the launch argument sourceMap can say where it is", "deemphasize"
	}
	return s
}

// sourceText is the answer to clients that do not read files themselves.
func (s *session) sourceText(a *godap.SourceArguments) (body godap.SourceResponseBody, err error) {
	if a.Source == nil || a.Source.Path == "" {
		return body, argumentError("sources are named by their paths here, not by numbers")
	}
	text, err := os.ReadFile(a.Source.Path)
	if err != nil {
		return body, fmt.Errorf("cannot show the source: %w; if it was compiled elsewhere, say where it is with the launch argument sourceMap", err)
	}
	body.Content = validText(text)
	return body, nil
}

func (s *session) scopes(_ context.Context, a *godap.ScopesArguments) (godap.ScopesResponseBody, error) {
	f, err := s.frameOf(a.FrameId)
	if err != nil {
		return godap.ScopesResponseBody{}, err
	}
	list, err := s.level.Scopes(f.thread, &f.Frame)
	if err != nil {
		return godap.ScopesResponseBody{}, err
	}
	body := godap.ScopesResponseBody{}
	for _, v := range append(list, registers(f)) {
		scope := godap.Scope{Name: v.Name, VariablesReference: s.values.add(v), NamedVariables: v.Named, IndexedVariables: v.Indexed, Expensive: v.Costly}
		if hint := strings.ToLower(v.Name); hint == "registers" || hint == "locals" || hint == "arguments" {
			scope.PresentationHint = hint
		}
		body.Scopes = append(body.Scopes, scope)
	}
	return body, nil
}

func (s *session) variables(_ context.Context, a *godap.VariablesArguments) (godap.VariablesResponseBody, error) {
	body := godap.VariablesResponseBody{Variables: []godap.Variable{}}
	v, ok := s.values.get(a.VariablesReference)
	if !ok || v.Parts == nil {
		return body, fmt.Errorf("there are no variables %d any more, since the program was moved; ask for the scopes again", a.VariablesReference)
	}
	if a.Filter == "indexed" && v.Indexed == 0 || a.Filter == "named" && v.Named == 0 && v.Indexed > 0 {
		return body, nil
	}
	start, count := max(a.Start, 0), a.Count
	if v.Named > 0 && v.Indexed > 0 { // those with numbers come first
		switch a.Filter {
		case "named":
			start, count = v.Indexed+min(start, v.Named), v.Named
		case "indexed":
			if count <= 0 || count > v.Indexed-start {
				count = v.Indexed - start
			}
			if count <= 0 {
				return body, nil
			}
		}
	}
	parts, err := v.Parts(start, count)
	for _, p := range parts {
		body.Variables = append(body.Variables, godap.Variable{
			Name: p.Name, Value: p.Text, Type: p.Type, EvaluateName: p.Expression, VariablesReference: s.reference(p),
			NamedVariables: p.Named, IndexedVariables: p.Indexed, MemoryReference: memoryReference(p),
		})
	}
	return body, err
}

// reference is the number with which clients ask for the parts of a value, 0 if it has none.
func (s *session) reference(v Value) int {
	if v.Parts == nil {
		return 0
	}
	return s.values.add(v)
}

func memoryReference(v Value) string {
	if v.Address == 0 {
		return ""
	}
	return addressText(v.Address)
}

// evaluateIn evaluates an expression in a frame.
func (s *session) evaluateIn(f *frame, text string) (Value, error) {
	return s.level.Evaluate(f.thread, &f.Frame, text)
}

// maxRead is how much memory is read at once.
const maxRead = 1 << 20

func (s *session) readMemory(_ context.Context, a *godap.ReadMemoryArguments) (*godap.ReadMemoryResponseBody, error) {
	base, ok := parseAddress(a.MemoryReference)
	if !ok {
		return nil, argumentError("memoryReference %q is no address", a.MemoryReference)
	}
	if a.Count < 0 || a.Count > maxRead {
		return nil, argumentError("%d bytes cannot be read at once; ask for at most %d", a.Count, maxRead)
	}
	t, err := s.thread(s.current)
	if err != nil {
		return nil, err
	}
	addr := base + uint64(a.Offset)
	p := make([]byte, a.Count)
	n, err := s.target.ReadMemory(t.PID, addr, p)
	if err != nil {
		return nil, err
	}
	body := &godap.ReadMemoryResponseBody{Address: addressText(addr), Data: base64.StdEncoding.EncodeToString(p[:n]), UnreadableBytes: a.Count - n}
	return body, nil
}

func (s *session) modules(_ context.Context, a *godap.ModulesArguments) (godap.ModulesResponseBody, error) {
	body := godap.ModulesResponseBody{Modules: []godap.Module{}}
	t, err := s.thread(s.current)
	if err != nil {
		return body, err
	}
	space, err := s.space(t.PID)
	if err != nil {
		return body, err
	}
	for _, m := range space.Modules {
		status := "Symbols and debug information loaded."
		if _, err := m.DWARF(); err != nil {
			status = "Symbols loaded, no debug information: " + err.Error()
		} else if missing := m.Missing(); len(missing) > 0 {
			status = "Symbols loaded. " + strings.Join(missing, "; ")
		}
		if _, err := m.Table(); err != nil {
			status = "No symbols: " + err.Error()
		}
		body.Modules = append(body.Modules, godap.Module{
			Id: m.Name, Name: filepath.Base(m.Name), Path: m.Name, SymbolStatus: status,
			AddressRange: addressText(m.Start) + "-" + addressText(m.End),
		})
	}
	body.TotalModules = len(body.Modules)
	body.Modules = page(body.Modules, a.StartModule, a.ModuleCount)
	return body, nil
}

func (s *session) loadedSources(context.Context, *dap.None) (godap.LoadedSourcesResponseBody, error) {
	body := godap.LoadedSourcesResponseBody{Sources: []godap.Source{}}
	t, err := s.thread(s.current)
	if err != nil {
		return body, err
	}
	space, err := s.space(t.PID)
	if err != nil {
		return body, err
	}
	for _, path := range s.level.Sources(space) {
		body.Sources = append(body.Sources, *source(path))
	}
	return body, nil
}

func (s *session) exceptionInfo(_ context.Context, a *godap.ExceptionInfoArguments) (*godap.ExceptionInfoResponseBody, error) {
	h := s.target.History()
	for _, e := range h.signals {
		if e.event != s.at.Event+1 || e.tid != a.ThreadId {
			continue
		}
		mode := godap.ExceptionBreakMode("always")
		if e.event == h.Crash {
			mode = "unhandled"
		}
		name := signalName(e.info.Number)
		return &godap.ExceptionInfoResponseBody{
			ExceptionId: name, Description: e.text, BreakMode: mode,
			Details: &godap.ExceptionDetails{Message: e.text, TypeName: name},
		}, nil
	}
	return nil, fmt.Errorf("thread %d gets no signal at %s", a.ThreadId, s.at)
}

// small keeps a number from a client in an int's middle, so that it can be added to.
func small(n int) int { return min(max(n, math.MinInt32), math.MaxInt32) }
