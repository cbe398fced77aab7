package adapter_test

import (
	"slices"
	"strings"
	"testing"
)

// A breakpoint in a library is hit in all processes, those that load it later too, and at the same
// Times from both sides.
func TestLibraries(t *testing.T) {
	compile(t, "crash") // or the test is skipped
	c := connect(t, config(t))
	s := begin(t, c, A{"program": "/bin/sh", "args": []string{"-c", "for i in 1 2; do echo $i | cat; done; exit 7"}}, "write")
	var there, back []string
	threads := map[int]bool{}
	for s.Reason == "function breakpoint" {
		if f := top(c, s.ThreadID); !strings.HasSuffix(f.Name, "write") {
			t.Errorf("stopped in %+v", f)
		}
		there = append(there, now(c))
		threads[s.ThreadID] = true
		s = c.Move("continue", A{"threadId": s.ThreadID})
	}
	if s.Description != "End of history: exit status 7" {
		t.Errorf("%+v", s)
	}
	for s = c.Move("reverseContinue", A{"threadId": s.ThreadID}); s.Reason == "function breakpoint"; s = c.Move("reverseContinue", A{"threadId": s.ThreadID}) {
		back = append([]string{now(c)}, back...)
	}
	if len(there) < 4 || len(threads) < 4 || !slices.Equal(there, back) {
		t.Errorf("in %d threads; forward %v, back %v", len(threads), there, back)
	}
	disconnect(c)
}
