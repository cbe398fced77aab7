package adapter_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	godap "github.com/google/go-dap"

	"stepback/dap"
	"stepback/dap/daptest"
)

// Pause ends a recording, and a search within it is given up as well.
func TestPause(t *testing.T) {
	program := compile(t, "loop")
	c := connect(t, config(t))
	daptest.Do[dap.Capabilities](c, "initialize", A{"adapterID": "stepback", "supportsProgressReporting": true})
	daptest.Do[dap.None](c, "launch", A{"program": program, "startAt": "entry"})
	daptest.Do[dap.None](c, "configurationDone", nil)
	c.Event("output") // it is running
	if text := c.Fails("stackTrace", A{"threadId": 1}); !strings.Contains(text, "being recorded") {
		t.Error(text)
	}
	daptest.Do[godap.ThreadsResponseBody](c, "threads", nil)
	daptest.Do[dap.None](c, "pause", A{"threadId": 1})
	c.Stopped()
	if out := c.Output("console"); !strings.Contains(out, "the recording was stopped") {
		t.Error(out)
	}
	disconnect(c)
}

// A search that goes on long shows its progress, and ends when it is cancelled or paused.
func TestCancel(t *testing.T) {
	program := compile(t, "loop")
	c := connect(t, config(t))
	s := begin(t, c, A{"program": program, "args": []string{"60000000"}, "startAt": "entry"})
	// Each hit is looked at by itself: that takes minutes.
	info := daptest.Do[godap.DataBreakpointInfoResponseBody](c, "dataBreakpointInfo", A{"name": "sum"})
	daptest.Do[dap.Breakpoints](c, "setDataBreakpoints", A{"breakpoints": []A{{"dataId": info.DataId, "accessType": "write", "hitCondition": "59999999"}}})
	thread := A{"threadId": s.ThreadID}

	r := c.Response(c.Send("continue", thread))
	if !r.Success {
		t.Fatal(r.Message)
	}
	if text := c.Fails("stackTrace", thread); !strings.Contains(text, "a search is under way") {
		t.Error(text)
	}
	var start struct{ ProgressID string }
	json.Unmarshal(c.Event("progressStart").Body, &start)
	daptest.Do[dap.None](c, "cancel", A{"progressId": start.ProgressID})
	c.Stopped()
	c.Event("progressEnd")
	if at := now(c); at != "0+0" {
		t.Errorf("cancelled at %s", at)
	}

	c.Response(c.Send("continue", thread))
	c.Event("progressStart")
	daptest.Do[dap.None](c, "pause", thread)
	if s := c.Stopped(); s.Reason != "pause" || !strings.HasPrefix(s.Description, "Paused at") {
		t.Errorf("%+v", s)
	}
	c.Event("progressEnd")
	// The end of the session ends a search, too.
	c.Response(c.Send("continue", thread))
	disconnect(c)
}

// Launches that cannot work say why, and the next one may.
func TestBadLaunch(t *testing.T) {
	program := compile(t, "crash")
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	os.WriteFile(text, []byte("text"), 0o700)
	c := connect(t, config(t))
	daptest.Do[dap.Capabilities](c, "initialize", A{"adapterID": "stepback"})
	for want, launch := range map[string]A{
		"program is missing":          {},
		"nowhere":                     {"program": "/nowhere/program"},
		"there is no directory":       {"program": program, "cwd": "/nowhere"},
		"launch argument stdin":       {"program": program, "stdin": "/nowhere/file"},
		"write launch or replay":      {"program": program, "mode": "attach"},
		"write firstBreakpoint or":    {"program": program, "startAt": "middle"},
		"write internalConsole or":    {"program": program, "console": "none"},
		"args must be a list":         {"program": program, "args": "x"},
		"maxSnapshots is 1":           {"program": program, "maxSnapshots": 1},
		"memoryPressureThreshold":     {"program": program, "memoryPressureThreshold": 99},
		"recording is missing":        {"mode": "replay"},
		"cannot open the recording":   {"mode": "replay", "recording": dir},
		"exec format error":           {"program": text},
		"this client has no terminal": {"program": program, "console": "integratedTerminal"},
	} {
		m := c.Response(c.Send("launch", launch))
		var body struct {
			Error struct {
				Format   string
				ShowUser bool
			}
		}
		json.Unmarshal(m.Body, &body)
		if m.Success || !body.Error.ShowUser || !strings.Contains(body.Error.Format, want) {
			t.Errorf("%v: %s", launch, m.Body)
		}
	}
	daptest.Do[dap.None](c, "launch", A{"program": program, "args": []string{"x"}, "startAt": "end", "unknown": A{"ignored": true},
		"env": A{"HOME": nil, "X": "y"}, "cwd": dir, "stdout": "out"})
	daptest.Do[dap.None](c, "configurationDone", nil)
	if s := c.Stopped(); s.Reason != "pause" || s.Description != "End of history: exit status 15" {
		t.Errorf("%+v", s)
	}
	if out, err := os.ReadFile(filepath.Join(dir, "out")); string(out) != "hello 2\n" {
		t.Errorf("stdout has %q, %v", out, err)
	}
	// Recording it again.
	daptest.Do[dap.None](c, "restart", nil)
	c.Stopped()
	disconnect(c)
}

// A client that is gone leaves nothing behind, whatever went on.
func TestGone(t *testing.T) {
	program := compile(t, "loop")
	c := connect(t, config(t))
	daptest.Do[dap.Capabilities](c, "initialize", A{"adapterID": "stepback"})
	daptest.Do[dap.None](c, "launch", A{"program": program})
	c.Event("output") // and its end is the test's
}
