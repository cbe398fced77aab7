package adapter

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	godap "github.com/google/go-dap"

	"stepback/adapter/symbols"
	"stepback/dap"
	"stepback/recorder/trace"
	"stepback/replayer"
	"stepback/replayer/condition"
)

// kind is what a breakpoint is at. Its text is the reason of a stop there.
type kind string

const (
	atLine        kind = "breakpoint"
	atFunction    kind = "function breakpoint"
	atInstruction kind = "instruction breakpoint"
	atData        kind = "data breakpoint"
)

// breakpoint is what a client set.
type breakpoint struct {
	kind kind
	id   int
	spec breakpointSpec

	// Found when the history is known:

	probes  []replayer.Probe
	numbers *hitCondition // nil: each hit counts
	message *message      // nil: it stops
	asks    bool          // its condition must be evaluated at each hit
	places  int           // addresses it is at
	problem error         // it has no probes
	at      Position
}

// breakpointSpec is what a client says of a breakpoint.
type breakpointSpec struct {
	path         string // of a line
	line, column int
	name         string         // of a function
	pc           uint64         // of an instruction
	data         *replayer.Data // with its process
	pid          int

	condition, hitCondition, logMessage string
}

// breakpointSets are the breakpoints, by what the request names that sets them: lines by
// their source, others by their kind.
type breakpointSets struct {
	sets map[string][]*breakpoint
	made int
}

// set replaces a set. What is the same as before keeps its number.
func (b *breakpointSets) set(key string, k kind, specs []breakpointSpec) []*breakpoint {
	if b.sets == nil {
		b.sets = map[string][]*breakpoint{}
	}
	old := b.sets[key]
	var list []*breakpoint
	for _, spec := range specs {
		p := &breakpoint{kind: k, spec: spec}
		if i := slices.IndexFunc(old, func(o *breakpoint) bool { return o.spec.same(&spec) }); i >= 0 {
			p.id = old[i].id
		} else {
			b.made++
			p.id = b.made
		}
		list = append(list, p)
	}
	b.sets[key] = list
	return list
}

func (s *breakpointSpec) same(o *breakpointSpec) bool {
	a, b := *s, *o
	data := a.data == b.data || a.data != nil && b.data != nil && *a.data == *b.data
	a.data, b.data = nil, nil
	return data && a == b
}

// armed are the breakpoints that have probes.
func (b *breakpointSets) armed() (list []*breakpoint) {
	for _, set := range b.sets {
		for _, p := range set {
			if len(p.probes) > 0 {
				list = append(list, p)
			}
		}
	}
	slices.SortFunc(list, func(a, b *breakpoint) int { return a.id - b.id })
	return list
}

var errCannotCount = errors.New("the hits of a condition that the replay engine cannot compute are not counted: remove the hit condition, or write a condition of code with integers and pointers only")

var errPending = errors.New("it is looked for when the program was recorded")

// resolve finds the probes of a breakpoint.
func (s *session) resolve(p *breakpoint) {
	p.probes, p.problem, p.asks, p.places, p.at = nil, nil, false, 0, Position{}
	if p.numbers, p.problem = parseHitCondition(p.spec.hitCondition); p.problem != nil {
		return
	}
	p.message = parseMessage(p.spec.logMessage)
	if s.target == nil {
		p.problem = errPending
		return
	}
	if d := p.spec.data; d != nil {
		if p.asks = strings.TrimSpace(p.spec.condition) != ""; p.asks && p.numbers != nil {
			p.problem = errCannotCount
			return
		}
		p.probes = []replayer.Probe{{Data: *d, PID: p.spec.pid}}
		return
	}
	p.problem = s.resolveCode(p)
}

// resolveCode finds where the breakpoint is in all that the programs had loaded, ever.
func (s *session) resolveCode(p *breakpoint) (why error) {
	images := s.target.History().Images
	seen := map[uint64]bool{}
	for _, image := range images {
		space := s.target.Files().Space(image.Maps)
		locations, err := s.locate(space, p)
		if err != nil {
			why = err
			continue
		}
		for _, l := range locations {
			probe := replayer.Probe{PC: l.PC}
			if probe.If, err = s.condition(space, l, p.spec.condition); err != nil {
				p.probes = nil
				return err
			}
			p.asks = p.asks || probe.If == nil && strings.TrimSpace(p.spec.condition) != ""
			for _, pid := range image.PIDs {
				if len(images) > 1 {
					probe.PID = pid // other programs may have other code there
				}
				p.probes = append(p.probes, probe)
			}
			if len(seen) == 0 {
				p.at = l.Position
			}
			seen[l.PC] = true
			p.places = len(seen)
		}
	}
	switch {
	case len(p.probes) == 0:
		return why
	case p.asks && p.numbers != nil:
		p.probes = nil
		return errCannotCount
	}
	return nil
}

func (s *session) locate(space *symbols.Space, p *breakpoint) ([]Location, error) {
	switch p.kind {
	case atLine:
		return s.level.Line(space, p.spec.path, p.spec.line, p.spec.column)
	case atFunction:
		if pc, ok := parseAddress(strings.TrimPrefix(p.spec.name, "*")); ok {
			return []Location{{PC: pc, Position: s.level.Position(space, pc)}}, nil
		}
		return s.level.Function(space, p.spec.name)
	}
	if !space.Lookup(p.spec.pc).Mapped {
		return nil, fmt.Errorf("the program never had code at %#x", p.spec.pc)
	}
	return []Location{{PC: p.spec.pc, Position: s.level.Position(space, p.spec.pc)}}, nil
}

// condition compiles a condition, nil for none.
func (s *session) condition(space *symbols.Space, at Location, text string) (*condition.Expr, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	return s.level.Condition(space, at, text)
}

// describe is what the client is told of a breakpoint.
func (p *breakpoint) describe() dap.Breakpoint {
	d := dap.Breakpoint{Breakpoint: godap.Breakpoint{Id: p.id, Verified: len(p.probes) > 0}}
	if p.places > 1 {
		d.Message = fmt.Sprintf("at %d places", p.places)
	}
	if p.problem != nil {
		d.Message, d.Reason = p.problem.Error(), "failed"
	}
	if errors.Is(p.problem, errPending) {
		d.Reason = "pending"
	}
	if p.kind == atFunction && p.at.Path != "" {
		d.Line, d.Source = p.at.Line, source(p.at.Path)
	}
	if len(p.probes) > 0 && p.kind != atData {
		d.InstructionReference = addressText(p.probes[0].PC)
	}
	if p.kind == atLine {
		d.Line = p.spec.line
		if p.at.Line != 0 {
			d.Line = p.at.Line
		}
		d.Source = &godap.Source{Path: p.spec.path}
	}
	return d
}

// resolveAll finds the probes of all breakpoints when the history becomes known, and tells
// the client.
func (s *session) resolveAll() {
	for _, set := range s.points.sets {
		for _, p := range set {
			s.resolve(p)
			s.conn.Send("breakpoint", struct {
				Reason     string         `json:"reason"`
				Breakpoint dap.Breakpoint `json:"breakpoint"`
			}{"changed", p.describe()})
		}
	}
}

// signalFilter is an exception filter that is on.
type signalFilter struct {
	matches func(*trace.SignalInfo) bool
	names   []string // of signals, nil for all
}

func defaultFilters() (list []signalFilter) {
	for _, f := range signalFilters {
		if f.byDefault {
			list = append(list, signalFilter{matches: f.matches})
		}
	}
	return list
}

// wants reports whether a signal is one to stop at.
func (s *session) wants(i *trace.SignalInfo) bool {
	return slices.ContainsFunc(s.filters, func(f signalFilter) bool {
		return f.matches(i) && (f.names == nil || slices.Contains(f.names, signalName(i.Number)))
	})
}

func (s *session) stopsAt(e *trace.Event) bool { return e.Kind == trace.Signal && s.wants(e.Signal) }
