package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A replayRow is one program whose replay is measured. It computes for a second or two, so that starting and translating
// count as they do for a user.
type replayRow struct {
	name    string
	what    string
	prepare preparation
}

func (r replayRow) rowName() string { return r.name }

var replayRows = []replayRow{
	{"replay-xz", "xz -T1 compresses 3 MB", xz(3_000_000)},
	{"replay-unxz", "xz decompresses 24 MB", unxz(24_000_000)},
	{"replay-zstd", "zstd -12 compresses 20 MB", zstd(20_000_000)},
	{"replay-python", "python3 computes in a loop", python(20_000_000)},
	{"replay-sqlite", "sqlite3 fills, sorts and queries a database in memory", sqlite(800_000)},
	{"replay-lua", "lua permutes numbers and counts strings", script("/usr/bin/lua5.4", "tests/bench/testdata/work.lua")},
	{"replay-float", "planets in scalar floating point", compiled("gcc", "float.c", "14000000")},
	{"replay-vector", "matrices and bytes in AVX2", compiled("gcc", "vector.c", "750", "-mavx2", "-mfma")},
	{"replay-virtual", "virtual calls in C++", compiled("g++", "virtual.cc", "2600")},
}

// A translator is another way to run a row's program, or its recording.
type translator struct {
	name string
	// ours fails the benchmark when it fails; of others the reason is told.
	ours bool
	argv func(stepback, rec string, program []string) []string
	env  []string
}

var translators = []translator{
	{name: "stepback verify", ours: true, argv: verifying},
	{name: "clock off", ours: true, argv: verifying, env: []string{"STEPBACK_CLOCK=off"}},
	{name: "valgrind --tool=none", argv: under("valgrind", "-q", "--tool=none")},
	{name: "qemu-x86_64", argv: under("qemu-x86_64", "-cpu", "max")},
}

func verifying(stepback, rec string, _ []string) []string { return []string{stepback, "verify", rec} }

func under(words ...string) func(stepback, rec string, program []string) []string {
	return func(_, _ string, program []string) []string { return append(words[:len(words):len(words)], program...) }
}

// A replayResult is one row of the table.
type replayResult struct {
	row    replayRow
	native []float64 // seconds
	cells  []cell    // one for each translator, then gdb's
}

// slow is the ratio from which on another translator runs once only, not once for each pair.
const slow = 10

// A cell has a ratio to native time for each pair, or tells why there is none.
type cell struct {
	ratios []float64
	cannot string
}

// replaying measures rows and prints their table.
func (b benchmark) replaying(selected []replayRow) error {
	if len(selected) == 0 {
		return nil
	}
	before := machine()
	var results []replayResult
	var failed error
	for _, r := range selected {
		run, err := b.runner(r.name)
		if err != nil {
			return err
		}
		result, err := r.measure(run, b.pairs)
		if result.cells != nil {
			results = append(results, result)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", r.name, err))
		}
		// Recordings and data are large.
		if err := os.RemoveAll(filepath.Dir(run.dir)); err != nil {
			return err
		}
	}
	fmt.Printf("%s\n%s\n%s", circumstances(before, b.pairs), replayTable(results), translationSpeed())
	return failed
}

// measure records the row's program once and runs it natively and through each translator in turns.
func (r replayRow) measure(run runner, pairs int) (result replayResult, failed error) {
	result.row = r
	argv, err := r.prepare(run.dir)
	if err != nil {
		return result, err
	}
	// One run of each that does not count brings programs and files into memory.
	if _, err := run.native(argv); err != nil {
		return result, err
	}
	_, rec, err := run.record(argv)
	if err != nil {
		return result, err
	}
	result.cells = make([]cell, len(translators), len(translators)+1)
	steps, err := run.steps(rec)
	if err != nil {
		failed = err
	}
	for pair := range pairs {
		native, err := run.native(argv)
		if err != nil {
			return result, err
		}
		result.native = append(result.native, native)
		fmt.Fprintf(os.Stderr, "%s, pair %d: native %.3f s", r.name, pair+1, native)
		for i, t := range translators {
			seconds, err := result.cells[i].add(run, t, rec, argv, native)
			if err != nil && t.ours {
				failed = errors.Join(failed, err)
			}
			fmt.Fprintf(os.Stderr, ", %s %.3f s", t.name, seconds)
		}
		fmt.Fprintln(os.Stderr)
	}
	result.cells = append(result.cells, gdbRecord(run, argv, median(result.native), steps))
	return result, failed
}

// add makes one more run through a translator, unless there is nothing to be learned from it.
func (c *cell) add(run runner, t translator, rec string, argv []string, native float64) (seconds float64, err error) {
	if c.cannot != "" || !t.ours && len(c.ratios) > 0 && c.ratios[0] > slow {
		return 0, nil
	}
	seconds, err = run.time(t.argv(run.stepback, rec, argv), t.env...)
	switch {
	case errors.Is(err, errTooSlow):
		*c = cell{cannot: fmt.Sprintf("more than %.0f ×", seconds/native)}
	case err != nil:
		*c = cell{cannot: "cannot: " + reason(err)}
	default:
		c.ratios = append(c.ratios, seconds/native)
	}
	return seconds, err
}

// reason is the last line of what a failed command said.
func reason(err error) string {
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	return strings.ReplaceAll(lines[len(lines)-1], "|", "/")
}
