package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// A debuggee is a case of tests/debuggees/cases.json: a small program, how to build it and run it, and the
// exit status that says that its own checks passed.
type debuggee struct {
	Name     string   `json:"name"`
	Source   string   `json:"source"`
	Compiler string   `json:"compiler"`
	Flags    []string `json:"flags"`
	Args     []string `json:"args"`
	Stdin    string   `json:"stdin"`
	Status   int      `json:"status"`
	Only     string   `json:"only"` // "recorded": the native run fails on purpose
}

// TestDebuggees takes every small program of tests/debuggees through the same test as the real ones.
func TestDebuggees(t *testing.T) {
	dir := filepath.Join(repoDir, "tests/debuggees")
	text, err := os.ReadFile(filepath.Join(dir, "cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []debuggee
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			s := subject{
				argv: func(t *testing.T) []string {
					return append([]string{compile(t, c.Compiler, filepath.Join(dir, c.Source), c.Flags)}, c.Args...)
				},
				// Let the recording hold hashes of all memory at every fifth system call, so that
				// what the kernel wrote and the recording lacks shows even if no register does.
				env:          []string{"STEPBACK_CHECK_MEMORY=5"},
				stdin:        c.Stdin,
				status:       c.Status,
				recordedOnly: c.Only == "recorded",
				travel:       12,
			}
			s.test(t)
		})
	}
}
