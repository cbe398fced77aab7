package main

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"stepback/internal/x86"
	"stepback/recorder/trace"
	"stepback/replayer"
	"stepback/replayer/condition"
	"stepback/snapshots"
)

// travelSizes are how much the rows of travelling do.
type travelSizes struct {
	data          int    // bytes that xz compresses
	places, steps int    // where to step back, and how often at each
	evaluations   int    // of a false condition
	writes        int    // of a variable
	changing      int    // megabytes of a process that changes all of them
	resident      int    // megabytes of a process that is forked
	forks         int    // in each pair
	apart         uint64 // steps from one save point to the next
	gdbSteps      int
}

var travelFull = travelSizes{
	data: 18_000_000, places: 40, steps: 20,
	evaluations: 100_000_000,
	writes:      1_000_000, changing: 300, resident: 1024, forks: 9, apart: 3_000_000, gdbSteps: gdbSteps,
}

// A travelRow is one program whose recording is travelled through.
type travelRow struct {
	name    string
	what    string
	prepare preparation
	measure func(journey) ([]figure, error)
}

func (r travelRow) rowName() string { return r.name }

func travelRows(s travelSizes) []travelRow {
	return []travelRow{
		{"travel-xz", fmt.Sprintf("xz -T1 compresses %d MB", s.data/1e6), xz(s.data), journey.walk},
		{"travel-condition", fmt.Sprintf("a condition that is false %d times", s.evaluations),
			compiled("gcc", "condition.c", fmt.Sprint(s.evaluations), "-no-pie"), journey.condition},
		{"travel-writes", fmt.Sprintf("a variable that is written %d times", s.writes),
			compiled("gcc", "writes.c", fmt.Sprint(s.writes), "-no-pie"), journey.lastWrite},
		{"travel-memory", fmt.Sprintf("a process that changes %d MB again and again", s.changing),
			compiled("gcc", "memory.c", fmt.Sprint(s.changing)), journey.memory},
		{"travel-fork", fmt.Sprintf("a process with %d MB resident", s.resident),
			compiled("gcc", "resident.c", fmt.Sprint(s.resident)), journey.fork},
	}
}

// A journey is through the recording of a row's program.
type journey struct {
	travelSizes
	row   travelRow
	run   runner
	argv  []string
	rec   *trace.Recording
	pairs int
	ctx   context.Context
}

// journeyTime is how long one row may take.
const journeyTime = 30 * time.Minute

// travelling measures rows and prints their table.
func (b benchmark) travelling(selected []travelRow, sizes travelSizes) error {
	if len(selected) == 0 {
		return nil
	}
	before := machine()
	var figures []figure
	var failed error
	for _, r := range selected {
		run, err := b.runner(r.name)
		if err != nil {
			return err
		}
		more, err := journey{travelSizes: sizes, row: r, run: run, pairs: b.pairs}.measure()
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", r.name, err))
		}
		figures = append(figures, more...)
		// Recordings and data are large.
		if err := os.RemoveAll(filepath.Dir(run.dir)); err != nil {
			return err
		}
	}
	fmt.Printf("%s\n%s\n", circumstances(before, b.pairs), travelTable(figures))
	return failed
}

// measure records the row's program and travels.
func (j journey) measure() (figures []figure, err error) {
	if j.argv, err = j.row.prepare(j.run.dir); err != nil {
		return nil, err
	}
	seconds, dir, err := j.run.record(j.argv)
	if err != nil {
		return nil, err
	}
	j.say("recorded in %.2f s", seconds)
	if j.rec, err = trace.Open(dir); err != nil {
		return nil, err
	}
	defer j.rec.Close()
	var cancel context.CancelFunc
	j.ctx, cancel = context.WithTimeout(context.Background(), journeyTime)
	defer cancel()
	return j.row.measure(j)
}

// say tells how far the row is.
func (j journey) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, j.row.name+": "+format+"\n", args...)
}

// open opens the recording as `stepback travel` does.
func (j journey) open(most int) (replayer.Timeline, error) {
	return replayer.Open(j.rec, replayer.TravelOptions{MaxSnapshots: most, PressureThreshold: snapshots.DefaultThreshold})
}

// walk steps back at random places, and searches the whole recording for what is not there.
func (j journey) walk() ([]figure, error) {
	_, steps, err := j.pass()
	if err != nil {
		return nil, err
	}
	g := j.gdb(gdbTour{})
	figures, inside, err := j.stepsBack(steps, g)
	if err != nil {
		return nil, err
	}
	searches, err := j.searches(inside, g)
	return append(figures, searches...), err
}

// stepsBack goes to random places of a recording of so many steps, and steps back at each. It also returns an
// address inside an instruction that was executed: code where no instruction begins.
func (j journey) stepsBack(all uint64, g gdbSaid) (figures []figure, inside uint64, err error) {
	l, err := j.open(snapshots.DefaultMax)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	random := rand.New(rand.NewPCG(1, 2))
	events := j.rec.Len()
	var arriving, stepping []float64
	for range j.places {
		at := replayer.Time{Event: random.Uint64N(events), Steps: random.Uint64N(all/events + 1)}
		seconds, err := timed(func() error { return reach(j.ctx, l, at) })
		if err != nil {
			return nil, 0, err
		}
		arriving = append(arriving, seconds)
		for range j.steps {
			seconds, err := timed(func() error { return l.Back(j.ctx) })
			if err == io.EOF {
				break
			}
			if err != nil {
				return nil, 0, err
			}
			stepping = append(stepping, seconds*1e3)
		}
		if inside, err = within(l, inside); err != nil {
			return nil, 0, err
		}
	}
	j.say("at %d places: going there %.2f s, stepping back %.2f ms", j.places, median(arriving), median(stepping))
	note := fmt.Sprintf("%d steps at each of %d places", j.steps, j.places)
	return []figure{
		{what: j.row.what + ": a step back", unit: "ms", values: stepping, target: 10, note: note,
			gdb: g.figure("STEP", func(v []float64) string { return fmt.Sprintf("%.2f ms", median(v)*1e3) })},
		{what: "— 99th percentile", unit: "ms", values: []float64{percentile(stepping, 99)}, target: 100,
			gdb: g.figure("STEP", func(v []float64) string { return fmt.Sprintf("%.2f ms", percentile(v, 99)*1e3) })},
		{what: "— going to such a place before", unit: "s", values: arriving},
	}, inside, nil
}

// within is an address inside the instruction at the present, or otherwise if that is too short.
func within(l replayer.Timeline, otherwise uint64) (uint64, error) {
	threads, err := l.Threads()
	if err != nil {
		return 0, err
	}
	for _, h := range threads {
		var code [15]byte
		var instruction x86.Inst
		if !h.Next {
			continue
		}
		n, err := l.ReadMemory(h.PID, h.Regs.Rip, code[:])
		if err != nil {
			return 0, err
		}
		if x86.Decode(code[:n], &instruction) == nil && instruction.Len > 1 {
			return h.Regs.Rip + 1, nil
		}
	}
	return otherwise, nil
}

// reach goes to a Time, or to the last of its slice.
func reach(ctx context.Context, l replayer.Timeline, at replayer.Time) error {
	err := l.Seek(ctx, at)
	if errors.As(err, new(*replayer.BeyondError)) {
		return nil
	}
	return err
}

// searches compares a search from the end to the beginning, without a hit, with a pass.
func (j journey) searches(inside uint64, g gdbSaid) (figures []figure, err error) {
	const unmapped = 0x1234
	probes := []figure{
		{what: "— searching back for an instruction in code that was executed", unit: "× a pass", target: 1.5},
		{what: "— searching back for an instruction where no memory is", unit: "× a pass", target: 1.5},
	}
	addresses := []uint64{inside, unmapped}
	l, err := j.open(snapshots.DefaultMax)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	first := figure{what: "— the first way to the end, with save points", unit: "× a pass"}
	speed := figure{what: "— searching back", unit: "M steps/s",
		gdb: g.figure("REVERSE", func(v []float64) string { return fmt.Sprintf("%.2f M steps/s, of %.0f steps", v[0]/v[1]/1e6, v[0]) })}
	way, err := timed(func() error {
		_, err := l.Last(j.ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	for pair := range j.pairs {
		pass, steps, err := j.pass()
		if err != nil {
			return nil, err
		}
		if pair == 0 {
			first.values = append(first.values, way/pass)
		}
		for i := range probes {
			seconds, err := j.searchBack(l, replayer.Probe{PC: addresses[i]})
			if err != nil {
				return nil, err
			}
			probes[i].values = append(probes[i].values, seconds/pass)
			probes[i].note = fmt.Sprintf("a pass %.2f s", pass)
			speed.values = append(speed.values, float64(steps)/seconds/1e6)
			j.say("pair %d: a pass %.2f s, a search %.2f s", pair+1, pass, seconds)
		}
	}
	return append(append(probes, speed), first), nil
}

// pass is the time of a translated pass through the recording, and the steps in it.
func (j journey) pass() (seconds float64, steps uint64, err error) {
	seconds, err = timed(func() error {
		result, err := replayer.Run(j.rec, replayer.Options{})
		steps = result.Steps
		return err
	})
	return seconds, steps, err
}

// search is Timeline.FindNext or FindLast.
type search func(context.Context, []replayer.Probe) (*replayer.Hit, error)

// searchBack is the time of a search from the end to the beginning, which must find nothing.
func (j journey) searchBack(l replayer.Timeline, probe replayer.Probe) (seconds float64, err error) {
	if _, err := l.Last(j.ctx); err != nil {
		return 0, err
	}
	return nothing(j.ctx, l.FindLast, probe)
}

// nothing is the time of a search that must find nothing.
func nothing(ctx context.Context, find search, probe replayer.Probe) (float64, error) {
	return timed(func() error {
		hit, err := find(ctx, []replayer.Probe{probe})
		if err == nil && hit != nil {
			err = fmt.Errorf("there is a hit at %s", hit.Time)
		}
		return err
	})
}

// condition evaluates a condition that never holds, forward and back.
func (j journey) condition() (figures []figure, err error) {
	called, err := symbol(j.argv[0], "called")
	if err != nil {
		return nil, err
	}
	condition, err := condition.Parse("$rdi==0")
	if err != nil {
		return nil, err
	}
	probe := replayer.Probe{PC: called, If: condition}
	g := j.gdb(gdbTour{start: "called", stop: "break called if $rdi == 0", count: "calls"})
	l, err := j.open(snapshots.DefaultMax)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	rate := func(v []float64) string { return fmt.Sprintf("%.4f M/s, of %.0f", v[0]/v[1]/1e6, v[0]) }
	figures = []figure{
		{what: j.row.what + ": evaluations forward", unit: "M/s", target: 20, atLeast: true, gdb: g.figure("FORWARD", rate)},
		{what: "— back", unit: "M/s", target: 20, atLeast: true, gdb: g.figure("BACK", rate)},
	}
	for pair := range j.pairs {
		for i, find := range []search{l.FindNext, l.FindLast} {
			seconds, err := nothing(j.ctx, find, probe)
			if err != nil {
				return nil, err
			}
			figures[i].values = append(figures[i].values, float64(j.evaluations)/seconds/1e6)
			j.say("pair %d: %.2f s", pair+1, seconds)
		}
	}
	return figures, nil
}

// writeProbe is hit by writes of a variable.
func writeProbe(addr uint64) replayer.Probe {
	return replayer.Probe{Data: replayer.Data{Addr: addr, Size: 8, Writes: true}}
}

// lastWrite searches back from the end for the last write of a variable, and the whole recording for one that is never written.
func (j journey) lastWrite() (figures []figure, err error) {
	// What gdb can record is shorter: as many writes as fit, with 400 steps for each, and as much without one behind them.
	short := j
	short.argv = []string{j.argv[0], fmt.Sprint(j.gdbSteps/800 + 1)}
	g := short.gdb(gdbTour{start: "work", stop: "watch written", count: "written"})
	last := figure{what: j.row.what + ": going back to the last write", unit: "s", gdb: g.figure("BACK", func(v []float64) string {
		return fmt.Sprintf("%.0f ms, in %.0f steps", v[1]*1e3, g.said["RECORDED"][0])
	})}
	none := figure{what: "— searching back for a write of another variable", unit: "× a pass", target: 1.5}
	written, err := symbol(j.argv[0], "written")
	if err != nil {
		return nil, err
	}
	unwritten, err := symbol(j.argv[0], "unwritten")
	if err != nil {
		return nil, err
	}
	l, err := j.open(snapshots.DefaultMax)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	for range j.pairs {
		pass, _, err := j.pass()
		if err != nil {
			return nil, err
		}
		seconds, err := j.searchBack(l, writeProbe(unwritten))
		if err != nil {
			return nil, err
		}
		none.values = append(none.values, seconds/pass)
		if _, err := l.Last(j.ctx); err != nil {
			return nil, err
		}
		seconds, err = timed(func() error {
			hit, err := l.FindLast(j.ctx, []replayer.Probe{writeProbe(written)})
			if err == nil && hit == nil {
				err = errors.New("no write was found")
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		last.values = append(last.values, seconds)
		last.note = fmt.Sprintf("a pass %.2f s", pass)
	}
	return []figure{last, none}, nil
}

// memory is what the debugger and its save points have, with many of them and with one beside the beginning.
func (j journey) memory() (figures []figure, err error) {
	marks, err := j.marks()
	if err != nil {
		return nil, err
	}
	for _, most := range []int{snapshots.DefaultMax, snapshots.Fewest} {
		stats, err := j.memoryWith(most, marks[0])
		if err != nil {
			return nil, err
		}
		for i, where := range []string{"at the end", "then in the middle"} {
			figures = append(figures, figure{
				what: fmt.Sprintf("— with %d save points, %s", most, where), unit: "MB", values: []float64{float64(stats[i].TotalMemory) / 1e6},
				note: fmt.Sprintf("there are %d", len(stats[i].Snapshots)),
			})
		}
	}
	first := &figures[0]
	first.what = fmt.Sprintf("%s: memory %s", j.row.what, strings.TrimPrefix(first.what, "— "))
	first.gdb = j.gdb(gdbTour{}).figure("MEMORY", func(v []float64) string { return fmt.Sprintf("%.0f B a step", v[0]) })
	return figures, nil
}

// memoryWith tells of the memory at the end, and then at the Time of an event.
func (j journey) memoryWith(most int, event uint64) (list []snapshots.Statistics, err error) {
	l, err := j.open(most)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	for _, there := range []func() error{
		func() error { _, err := l.Last(j.ctx); return err },
		func() error { return l.Seek(j.ctx, replayer.Time{Event: event}) },
	} {
		if err := there(); err != nil {
			return nil, err
		}
		s, err := l.Statistics()
		if err != nil {
			return nil, err
		}
		j.say("%d save points: %.0f MB", len(s.Snapshots), float64(s.TotalMemory)/1e6)
		list = append(list, s)
	}
	return list, nil
}

// marks are the numbers of the events at which the program wrote something.
func (j journey) marks() (numbers []uint64, err error) {
	c, err := j.rec.Events(0)
	if err != nil {
		return nil, err
	}
	var e trace.Event
	for n := uint64(0); ; n++ {
		if err := c.Next(&e); err == io.EOF {
			return numbers, nil
		} else if err != nil {
			return nil, err
		}
		if (e.Kind == trace.Syscall || e.Kind == trace.Enter) && e.Before.OrigRax == unix.SYS_WRITE {
			numbers = append(numbers, n)
		}
	}
}

// fork compares save points of a large process with its forks, and looks at what is a save point's own.
func (j journey) fork() (figures []figure, err error) {
	marks, err := j.marks()
	if err != nil {
		return nil, err
	}
	computing, changing, changed := marks[0], marks[1], marks[2]
	l, err := j.open(snapshots.Fewest)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	// What was passed before is known: on the way to a Time there, a save point is made shortly before it.
	if _, err := l.Last(j.ctx); err != nil {
		return nil, err
	}
	for _, event := range []uint64{0, changing, changed} {
		if err := l.Seek(j.ctx, replayer.Time{Event: event}); err != nil {
			return nil, err
		}
	}
	stats, err := l.Statistics()
	if err != nil {
		return nil, err
	}
	own, err := ownMemory(stats, computing)
	if err != nil {
		return nil, err
	}
	change := float64(j.resident<<20) / 16
	making := figure{what: j.row.what + ": making a save point", unit: "× a fork", target: 1.5}
	at := replayer.Time{Event: changed}
	for pair := range j.pairs {
		forks, err := j.run.numbers(append(slices.Clone(j.argv), fmt.Sprint(j.forks)))
		if err != nil {
			return nil, err
		}
		var made []float64
		for range j.forks {
			at.Steps += j.apart
			if err := l.Seek(j.ctx, at); err != nil {
				return nil, err
			}
			stats, err := l.Statistics()
			if err != nil {
				return nil, err
			}
			made = append(made, stats.Creation.Previous)
		}
		making.values = append(making.values, median(made)/median(forks))
		making.note = fmt.Sprintf("%.2f ms and %.2f ms", median(made), median(forks))
		j.say("pair %d: %s", pair+1, making.note)
	}
	return []figure{making, {
		what: "— memory that a save point has alone", unit: "× what was changed since", values: []float64{own.private / change},
		note: fmt.Sprintf("%.1f MB changed; PSS %.0f MB, with its part of what it shares with the present", change/1e6, own.pss/1e6),
	}}, nil
}

// footprint is the memory of a process, in bytes.
type footprint struct{ private, pss float64 }

// ownMemory is the memory of the save point in the slice behind an event.
func ownMemory(s snapshots.Statistics, event uint64) (f footprint, err error) {
	for _, p := range s.Snapshots {
		at, err := replayer.ParseTime(p.Time)
		if err != nil {
			return f, err
		}
		if at.Event == event {
			f.pss = float64(p.PSS)
			f.private, err = private(p.PID)
			return f, err
		}
	}
	return f, fmt.Errorf("no save point behind event %d", event)
}

// timed is how long f takes, in seconds.
func timed(f func() error) (float64, error) {
	start := time.Now()
	err := f()
	return time.Since(start).Seconds(), err
}

// symbol is the address of a symbol of a program that is not moved when it is loaded.
func symbol(program, name string) (uint64, error) {
	f, err := elf.Open(program)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	list, err := f.Symbols()
	if err != nil {
		return 0, err
	}
	for _, s := range list {
		if s.Name == name {
			return s.Value, nil
		}
	}
	return 0, fmt.Errorf("%s has no symbol %s", program, name)
}
