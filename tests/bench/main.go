// Command bench measures what recording costs: it runs programs natively and under `stepback record` in turns
// and prints a table in Markdown with medians, ranges and the targets that the design sets.
//
// Native and recorded runs alternate (A B A B …), so that a machine that grows slower or faster in between
// changes both; a result is the median over the pairs of what one pair gave. The table names the machine and
// its load: figures taken on a busy machine are worth little. Nothing here fails for being slow; only a run
// that goes wrong does.
//
// The pieces: rows.go has the programs, run.go runs one of them, table.go turns seconds into the table.
package main

import (
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
	chosen := flag.String("rows", "", "comma-separated `names` of rows to run; all if empty")
	pairs := flag.Int("pairs", 5, "`number` of pairs of a native and a recorded run")
	list := flag.Bool("list", false, "list the rows and stop")
	flag.Parse()

	if *list {
		for _, r := range rows {
			fmt.Printf("%-8s %s\n", r.name, r.what)
		}
		return nil
	}
	if *pairs < 1 || flag.NArg() > 0 {
		return fmt.Errorf("usage: bench [-stepback COMMAND] [-rows NAME,…] [-pairs N] [-list]")
	}
	selected, err := choose(*chosen)
	if err != nil {
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

	before := machine()
	var results []result
	for _, r := range selected {
		dir := filepath.Join(work, r.name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
		more, err := r.measure(runner{stepback: stepback, dir: dir}, *pairs)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		results = append(results, more...)
	}
	fmt.Printf("%s; load average %s before, %s after; %d pairs.\n\n", before.name, before.load, machine().load, *pairs)
	fmt.Print(table(results))
	return nil
}

// choose returns the rows with the given names, in the table's order.
func choose(names string) ([]row, error) {
	if names == "" {
		return rows, nil
	}
	wanted := strings.Split(names, ",")
	for _, name := range wanted {
		if !slices.ContainsFunc(rows, func(r row) bool { return r.name == name }) {
			return nil, fmt.Errorf("no row %q: -list shows them", name)
		}
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return !slices.Contains(wanted, r.name) }), nil
}
