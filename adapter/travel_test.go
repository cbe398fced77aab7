package adapter_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	godap "github.com/google/go-dap"

	"stepback/dap"
	"stepback/dap/daptest"
	"stepback/snapshots"
)

// The requests that plain DAP lacks, and the console's commands that do the same.
func TestTravel(t *testing.T) {
	program := compile(t, "crash")
	c := connect(t, config(t))
	s := begin(t, c, A{"program": program, "stopOnEntry": true})
	if s.Reason != "entry" || now(c) != "0+0" {
		t.Errorf("stopped %+v", s)
	}
	console := func(line string) string {
		return daptest.Do[godap.EvaluateResponseBody](c, "evaluate", A{"expression": line, "context": "repl"}).Result
	}
	jump := func(line string) string {
		result := console(line)
		c.Event("continued")
		c.Stopped()
		if at := now(c); !strings.HasPrefix(result, at) {
			t.Errorf("%s says %q, and goes to %s", line, result, at)
		}
		return result
	}
	if text := jump("goto end"); !strings.Contains(text, "killed by SIGSEGV") {
		t.Error(text)
	}
	end := now(c)
	if text := console("bookmark crash"); text != "crash at "+end {
		t.Error(text)
	}
	jump("reverse-step")
	jump("reverse-next")
	jump("goto 100+3")
	console("bookmark early")
	jump("goto crash")
	if at := now(c); at != end {
		t.Errorf("the bookmark leads to %s, not %s", at, end)
	}
	if text := console("bookmarks"); text != "early at 100+3\ncrash at "+end {
		t.Error(text)
	}
	jump("last counter")
	if f := top(c, s.ThreadID); f.Name != "count" {
		t.Errorf("last written in %+v", f)
	}
	jump("reverse-finish")
	if f := top(c, s.ThreadID); f.Name != "main" {
		t.Errorf("called in %+v", f)
	}
	for _, line := range []string{"info time", "info snapshots", "info threads", "help", "$rip"} {
		if console(line) == "" {
			t.Errorf("%s says nothing", line)
		}
	}
	if text := console("log count by {$rdi}"); strings.Count(text, "by ") != 5 || !strings.Contains(text, "by 0x3") && !strings.Contains(text, "by 3") {
		t.Error(text)
	}
	for _, line := range []string{"goto", "goto nowhere", "goto 99999", "bookmark 3", "nonsense", "last nothing"} {
		m := c.Response(c.Send("evaluate", A{"expression": line, "context": "repl"}))
		if m.Success {
			t.Errorf("%s succeeds: %s", line, m.Body)
		}
	}
	here := now(c)
	log := daptest.Do[dap.LogBody](c, "stepback/log", A{"points": []A{{"location": "count", "condition": "$rdi > 2", "message": "{$rdi} of {counter}"}}, "most": 2})
	if len(log.Messages) != 2 || log.Hits != 3 || !strings.HasPrefix(log.Messages[0].Message, "0x3 of ") {
		t.Errorf("%+v", log)
	}
	if at := now(c); at != here {
		t.Errorf("looking for messages moved the present from %s to %s", here, at)
	}
	table := daptest.Do[snapshots.Statistics](c, "stepback/snapshots", nil)
	if len(table.Snapshots) == 0 || table.MaxSnapshots != snapshots.DefaultMax {
		t.Errorf("%+v", table)
	}
	c.Move("stepback/goto", A{"time": "early"})
	c.Event("stepback/snapshots")

	line := daptest.Do[dap.TimelineBody](c, "stepback/timeline", A{})
	kinds := map[string]int{}
	for _, m := range line.Markers {
		kinds[m.Kind]++
	}
	if kinds["signal"] != 1 || kinds["output"] != 2 || kinds["bookmark"] != 2 || kinds["thread"] != 1 || len(line.Slices) != 1 {
		t.Errorf("%+v", line)
	}
	if thin := daptest.Do[dap.TimelineBody](c, "stepback/timeline", A{"most": 3}); len(thin.Markers) > 3 || !thin.Thinned {
		t.Errorf("%+v", thin)
	}
	books := daptest.Do[dap.BookmarksBody](c, "stepback/bookmarks", A{"name": "early", "remove": true}).Bookmarks
	if len(books) != 1 || books[0].Name != "crash" {
		t.Errorf("%+v", books)
	}
	for command, arguments := range map[string]A{
		"stepback/goto": {"time": "never"}, "stepback/bookmarks": {"name": "end"}, "stepback/log": {}, "stepback/reverseStepIn": {"threadId": 9},
		"stepback/nothing": {},
	} {
		c.Fails(command, arguments)
	}
	disconnect(c)
}

// A recording that was kept is opened; what the program printed is shown as it is passed, once, with its Time.
func TestReplay(t *testing.T) {
	program := compile(t, "crash")
	place := t.TempDir() + "/kept"
	c := connect(t, config(t))
	begin(t, c, A{"program": program, "recording": place})
	disconnect(c)
	if _, err := os.Stat(place); err != nil {
		t.Fatal(err)
	}

	c = connect(t, config(t))
	s := begin(t, c, A{"mode": "replay", "recording": place, "startAt": "entry"})
	if out := c.Output("stdout"); out != "" {
		t.Errorf("printed at the beginning: %q", out)
	}
	for range 2 {
		c.Move("continue", A{"threadId": s.ThreadID})
		if out := c.Output("stdout"); out != "hello 1\n" {
			t.Errorf("printed: %q", out)
		}
		c.Move("reverseContinue", A{"threadId": s.ThreadID})
	}
	c.Move("restart", nil)
	if at := now(c); at != "0+0" {
		t.Errorf("restarted at %s", at)
	}
	daptest.Do[dap.None](c, "terminate", nil)
	c.Event("terminated")
	c.Fails("threads", nil)
	disconnect(c)
}

// Several threads and processes, and signals that are handled.
func TestThreads(t *testing.T) {
	program := compile(t, "threads")
	c := connect(t, config(t))
	daptest.Do[dap.Capabilities](c, "initialize", A{"adapterID": "stepback"})
	daptest.Do[dap.None](c, "launch", A{"program": program})
	daptest.Do[dap.Breakpoints](c, "setExceptionBreakpoints", A{"filters": []string{}, "filterOptions": []A{{"filterId": "signals", "condition": "SIGUSR1"}}})
	daptest.Do[dap.None](c, "configurationDone", nil)
	s := c.Stopped()
	if s.Reason != "exception" || !strings.HasPrefix(s.Text, "SIGUSR1 from process") {
		t.Errorf("stopped %+v", s)
	}
	before := now(c)
	setFunctions(c, "add", "handler")
	hit := map[string]int{}
	threads := map[int]bool{}
	var there []string
	for s = c.Move("continue", A{"threadId": s.ThreadID}); s.Reason == "function breakpoint"; s = c.Move("continue", A{"threadId": s.ThreadID}) {
		hit[top(c, s.ThreadID).Name]++
		threads[s.ThreadID] = true
		there = append(there, now(c))
		list := daptest.Do[godap.ThreadsResponseBody](c, "threads", nil).Threads
		if !slices.ContainsFunc(list, func(h godap.Thread) bool { return h.Id == s.ThreadID && strings.HasPrefix(h.Name, "threads (") }) {
			t.Errorf("thread %d is not in %+v", s.ThreadID, list)
		}
	}
	// 3 + 3 in threads, 1 in the child; the handler in main.
	if hit["add"] != 7 || hit["handler"] != 1 || len(threads) != 4 {
		t.Errorf("hits %v in %d threads", hit, len(threads))
	}
	if s.Description != "End of history: exit status 0" {
		t.Errorf("stopped %+v", s)
	}
	var back []string
	for s = c.Move("reverseContinue", A{"threadId": s.ThreadID}); s.Reason == "function breakpoint"; s = c.Move("reverseContinue", A{"threadId": s.ThreadID}) {
		back = append([]string{now(c)}, back...)
	}
	if !slices.Equal(there, back) {
		t.Errorf("forward %v, back %v", there, back)
	}
	if at := now(c); s.Reason != "exception" || at != before {
		t.Errorf("back at the signal: %+v at %s, not %s", s, at, before)
	}
	// Steps of one of several threads.
	s = c.Move("continue", A{"threadId": s.ThreadID})
	s = c.Move("continue", A{"threadId": s.ThreadID})
	pcs := []string{}
	setFunctions(c)
	for range 10 {
		pcs = append(pcs, top(c, s.ThreadID).InstructionPointerReference)
		c.Move("stepIn", A{"threadId": s.ThreadID, "granularity": "instruction"})
	}
	for _, want := range slices.Backward(pcs) {
		c.Move("stepback/reverseStepIn", A{"threadId": s.ThreadID, "granularity": "instruction"})
		if pc := top(c, s.ThreadID).InstructionPointerReference; pc != want {
			t.Errorf("back at %s, not %s", pc, want)
		}
	}
	disconnect(c)
}
