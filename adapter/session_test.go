package adapter_test

import (
	"strings"
	"testing"

	godap "github.com/google/go-dap"

	"stepback/dap"
	"stepback/dap/daptest"
)

type A = daptest.A

// begin initializes and launches, sets function breakpoints, and waits for the first stop.
func begin(t testing.TB, c *daptest.Client, launch A, functions ...string) daptest.Stopped {
	t.Helper()
	daptest.Do[dap.Capabilities](c, "initialize", A{"adapterID": "stepback", "supportsProgressReporting": true})
	daptest.Do[dap.None](c, "launch", launch)
	c.Event("initialized")
	setFunctions(c, functions...)
	daptest.Do[dap.None](c, "configurationDone", nil)
	return c.Stopped()
}

func setFunctions(c *daptest.Client, names ...string) []dap.Breakpoint {
	list := []A{}
	for _, name := range names {
		list = append(list, A{"name": name})
	}
	return daptest.Do[dap.Breakpoints](c, "setFunctionBreakpoints", A{"breakpoints": list}).Breakpoints
}

func disconnect(c *daptest.Client) {
	daptest.Do[dap.None](c, "disconnect", nil)
	c.End()
}

// top is the innermost frame.
func top(c *daptest.Client, thread int) godap.StackFrame {
	return daptest.Do[godap.StackTraceResponseBody](c, "stackTrace", A{"threadId": thread}).StackFrames[0]
}

func now(c *daptest.Client) string { return daptest.Do[dap.TimeBody](c, "stepback/time", nil).Time }

func evaluate(c *daptest.Client, text string) string {
	return daptest.Do[godap.EvaluateResponseBody](c, "evaluate", A{"expression": text, "context": "watch"}).Result
}

// From a crash: the end is shown with its signal, and three steps back go where the program was.
func TestCrash(t *testing.T) {
	program := compile(t, "crash")
	c := connect(t, config(t))
	s := begin(t, c, A{"program": program, "startAt": "end"})
	if s.Reason != "exception" || s.Description != "End of history: killed by SIGSEGV" || !strings.Contains(s.Text, "SIGSEGV at address 0x0") {
		t.Errorf("stopped %+v", s)
	}
	if out := c.Output("stdout"); out != "hello 1\n" {
		t.Errorf("stdout %q", out)
	}
	if out := c.Output("stderr"); out != "oops\n" {
		t.Errorf("stderr %q", out)
	}
	info := daptest.Do[godap.ExceptionInfoResponseBody](c, "exceptionInfo", A{"threadId": s.ThreadID})
	if info.ExceptionId != "SIGSEGV" || info.BreakMode != "unhandled" {
		t.Errorf("%+v", info)
	}
	f := top(c, s.ThreadID)
	if f.Name != "main" || f.InstructionPointerReference == "" {
		t.Errorf("frame %+v", f)
	}
	pcs := []string{f.InstructionPointerReference}
	for range 3 {
		b := c.Move("stepBack", A{"threadId": s.ThreadID, "granularity": "instruction"})
		if b.Reason != "step" || b.ThreadID != s.ThreadID {
			t.Errorf("stepped back: %+v", b)
		}
		f := top(c, s.ThreadID)
		if f.Name != "main" {
			t.Errorf("frame %+v", f)
		}
		pcs = append(pcs, f.InstructionPointerReference)
	}
	for i := 2; i >= 0; i-- {
		c.Move("stepIn", A{"threadId": s.ThreadID, "granularity": "instruction"})
		if pc := top(c, s.ThreadID).InstructionPointerReference; pc != pcs[i] {
			t.Errorf("step %d forward is at %s, back it was %s", i, pc, pcs[i])
		}
	}
	if b := c.Move("next", A{"threadId": s.ThreadID}); b.Reason != "step" || b.Description != "End of history: killed by SIGSEGV" {
		t.Errorf("beyond the end: %+v", b)
	}
	if b := c.Move("continue", A{"threadId": s.ThreadID}); b.Reason != "exception" {
		t.Errorf("beyond the end: %+v", b)
	}
	if b := c.Move("reverseContinue", A{"threadId": s.ThreadID}); b.Reason != "pause" || b.Description != "Start of history" {
		t.Errorf("to the start: %+v", b)
	}
	if b := c.Move("stepBack", A{"threadId": s.ThreadID}); b.Reason != "step" || b.Description != "Start of history" {
		t.Errorf("before the start: %+v", b)
	}
	c.None("terminated")
	disconnect(c)
}

// A breakpoint is hit at the same Times in both directions.
func TestBreakpoints(t *testing.T) {
	program := compile(t, "crash")
	c := connect(t, config(t))
	s := begin(t, c, A{"program": program}, "count", "missing")
	if s.Reason != "function breakpoint" || len(s.HitBreakpointIDs) != 1 {
		t.Fatalf("stopped %+v", s)
	}
	var there []string
	for s.Reason == "function breakpoint" {
		there = append(there, now(c))
		s = c.Move("continue", A{"threadId": s.ThreadID})
	}
	var back []string
	for s = c.Move("reverseContinue", A{"threadId": s.ThreadID}); s.Reason == "function breakpoint"; s = c.Move("reverseContinue", A{"threadId": s.ThreadID}) {
		back = append([]string{now(c)}, back...)
	}
	if len(there) != 5 || strings.Join(there, " ") != strings.Join(back, " ") {
		t.Errorf("forward %v, back %v", there, back)
	}
	points := setFunctions(c, "count", "missing")
	if !points[0].Verified || points[1].Verified || points[1].Message == "" {
		t.Errorf("%+v", points)
	}
	// The third hit is the same from both sides.
	for _, b := range []struct {
		condition, hits, from, move, want string
	}{
		{"", "3", "start", "continue", there[2]},
		{"", "3", "end", "reverseContinue", there[2]},
		{"", "% 2", "end", "reverseContinue", there[3]},
		{"", ">= 4", there[3], "continue", there[4]},
		{"", ">= 4", there[4], "reverseContinue", there[3]},
		{"$rdi == 2", "", "start", "continue", there[1]},
		{"$rdi < 4", "", "end", "reverseContinue", there[2]},
	} {
		daptest.Do[dap.Breakpoints](c, "setFunctionBreakpoints", A{"breakpoints": []A{{"name": "count", "condition": b.condition, "hitCondition": b.hits}}})
		c.Move("stepback/goto", A{"time": b.from})
		c.Event("continued")
		s := c.Move(b.move, A{"threadId": s.ThreadID})
		if at := now(c); at != b.want {
			t.Errorf("%+v: stopped at %s: %+v", b, at, s)
		}
	}
	points = daptest.Do[dap.Breakpoints](c, "setFunctionBreakpoints", A{"breakpoints": []A{{"name": "count", "condition": "i =="}, {"name": "count", "hitCondition": "x"}}}).Breakpoints
	if points[0].Verified || points[1].Verified || points[0].Message == "" || points[1].Message == "" {
		t.Errorf("%+v", points)
	}
	points = daptest.Do[dap.Breakpoints](c, "setBreakpoints", A{"source": A{"path": "/x/crash.c"}, "breakpoints": []A{{"line": 3}}}).Breakpoints
	if len(points) != 1 || points[0].Verified || points[0].Message == "" || points[0].Line != 3 {
		t.Errorf("%+v", points)
	}
	disconnect(c)
}
