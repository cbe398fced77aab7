package adapter_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	godap "github.com/google/go-dap"

	"stepback/dap"
	"stepback/dap/daptest"
)

// mark is the line of a source of testdata that has a mark.
func mark(t testing.TB, source, mark string) int {
	t.Helper()
	text, err := os.ReadFile("testdata/" + source)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(text), "\n") {
		if strings.HasSuffix(line, "// "+mark) {
			return i + 1
		}
	}
	t.Fatalf("%s has no line %s", source, mark)
	return 0
}

func path(t testing.TB, source string) string {
	t.Helper()
	p, err := filepath.Abs("testdata/" + source)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func setLines(t testing.TB, c *daptest.Client, source string, points ...A) []dap.Breakpoint {
	t.Helper()
	return daptest.Do[dap.Breakpoints](c, "setBreakpoints", A{"source": A{"path": path(t, source)}, "breakpoints": append([]A{}, points...)}).Breakpoints
}

func stack(c *daptest.Client, thread int) []godap.StackFrame {
	return daptest.Do[godap.StackTraceResponseBody](c, "stackTrace", A{"threadId": thread}).StackFrames
}

func variables(c *daptest.Client, reference int) (list []godap.Variable) {
	return daptest.Do[godap.VariablesResponseBody](c, "variables", A{"variablesReference": reference}).Variables
}

// scope is the variables of a scope of the innermost frame, as "name = value".
func scope(c *daptest.Client, frame int, name string) (list []string) {
	for _, s := range daptest.Do[godap.ScopesResponseBody](c, "scopes", A{"frameId": frame}).Scopes {
		if strings.HasPrefix(s.Name, name) {
			for _, v := range variables(c, s.VariablesReference) {
				list = append(list, v.Name+" = "+v.Value)
			}
		}
	}
	return list
}

// lines describes a stack by its functions and lines.
func lines(list []godap.StackFrame) (text []string) {
	for _, f := range list {
		if f.Line > 0 {
			text = append(text, fmt.Sprintf("%s:%d", f.Name, f.Line))
		}
		if f.Name == "main" { // libc may have debug information
			break
		}
	}
	return text
}

// Breakpoints on lines, with conditions; frames, variables and expressions there.
func TestSource(t *testing.T) {
	program := compileWith(t, "lines", "-g", "-O0")
	c := connect(t, config(t))
	s := begin(t, c, A{"program": program, "startAt": "entry"})
	add, bottom, block := mark(t, "lines.c", "ADD"), mark(t, "lines.c", "BOTTOM"), mark(t, "lines.c", "BLOCK")

	points := setLines(t, c, "lines.c", A{"line": add, "condition": "list[i] == 3"}, A{"line": 1}, A{"line": 9999}, A{"line": add, "condition": "nothing > 1"})
	if !points[0].Verified || points[0].Line != add || points[2].Verified || points[2].Message == "" || points[3].Verified || !strings.Contains(points[3].Message, "nothing") {
		t.Errorf("%+v", points)
	}
	s = c.Move("continue", A{"threadId": s.ThreadID})
	if got := lines(stack(c, s.ThreadID)); s.Reason != "breakpoint" || len(got) != 2 || got[0] != fmt.Sprint("sum:", add) || !strings.HasPrefix(got[1], "main:") {
		t.Errorf("%+v at %v", s, got)
	}
	f := stack(c, s.ThreadID)
	if f[0].Source == nil || f[0].Source.Path != path(t, "lines.c") {
		t.Errorf("source %+v", f[0].Source)
	}
	if got := strings.Join(scope(c, f[0].Id, "Locals"), ", "); got != "i = 2, total = 5" {
		t.Errorf("locals: %s", got)
	}
	if got := scope(c, f[0].Id, "Arguments"); len(got) != 2 || got[1] != "n = 4" {
		t.Errorf("arguments: %v", got)
	}
	if got := scope(c, f[0].Id, "Globals"); !slices.Contains(got, "calls = 0") || !slices.ContainsFunc(got, func(v string) bool { return strings.HasPrefix(v, "origin = {x = 3, y = 4, name =") }) {
		t.Errorf("globals: %v", got)
	}
	if got := scope(c, f[1].Id, "Locals"); !slices.Contains(got, "list = {1, 2, 3, 4}") {
		t.Errorf("locals of main: %v", got)
	}
	for text, want := range map[string]string{
		"total * 2": "10", "list[i]": "3", "origin.x + calls": "3", "*list@2": "{1, 2}", "square(list[i])": "9", "i,x": "0x2", "$rip == $pc": "true",
	} {
		if got := daptest.Do[godap.EvaluateResponseBody](c, "evaluate", A{"expression": text, "frameId": f[0].Id, "context": "watch"}).Result; got != want && text != "$rip == $pc" {
			t.Errorf("%s is %s, not %s", text, got, want)
		}
	}
	for _, text := range []string{"nothing", "total +", "total = 3", "i++"} {
		c.Fails("evaluate", A{"expression": text, "frameId": f[0].Id, "context": "hover"})
	}

	setLines(t, c, "lines.c", A{"line": bottom}, A{"line": bottom + 1, "condition": "1.5 > 2.5"}, A{"line": block, "condition": "half > 0.25"}) // floating point is evaluated at each hit
	s = c.Move("continue", A{"threadId": s.ThreadID})
	if got := lines(stack(c, s.ThreadID)); len(got) != 6 || got[0] != fmt.Sprint("factorial:", bottom) {
		t.Errorf("stack %v", got)
	}
	page := daptest.Do[godap.StackTraceResponseBody](c, "stackTrace", A{"threadId": s.ThreadID, "startFrame": 2, "levels": 2})
	if got := lines(page.StackFrames); len(got) != 2 || !strings.HasPrefix(got[0], "factorial:") || page.TotalFrames < 4 {
		t.Errorf("a page of the stack: %v of %d", got, page.TotalFrames)
	}
	s = c.Move("continue", A{"threadId": s.ThreadID})
	f = stack(c, s.ThreadID)
	if got := strings.Join(scope(c, f[0].Id, "Locals"), "; "); !strings.HasPrefix(got, "total = 120; ") || !strings.Contains(got, "; total (shadowed) = 30") {
		t.Errorf("locals of a block: %s", got)
	}
	points = setLines(t, c, "lines.c", A{"line": add, "hitCondition": "3"}, A{"line": mark(t, "lines.c", "SQUARE"), "logMessage": "square of {n}"})
	s = c.Move("reverseContinue", A{"threadId": s.ThreadID})
	if got := evaluate(c, "i"); got != "2" || s.HitBreakpointIDs[0] != points[0].Id {
		t.Errorf("the third hit: i = %s, %+v", got, s)
	}
	if got := c.Output("console"); !strings.Contains(got, "square of 4\nsquare of 3\n") {
		t.Errorf("logged %q", got)
	}
	where := daptest.Do[godap.BreakpointLocationsResponseBody](c, "breakpointLocations", A{"source": A{"path": path(t, "lines.c")}, "line": 1, "endLine": add}).Breakpoints
	if len(where) < 5 || where[len(where)-1].Line != add {
		t.Errorf("%+v", where)
	}
	if list := daptest.Do[godap.LoadedSourcesResponseBody](c, "loadedSources", nil).Sources; !slices.ContainsFunc(list, func(s godap.Source) bool { return s.Path == path(t, "lines.c") }) {
		t.Errorf("sources %+v", list)
	}
	if text := daptest.Do[godap.SourceResponseBody](c, "source", A{"source": A{"path": path(t, "lines.c")}, "sourceReference": 0}).Content; !strings.Contains(text, "factorial") {
		t.Errorf("source %q", text)
	}
	c.Fails("source", A{"source": A{"path": "/nowhere/x.c"}, "sourceReference": 0})
	disconnect(c)
}

// Frames of inlined calls, and what optimized code has of variables.
func TestInlined(t *testing.T) {
	program := compileWith(t, "inlined", "-g", "-O2")
	c := connect(t, config(t))
	s := begin(t, c, A{"program": program, "startAt": "entry"})
	if points := setLines(t, c, "inlined.c", A{"line": mark(t, "inlined.c", "TWICE")}); !points[0].Verified {
		t.Errorf("%+v", points)
	}
	s = c.Move("continue", A{"threadId": s.ThreadID})
	f := stack(c, s.ThreadID)
	want := []string{"twice", "four", "work", "main"}
	for i, name := range want {
		if i >= len(f) || f[i].Name != name || f[i].Line != mark(t, "inlined.c", strings.ToUpper(name)) {
			t.Fatalf("stack %v", lines(f))
		}
	}
	if got := scope(c, f[2].Id, "Arguments"); len(got) != 2 || got[0] != "n = 3" {
		t.Errorf("arguments: %v", got)
	}
	disconnect(c)
}

// place is the innermost frame's function and line.
func place(c *daptest.Client, thread int) string {
	f := top(c, thread)
	return fmt.Sprintf("%s:%d", f.Name, f.Line)
}

// n steps over lines and n steps back are back where they began, over all lines of functions with
// loops, calls and recursion.
func TestLineSteps(t *testing.T) {
	program := compileWith(t, "lines", "-g", "-O0")
	c := connect(t, config(t))
	s := begin(t, c, A{"program": program, "startAt": "entry"})
	thread := A{"threadId": s.ThreadID}
	for _, function := range []string{"main", "sum", "factorial"} {
		setFunctions(c, function)
		c.Move("stepback/goto", A{"time": "start"})
		c.Event("continued")
		c.Move("continue", thread)
		setFunctions(c)
		var there []string
		depth := len(lines(stack(c, s.ThreadID)))
		for range 60 {
			there = append(there, place(c, s.ThreadID)+" at "+now(c))
			if strings.HasPrefix(place(c, s.ThreadID), fmt.Sprint("main:", mark(t, "lines.c", "CRASH"))) {
				break
			}
			c.Move("next", thread)
			if len(lines(stack(c, s.ThreadID))) < depth {
				break
			}
		}
		if min := map[string]int{"main": 20, "sum": 10, "factorial": 4}[function]; len(there) < min {
			t.Errorf("%s has only %d steps: %v", function, len(there), there)
		}
		if at := place(c, s.ThreadID) + " at " + now(c); at != there[len(there)-1] {
			c.Move("stepBack", thread) // in the caller, over the call
			if len(lines(stack(c, s.ThreadID))) >= depth {
				t.Errorf("stepped back into %s", place(c, s.ThreadID))
			}
			c.Move("stepback/goto", A{"time": strings.Split(there[len(there)-1], " at ")[1]})
			c.Event("continued")
		}
		for _, want := range slices.Backward(there[:len(there)-1]) {
			c.Move("stepBack", thread)
			if got := place(c, s.ThreadID) + " at " + now(c); got != want {
				t.Errorf("%s: back at %s, not %s", function, got, want)
				break
			}
		}
	}

	// Into a function, out of it, and the same backwards.
	setLines(t, c, "lines.c", A{"line": mark(t, "lines.c", "ADD")})
	c.Move("stepback/goto", A{"time": "start"})
	c.Event("continued")
	c.Move("continue", thread)
	line := place(c, s.ThreadID)
	setLines(t, c, "lines.c")
	c.Move("stepIn", thread)
	if got := place(c, s.ThreadID); got != fmt.Sprint("square:", mark(t, "lines.c", "SQUARE")) {
		t.Errorf("stepped into %s", got)
	}
	c.Move("stepOut", thread)
	if got := place(c, s.ThreadID); got != line {
		t.Errorf("stepped out to %s", got)
	}
	c.Move("next", thread)
	c.Move("stepback/reverseStepIn", thread)
	if got := place(c, s.ThreadID); !strings.HasPrefix(got, "square:") {
		t.Errorf("stepped back into %s", got)
	}
	c.Move("stepBack", thread)
	c.Move("stepBack", thread)
	if got := place(c, s.ThreadID); got != fmt.Sprint("square:", mark(t, "lines.c", "SQUARE")) {
		t.Errorf("stepped back to %s", got)
	}
	c.Move("stepBack", thread)
	if got := place(c, s.ThreadID); got != line {
		t.Errorf("stepped back out to %s", got)
	}
	disconnect(c)
}

// From a crash, three steps back stand on the lines before it.
func TestBackFromCrash(t *testing.T) {
	program := compileWith(t, "lines", "-g", "-O0")
	c := connect(t, config(t))
	s := begin(t, c, A{"program": program, "startAt": "end"})
	crash := mark(t, "lines.c", "CRASH")
	if got := place(c, s.ThreadID); got != fmt.Sprint("main:", crash) {
		t.Errorf("crashed at %s", got)
	}
	for n := range 3 {
		c.Move("stepBack", A{"threadId": s.ThreadID})
		if got := place(c, s.ThreadID); got != fmt.Sprint("main:", crash-1-n) {
			t.Errorf("step %d back is at %s", n+1, got)
		}
	}
	info := daptest.Do[godap.DataBreakpointInfoResponseBody](c, "dataBreakpointInfo", A{"name": "here.y"})
	if !strings.Contains(info.Description, "4 bytes") {
		t.Errorf("%+v", info)
	}
	for _, name := range []string{"list[2]", "half", "*&total", "calls"} {
		if info := daptest.Do[godap.DataBreakpointInfoResponseBody](c, "dataBreakpointInfo", A{"name": name}); info.DataId == nil {
			t.Errorf("%s: %s", name, info.Description)
		}
	}
	points := daptest.Do[dap.Breakpoints](c, "setDataBreakpoints", A{"breakpoints": []A{{"dataId": info.DataId, "accessType": "read"}}}).Breakpoints
	if !points[0].Verified {
		t.Errorf("%+v", points)
	}
	if r := c.Move("continue", A{"threadId": s.ThreadID}); r.Reason != "data breakpoint" || place(c, s.ThreadID) != fmt.Sprint("main:", crash-2) {
		t.Errorf("read at %s: %+v", place(c, s.ThreadID), r)
	}
	daptest.Do[dap.Breakpoints](c, "setDataBreakpoints", A{"breakpoints": []A{}})
	c.Move("stepback/lastWrite", A{"expression": "here.y"})
	c.Event("continued")
	if got := place(c, s.ThreadID); got != fmt.Sprint("main:", mark(t, "lines.c", "BLOCK")) {
		t.Errorf("written at %s", got)
	}
	disconnect(c)
}
