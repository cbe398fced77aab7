package main

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stepback/recorder/trace"
)

// shown returns what printEvents prints.
func shown(t *testing.T, dir string, o eventOptions) (string, error) {
	t.Helper()
	var b strings.Builder
	err := printEvents(&b, openTest(t, dir), o)
	return b.String(), err
}

func TestEventsText(t *testing.T) {
	dir := writeRecording(t, sampleEvents(), &trace.Footer{Status: 3 << 8})
	got, err := shown(t, dir, eventOptions{to: math.MaxUint64})
	if err != nil {
		t.Fatal(err)
	}
	want := ` 0 100 exec    execve("/bin/sh", ["sh", "-c", "a b"]), process 100, space 1 [stack limit 0x800000] [map 0x1000+0x1000 rw- private] [3 bytes written at 0x1000: 000102]
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s\n%s", diff, got)
	}
}
