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

var debuggeeDir = filepath.Join("tests", "debuggees")

// debuggees are all the cases.
func debuggees(t *testing.T) (list []debuggee) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repoDir, debuggeeDir, "cases.json"))
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// argv builds the program.
func (d debuggee) argv(t *testing.T) []string {
	return append([]string{compile(t, d.Compiler, filepath.Join(repoDir, debuggeeDir, d.Source), d.Flags)}, d.Args...)
}

// TestDebuggees takes every small program of tests/debuggees through the same test as the real ones.
func TestDebuggees(t *testing.T) {
	for _, d := range debuggees(t) {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			s := subject{
				argv: d.argv,
				// Let the recording hold hashes of all memory at every fifth system call, so that
				// what the kernel wrote and the recording lacks shows even if no register does.
				env:          []string{"STEPBACK_CHECK_MEMORY=5"},
				stdin:        d.Stdin,
				status:       d.Status,
				recordedOnly: d.Only == "recorded",
				travel:       12,
			}
			s.test(t)
		})
	}
}
