package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// verdict is what `stepback verify --json` says.
type verdict struct {
	OK              bool            `json:"ok"`
	Complete        bool            `json:"complete"`
	Events          int             `json:"events"`
	Seconds         float64         `json:"seconds"`
	RecordedSeconds float64         `json:"recordedSeconds"`
	Divergence      json.RawMessage `json:"divergence"`
	Error           string          `json:"error"`
}

func (v verdict) diverged() bool { return len(v.Divergence) > 0 && string(v.Divergence) != "null" }

// facts is what `stepback info --json` says, as far as tests use it.
type facts struct {
	Complete bool `json:"complete"`
	Events   int  `json:"events"`
}

// recordCommand is the command that records argv into the directory rec.
func recordCommand(rec string, argv ...string) []string {
	return append([]string{stepback, "record", "--quiet", "-o", rec, "--"}, argv...)
}

// verify replays the recording and returns the verdict with the command's outcome. It does not judge.
func verify(t *testing.T, rec string, flags ...string) (verdict, outcome) {
	t.Helper()
	out := run(t, command{argv: append([]string{stepback, "verify", "--json", rec}, flags...), diagnose: func() string { return lastEvents(rec) }})
	var v verdict
	if err := json.Unmarshal([]byte(out.stdout), &v); err != nil && out.status == 0 {
		t.Fatalf("verify %s exited 0 but printed no JSON (%v): %s", rec, err, out.stdout)
	}
	return v, out
}

// info returns the recording's facts, failing the test when it does not open.
func info(t *testing.T, rec string) facts {
	t.Helper()
	out := run(t, command{argv: []string{stepback, "info", "--json", rec}})
	if out.status != 0 {
		t.Fatalf("info %s exited %d: %s", rec, out.status, out.stderr)
	}
	var f facts
	if err := json.Unmarshal([]byte(out.stdout), &f); err != nil {
		t.Fatalf("info --json printed no JSON (%v): %s", err, out.stdout)
	}
	return f
}

// mustVerify demands that the whole recording replays without a divergence, three times in a row, and that
// verify and info count the same events.
func mustVerify(t *testing.T, rec string) {
	t.Helper()
	events := info(t, rec).Events
	for try := 1; try <= 3; try++ {
		v, out := verify(t, rec)
		if out.status != 0 || !v.OK || !v.Complete || v.diverged() || v.Events != events {
			t.Fatalf("verify, run %d: exit status %d, %+v of %d events\ndivergence: %s\nstderr: %s\n%s",
				try, out.status, v, events, v.Divergence, out.stderr, lastEvents(rec))
		}
		if try == 1 {
			t.Logf("%d events, recorded in %.2f s, verified in %.2f s", v.Events, v.RecordedSeconds, v.Seconds)
		}
	}
}

// mustTravel demands that so many random times of the recording are the same states whichever way one gets there.
func mustTravel(t *testing.T, rec string, times int) {
	t.Helper()
	if v, out := verify(t, rec, fmt.Sprintf("--walk=%d", times)); out.status != 0 || !v.OK {
		t.Fatalf("verify --walk: exit status %d, %s\nstderr: %s", out.status, v.Error, out.stderr)
	}
}

// mustBePrefix demands what a recording is that was cut off: it opens, all that is there agrees, and it
// says that it is incomplete.
func mustBePrefix(t *testing.T, rec string) facts {
	t.Helper()
	f := info(t, rec)
	if f.Complete {
		t.Errorf("%s: info says complete, but its recorder died", rec)
	}
	v, out := verify(t, rec)
	if out.status != 0 || !v.OK || v.Complete || v.diverged() || v.Events != f.Events {
		t.Fatalf("verify of a cut recording: exit status %d, %+v of %d events\ndivergence: %s\nstderr: %s\n%s",
			out.status, v, f.Events, v.Divergence, out.stderr, lastEvents(rec))
	}
	return f
}

// lastEvents describes the end of a recording, for a failure's report. It must not fail itself: the
// recording may be of any kind.
func lastEvents(rec string) string {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, stepback, "events", rec).CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) > 40 {
		lines = lines[len(lines)-40:]
	}
	text := "last events:\n  " + strings.Join(lines, "\n  ")
	if err != nil {
		text += fmt.Sprintf("\n  (stepback events: %v)", err)
	}
	return text
}
