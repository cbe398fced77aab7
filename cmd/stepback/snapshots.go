package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"stepback/replayer"
	"stepback/snapshots"
)

// travelFlags are the flags of the commands that travel. What they leave open,
// the environment says.
type travelFlags struct{ most, threshold int }

const (
	envSnapshots = "STEPBACK_SNAPSHOTS"
	envThreshold = "STEPBACK_MEMORY_PRESSURE_THRESHOLD"
)

func (f *travelFlags) add(c *cobra.Command) {
	c.Flags().IntVar(&f.most, "max-snapshots", snapshots.DefaultMax, "keep at most `N` snapshots (or set "+envSnapshots+")")
	c.Flags().IntVar(&f.threshold, "memory-pressure-threshold", snapshots.DefaultThreshold,
		"drop snapshots when less than so many `percent` of the memory are available, 0 for never (or set "+envThreshold+")")
}

// options are the options of a timeline.
func (f *travelFlags) options(c *cobra.Command) (o replayer.TravelOptions, err error) {
	for _, v := range []struct {
		flag, env string
		value     *int
	}{{"max-snapshots", envSnapshots, &f.most}, {"memory-pressure-threshold", envThreshold, &f.threshold}} {
		text := os.Getenv(v.env)
		if text == "" || c.Flags().Changed(v.flag) {
			continue
		}
		if *v.value, err = strconv.Atoi(text); err != nil {
			return o, usageError(c, fmt.Errorf("%s=%q is no number", v.env, text))
		}
	}
	if f.most < snapshots.Fewest {
		return o, usageError(c, fmt.Errorf("at most %d snapshots are too few: %d are needed to go back at all", f.most, snapshots.Fewest))
	}
	if err := snapshots.CheckThreshold(f.threshold); err != nil {
		return o, usageError(c, err)
	}
	return replayer.TravelOptions{
		Options: replayer.Options{SyscallName: syscallName}, MaxSnapshots: f.most, PressureThreshold: f.threshold,
	}, nil
}

func snapshotsCommand() *cobra.Command {
	var f travelFlags
	var asJSON bool
	var at string
	c := &cobra.Command{
		Use:   "snapshots [REC] [--json] [--at TIME]",
		Short: "Pass through a recording and show the snapshots made",
		Long: `Pass through a recording (the latest when REC is left out), to its end or to
TIME (EVENT or EVENT+STEPS), and show the snapshots that are kept for going
back from there: processes that were forked on the way and stand still. PSS is
their memory; what they share with others counts in proportion.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			o, err := f.options(c)
			if err != nil {
				return err
			}
			return showSnapshots(args, asJSON, at, o)
		},
	}
	f.add(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print the snapshots as JSON")
	c.Flags().StringVar(&at, "at", "", "stop at `TIME`")
	return c
}

func showSnapshots(args []string, asJSON bool, at string, o replayer.TravelOptions) (err error) {
	var to *replayer.Time
	if at != "" {
		t, err := replayer.ParseTime(at)
		if err != nil {
			return fail(exitUsage, "%w", err)
		}
		to = &t
	}
	rec, err := openRecording(args)
	if err != nil {
		return err
	}
	defer rec.Close()
	show := progress("passing", rec.Len(), !asJSON)
	o.Progress = show.update
	l, err := replayer.Open(rec, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	interrupt := stopOnSignal(cancel)
	if to != nil {
		err = l.Seek(ctx, *to)
	} else {
		_, err = l.Last(ctx)
	}
	show.end()
	if sig := interrupt.end(); sig != 0 {
		return &statusError{status: exitSignal + int(sig)}
	}
	if err != nil {
		return err
	}
	now, err := l.Time()
	if err != nil {
		return err
	}
	stats, err := l.Statistics()
	if err != nil {
		return err
	}
	if asJSON {
		printJSON(stats)
		return nil
	}
	fmt.Println(snapshotTable{stats, now, rec.Len()})
	return nil
}

// snapshotTable shows statistics as a table.
type snapshotTable struct {
	snapshots.Statistics
	now    replayer.Time
	events uint64
}

func (s snapshotTable) String() string {
	var to strings.Builder
	w := tabwriter.NewWriter(&to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\tnumber\ttime\tpc\tpid\tPSS\tmade at")
	for _, p := range s.Snapshots {
		mark := ""
		if p.Current {
			mark = "*"
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%d\t%s\t%s\n", mark, p.Number, p.Time, p.PC, p.PID, byteSize(int64(p.PSS)), p.Created.Format("15:04:05.000"))
	}
	w.Flush()
	threshold := "off"
	if s.MemoryPressureThreshold > 0 {
		threshold = fmt.Sprintf("%d %%", s.MemoryPressureThreshold)
	}
	fmt.Fprint(&to, strings.Join([]string{
		"",
		fmt.Sprintf("present      %s of %d events; * is the snapshot that it was replayed from", s.now, s.events),
		fmt.Sprintf("snapshots    %d of at most %d, memory pressure threshold %s", len(s.Snapshots), s.MaxSnapshots, threshold),
		fmt.Sprintf("memory       %s, the debugger's own %s", byteSize(int64(s.TotalMemory)), byteSize(int64(s.DebuggerMemory))),
		fmt.Sprintf("creation     mean %.2f ms, max %.2f ms, previous %.2f ms", s.Creation.Mean, s.Creation.Max, s.Creation.Previous),
	}, "\n"))
	return to.String()
}
