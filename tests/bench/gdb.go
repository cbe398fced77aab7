package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// gdbScript lets the program compute for $DELAY seconds, records $STEPS instructions from there and says how many it
// recorded in how many seconds, and where it stopped if it was too early.
//
//go:embed testdata/gdb.py
var gdbScript []byte

// gdbSteps is what gdb records of a program: it takes about 0.2 ms for each.
const gdbSteps = 20_000

// gdbRecord compares the time that gdb's `record full` takes for an instruction in the middle of the program with the
// program's own: native seconds for all of its steps.
func gdbRecord(run runner, argv []string, native float64, steps uint64) cell {
	said, why := gdbRun(run, argv, fmt.Sprintf("STEPS=%d", gdbSteps))
	if why != "" {
		return cell{cannot: "cannot: " + why}
	}
	n, seconds := said["RECORDED"][0], said["RECORDED"][1]
	if steps == 0 {
		return cell{cannot: fmt.Sprintf("%.0f µs a step; verify does not tell the steps", seconds/n*1e6)}
	}
	return cell{ratios: []float64{seconds / n / (native / float64(steps))}}
}

// gdbRun runs the script on a program, with variables for it. The script's lines begin with a word and have numbers then; the
// line RECORDED is always there, with the instructions recorded and the seconds. why tells what kept gdb from recording, or
// from travelling in all that it recorded: then there are some lines.
func gdbRun(run runner, argv []string, env ...string) (said map[string][]float64, why string) {
	script := filepath.Join(run.dir, "gdb.py")
	if err := os.WriteFile(script, gdbScript, 0o644); err != nil {
		return nil, err.Error()
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "gdb", append([]string{"-q", "-nx", "-batch", "-x", script, "--args"}, argv...)...)
	cmd.Dir = run.dir
	cmd.Env = append(append(os.Environ(), "LC_ALL=C.UTF-8", "DELAY=0.3"), env...)
	// Of its own group: what it sends to the program must not come here.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return nil, "it hangs"
	}
	said = map[string][]float64{}
	for line := range strings.Lines(string(out)) {
		line, why, stopped := strings.Cut(strings.TrimSpace(line), ": ")
		words := strings.Fields(line)
		if len(words) == 0 || !slices.Contains(gdbWords, words[0]) {
			continue
		}
		var numbers []float64
		for _, w := range words[1:] {
			n, err := strconv.ParseFloat(w, 64)
			if err != nil {
				return nil, err.Error()
			}
			numbers = append(numbers, n)
		}
		said[words[0]] = numbers
		switch {
		case stopped && len(numbers) > 0:
			return nil, fmt.Sprintf("%s after %.0f instructions", why, numbers[0])
		case stopped:
			return said, why
		}
	}
	switch {
	case len(said["RECORDED"]) == 2:
		return said, ""
	case err != nil:
		return nil, fmt.Sprintf("gdb did not record (%v)", err)
	}
	return nil, "the program ends before gdb records"
}

// gdbWords begin the lines of the script: the instructions recorded and the seconds; the bytes for each; the seconds of each
// step back; the instructions that it goes back through and the seconds; how often it stops to evaluate a condition going back
// and forward, and the seconds; the error that ended it.
var gdbWords = []string{"RECORDED", "MEMORY", "STEP", "REVERSE", "BACK", "FORWARD", "FAILED"}

// A gdbTour is what gdb does in the instructions it recorded, beside stepping back and going back through all of them.
type gdbTour struct {
	start string // function where it begins to record; in the middle of the program if empty
	stop  string // command that sets the breakpoint or watchpoint to go to
	count string // variable that tells how often the program came by
}

// gdbSaid is what the script said of a tour, or why it did not.
type gdbSaid struct {
	said map[string][]float64
	why  string
}

// gdb lets gdb record the journey's program for some instructions, and travel there.
func (j journey) gdb(tour gdbTour) gdbSaid {
	env := []string{"TRAVEL=1", fmt.Sprintf("STEPS=%d", j.gdbSteps)}
	for _, v := range []struct{ name, value string }{{"START", tour.start}, {"STOP", tour.stop}, {"COUNT", tour.count}} {
		if v.value != "" {
			env = append(env, v.name+"="+v.value)
		}
	}
	said, why := gdbRun(j.run, j.argv, env...)
	j.say("gdb recorded %.2f %s", said["RECORDED"], why)
	return gdbSaid{said, why}
}

// figure shows what a line of the script said.
func (g gdbSaid) figure(word string, show func([]float64) string) string {
	if v := g.said[word]; len(v) > 0 {
		return show(v)
	}
	return "cannot: " + g.why
}
