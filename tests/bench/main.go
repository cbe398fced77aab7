// Command bench measures what recording and replaying cost: it runs programs natively and under `stepback record` in turns,
// then natively, replayed and under other translators in turns, then it travels through recordings, beside gdb, and prints a
// table in Markdown for each, with medians, ranges and, for recording and travelling, the targets that the design sets.
//
// Native and other runs alternate (A B A B …), so that a machine that grows slower or faster in between
// changes both; a result is the median over the pairs of what one pair gave. The tables name the machine and
// its load: figures taken on a busy machine are worth little. Nothing here fails for being slow; only a run
// that goes wrong does.
//
// The pieces: programs.go has the programs, rows.go the rows of recording and table.go their table, replay.go the rows of
// replaying and replaytable.go theirs, travel.go the rows of travelling and traveltable.go theirs, gdb.go measures gdb's
// recording, run.go runs a program.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if err := bench(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench() error {
	binary := flag.String("stepback", "bin/stepback", "the `command` to measure")
	chosen := flag.String("rows", "", "comma-separated `names` of rows to run, or record, or replay, or travel; all if empty")
	pairs := flag.Int("pairs", 5, "`number` of pairs of a native and another run")
	list := flag.Bool("list", false, "list the rows and stop")
	flag.Parse()

	if *list {
		for _, r := range rows {
			fmt.Printf("%-16s %s\n", r.name, r.what)
		}
		for _, r := range replayRows {
			fmt.Printf("%-16s %s, replayed\n", r.name, r.what)
		}
		for _, r := range travelRows(travelFull) {
			fmt.Printf("%-16s %s, travelled\n", r.name, r.what)
		}
		return nil
	}
	if *pairs < 1 || flag.NArg() > 0 {
		return fmt.Errorf("usage: bench [-stepback COMMAND] [-rows NAME,…] [-pairs N] [-list]")
	}
	if err := known(*chosen); err != nil {
		return err
	}
	if _, err := os.Stat(*binary); err != nil {
		return fmt.Errorf("there is no %s: run `make build` first", *binary)
	}
	stepback, err := filepath.Abs(*binary)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "stepback-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)

	b := benchmark{stepback: stepback, work: work, pairs: *pairs}
	return errors.Join(
		b.recording(choose(*chosen, "record", rows)),
		b.replaying(choose(*chosen, "replay", replayRows)),
		b.travelling(choose(*chosen, "travel", travelRows(travelFull)), travelFull),
	)
}

// A benchmark is one invocation.
type benchmark struct {
	stepback, work string
	pairs          int
}

// runner makes a row's directory.
func (b benchmark) runner(name string) (runner, error) {
	dir := filepath.Join(b.work, name, "dir")
	return runner{stepback: b.stepback, dir: dir}, os.MkdirAll(dir, 0o755)
}

// recording measures rows and prints their table.
func (b benchmark) recording(selected []row) error {
	if len(selected) == 0 {
		return nil
	}
	before := machine()
	var results []result
	for _, r := range selected {
		run, err := b.runner(r.name)
		if err != nil {
			return err
		}
		more, err := r.measure(run, b.pairs)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		results = append(results, more...)
	}
	fmt.Printf("%s\n%s\n", circumstances(before, b.pairs), table(results))
	return nil
}

// named is what has a row's name.
type named interface{ rowName() string }

// choose returns the rows with the given names, in their order; the name of a group stands for all its rows.
func choose[R named](names, group string, from []R) []R {
	if names == "" {
		return from
	}
	wanted := strings.Split(names, ",")
	return slices.DeleteFunc(slices.Clone(from), func(r R) bool {
		return !slices.Contains(wanted, group) && !slices.Contains(wanted, r.rowName())
	})
}

// known reports names that no row has.
func known(names string) error {
	for name := range strings.SplitSeq(names, ",") {
		if name != "" && len(choose(name, "record", rows)) == 0 && len(choose(name, "replay", replayRows)) == 0 &&
			len(choose(name, "travel", travelRows(travelFull))) == 0 {
			return fmt.Errorf("no row %q: -list shows them", name)
		}
	}
	return nil
}
