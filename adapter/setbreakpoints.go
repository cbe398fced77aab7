package adapter

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	godap "github.com/google/go-dap"

	"stepback/dap"
	"stepback/replayer"
)

// setter is a request that replaces breakpoints. It waits for a job there is, since it
// reads the same files; while nothing is known of the history, it is answered at once.
func setter[A, B any](f func(*session, *A) (B, error)) request {
	return request{ready | begun, func(s *session, c *dap.Call) {
		a, err := dap.Arguments[A](c)
		if err != nil {
			c.Fail(err)
			return
		}
		j := &job{call: c, always: true, run: func(context.Context) (any, *stop, error) {
			body, err := f(s, a)
			return body, nil, err
		}}
		if s.job == nil && s.target == nil {
			if body, _, err := j.run(nil); err != nil {
				c.Fail(err)
			} else {
				c.Succeed(body)
			}
			return
		}
		s.begin(j)
	}}
}

// replace replaces a set of breakpoints.
func (s *session) replace(key string, k kind, specs []breakpointSpec) (dap.Breakpoints, error) {
	answer := dap.Breakpoints{Breakpoints: []dap.Breakpoint{}}
	for _, p := range s.points.set(key, k, specs) {
		s.resolve(p)
		answer.Breakpoints = append(answer.Breakpoints, p.describe())
	}
	return answer, nil
}

func (s *session) setBreakpoints(a *godap.SetBreakpointsArguments) (dap.Breakpoints, error) {
	path := a.Source.Path
	if path == "" {
		path = a.Source.Name
	}
	points := a.Breakpoints
	for _, line := range a.Lines {
		if a.Breakpoints == nil {
			points = append(points, godap.SourceBreakpoint{Line: line})
		}
	}
	var specs []breakpointSpec
	for _, b := range points {
		specs = append(specs, breakpointSpec{
			path: path, line: b.Line, column: b.Column, condition: b.Condition, hitCondition: b.HitCondition, logMessage: b.LogMessage,
		})
	}
	return s.replace("line "+path, atLine, specs)
}

func (s *session) setFunctionBreakpoints(a *godap.SetFunctionBreakpointsArguments) (dap.Breakpoints, error) {
	var specs []breakpointSpec
	for _, b := range a.Breakpoints {
		specs = append(specs, breakpointSpec{name: b.Name, condition: b.Condition, hitCondition: b.HitCondition})
	}
	return s.replace(string(atFunction), atFunction, specs)
}

func (s *session) setInstructionBreakpoints(a *godap.SetInstructionBreakpointsArguments) (dap.Breakpoints, error) {
	var specs []breakpointSpec
	for _, b := range a.Breakpoints {
		pc, ok := parseAddress(b.InstructionReference)
		if !ok {
			return dap.Breakpoints{}, argumentError("instructionReference %q is no address", b.InstructionReference)
		}
		specs = append(specs, breakpointSpec{pc: pc + uint64(b.Offset), condition: b.Condition, hitCondition: b.HitCondition})
	}
	return s.replace(string(atInstruction), atInstruction, specs)
}

// maxWatched is how many bytes one data breakpoint can watch.
const maxWatched = 1 << 12

func (s *session) setDataBreakpoints(a *godap.SetDataBreakpointsArguments) (dap.Breakpoints, error) {
	var specs []breakpointSpec
	for _, b := range a.Breakpoints {
		d, pid, err := parseDataID(b.DataId)
		if err != nil {
			return dap.Breakpoints{}, err
		}
		d.Writes, d.Reads = b.AccessType != "read", b.AccessType == "read" || b.AccessType == "readWrite"
		specs = append(specs, breakpointSpec{data: &d, pid: pid, condition: b.Condition, hitCondition: b.HitCondition})
	}
	return s.replace(string(atData), atData, specs)
}

// A data id is ADDRESS/BYTES@PROCESS.
func dataID(addr, size uint64, pid int) string { return fmt.Sprintf("%#x/%d@%d", addr, size, pid) }

func parseDataID(id string) (d replayer.Data, pid int, err error) {
	where, process, ok := strings.Cut(id, "@")
	addr, size, ok2 := strings.Cut(where, "/")
	if ok && ok2 {
		d.Addr, ok = parseAddress(addr)
		d.Size, err = strconv.ParseUint(size, 10, 16)
		if err == nil {
			pid, err = strconv.Atoi(process)
		}
	}
	if !ok || !ok2 || err != nil || d.Size == 0 || d.Addr >= 1<<47 {
		return d, 0, argumentError("dataId %q was not made by dataBreakpointInfo", id)
	}
	return d, pid, nil
}

func (s *session) dataBreakpointInfo(_ context.Context, a *dap.DataBreakpointInfoArguments) (godap.DataBreakpointInfoResponseBody, error) {
	none := godap.DataBreakpointInfoResponseBody{}
	f, err := s.frameOf(a.FrameId)
	if err != nil {
		return none, err
	}
	v, err := s.named(f, a.VariablesReference, a.Name)
	if err == nil && v.Address == 0 {
		err = fmt.Errorf("%s is not in memory here: it is %s", a.Name, v.Text)
	}
	if err != nil {
		none.Description = err.Error()
		return none, nil
	}
	size := v.Size
	if size == 0 {
		size = 8
	}
	if a.Bytes != nil {
		size = *a.Bytes
	}
	if size == 0 || size > maxWatched {
		none.Description = fmt.Sprintf("%d bytes cannot be watched: 1 to %d can", size, maxWatched)
		return none, nil
	}
	if f.thread.Read(v.Address, make([]byte, 1)) == 0 {
		none.Description = fmt.Sprintf("there is no memory at %#x to watch", v.Address)
		return none, nil
	}
	return godap.DataBreakpointInfoResponseBody{
		DataId:      dataID(v.Address, size, f.thread.PID),
		Description: fmt.Sprintf("%d bytes at %s (%s)", size, addressText(v.Address), a.Name),
		AccessTypes: []godap.DataBreakpointAccessType{"write", "read", "readWrite"},
	}, nil
}

// named is a part of a value by its name, or the value of an expression if the value has no number.
func (s *session) named(f *frame, number int, name string) (Value, error) {
	if number == 0 {
		return s.evaluateIn(f, name)
	}
	whole, ok := s.values.get(number)
	if !ok || whole.Parts == nil {
		return Value{}, fmt.Errorf("there are no variables %d any more, since the program was moved; ask for the scopes again", number)
	}
	for start, all := 0, whole.Named+whole.Indexed; start < all; start += mostParts {
		parts, err := whole.Parts(start, mostParts)
		if err != nil {
			return Value{}, err
		}
		if i := slices.IndexFunc(parts, func(v Value) bool { return v.Name == name }); i >= 0 {
			return parts[i], nil
		}
	}
	return Value{}, fmt.Errorf("there is no variable %q there", name)
}

// breakpointLocations are the lines that have code.
func (s *session) breakpointLocations(_ context.Context, a *godap.BreakpointLocationsArguments) (body godap.BreakpointLocationsResponseBody, err error) {
	body.Breakpoints = []godap.BreakpointLocation{}
	t, err := s.around(s.current)
	if err != nil {
		return body, err
	}
	last := max(a.EndLine, a.Line)
	for _, line := range s.level.Breakable(t.Space, a.Source.Path, a.Line, last) {
		body.Breakpoints = append(body.Breakpoints, godap.BreakpointLocation{Line: line})
	}
	return body, nil
}

func (s *session) setExceptionBreakpoints(a *godap.SetExceptionBreakpointsArguments) (dap.Breakpoints, error) {
	options := a.FilterOptions
	for _, name := range a.Filters {
		options = append(options, godap.ExceptionFilterOptions{FilterId: name})
	}
	var filters []signalFilter
	answer := dap.Breakpoints{Breakpoints: []dap.Breakpoint{}}
	for _, o := range options {
		i := slices.IndexFunc(signalFilters, func(f exceptionFilter) bool { return f.name == o.FilterId })
		d := dap.Breakpoint{Breakpoint: godap.Breakpoint{Verified: i >= 0}}
		if i < 0 {
			d.Message, d.Reason = fmt.Sprintf("there is no exception filter %q", o.FilterId), "failed"
		} else {
			f := signalFilter{matches: signalFilters[i].matches}
			if names := strings.FieldsFunc(o.Condition, func(r rune) bool { return r == ' ' || r == ',' }); len(names) > 0 {
				f.names = names
			}
			filters = append(filters, f)
		}
		answer.Breakpoints = append(answer.Breakpoints, d)
	}
	s.filters = filters
	return answer, nil
}

func argumentError(format string, args ...any) error {
	return &dap.Error{ID: dap.WrongArgument, Err: fmt.Errorf(format, args...)}
}

// parseAddress reads an address as clients write it.
func parseAddress(text string) (uint64, bool) {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 0, 64)
	return n, err == nil
}

func addressText(addr uint64) string { return fmt.Sprintf("%#x", addr) }
