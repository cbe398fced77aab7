package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"stepback/recorder/syscalls"
	"stepback/recorder/trace"
	"stepback/replayer"
	"stepback/snapshots"
)

// verification is the answer of `stepback verify --json`.
type verification struct {
	OK              bool                 `json:"ok"`       // every event agreed
	Complete        bool                 `json:"complete"` // the recording holds the whole run
	Events          uint64               `json:"events"`   // events that agreed
	Steps           uint64               `json:"steps"`    // instructions executed; 0 with --native
	Checked         uint64               `json:"checked"`  // of them by the oracle
	Seconds         float64              `json:"seconds"`
	RecordedSeconds float64              `json:"recordedSeconds"`
	Divergence      *replayer.Divergence `json:"divergence"`
	Walk            *replayer.Walked     `json:"walk,omitempty"`   // what was done for --walk
	Error           string               `json:"error,omitempty"`  // why not ok, when it is no divergence
	Damage          string               `json:"damage,omitempty"` // why the recording is not complete
}

func verifyCommand() *cobra.Command {
	var asJSON bool
	var o replayer.Options
	var f travelFlags
	var w walk
	c := &cobra.Command{
		Use:   "verify [REC] [--json]",
		Short: "Replay a recording and compare every event",
		Long: `Replay a recording (the latest when REC is left out) and compare the
registers at every event with the recorded ones. Exit status 0: all agreed,
1: replay and recording disagree, 5: the recording is damaged.

--walk then travels at random: what is at a time, and what a search finds, must be
the same whichever way one gets there, and nothing may be left behind.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if w.options, err = f.options(c); err != nil {
				return err
			}
			return verify(args, asJSON, o, w)
		},
	}
	c.Flags().BoolVar(&o.Native, "native", false, "let the processor run the program's own code instead of translated code")
	c.Flags().BoolVar(&o.Stress, "stress", false, "leave the translated code at every chance, to test it")
	c.Flags().IntVar(&o.Oracle, "oracle", 0, "compare, step by step, translated code with the processor in one of `N` slices")
	c.Flags().Lookup("oracle").NoOptDefVal = "4"
	c.Flags().Uint64Var(&o.Seed, "seed", 0, "choose other slices for --oracle, and another way for --walk")
	c.Flags().IntVar(&w.moves, "walk", 0, "then make `N` random moves and searches, and compare the states and hits")
	c.Flags().BoolVar(&w.short, "walk-short", false, "tell --walk, in turns, that memory is short")
	f.add(c)
	c.MarkFlagsMutuallyExclusive("native", "oracle")
	c.MarkFlagsMutuallyExclusive("native", "walk")
	c.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	return c
}

// walk is what --walk asks for.
type walk struct {
	moves   int
	short   bool
	options replayer.TravelOptions
}

// do walks, with the options of the replay before.
func (w walk) do(rec *trace.Recording, o replayer.Options, asJSON bool) (*replayer.Walked, error) {
	show := progress("walking", uint64(w.moves), !asJSON)
	defer show.end()
	o.Progress = nil
	w.options.Options = o
	if w.short {
		asked := uint64(0)
		w.options.PressureThreshold = snapshots.DefaultThreshold
		w.options.Memory = func() (snapshots.Memory, error) {
			asked++
			return snapshots.Memory{Available: 50 + 100*(asked/5%2), Total: 1000}, nil
		}
	}
	walked, err := replayer.Walk(rec, w.options, w.moves, func(done, all int) {
		show.total = uint64(all)
		show.update(uint64(done))
	})
	return &walked, err
}

func verify(args []string, asJSON bool, o replayer.Options, w walk) error {
	rec, err := openRecording(args)
	if err != nil {
		if asJSON {
			_, message := explain(err)
			printJSON(verification{Error: message})
		}
		return err
	}
	defer rec.Close()
	start := time.Now()
	show := progress("verifying", rec.Len(), !asJSON)
	o.SyscallName, o.Progress = syscallName, show.update
	o.Translator.NoClock = os.Getenv("STEPBACK_CLOCK") == "off"
	result, err := replayer.Run(rec, o)
	n := result.Events
	show.end()
	var walked *replayer.Walked
	if err == nil && w.moves > 0 {
		walked, err = w.do(rec, o, asJSON)
	}
	v := verification{
		OK: err == nil, Complete: complete(rec),
		Events: n, Steps: result.Steps, Walk: walked, Checked: result.Checked, Seconds: time.Since(start).Seconds(), RecordedSeconds: rec.Elapsed().Seconds(),
	}
	if damage := rec.Damage(); damage != nil {
		v.Damage = damage.Error()
	}
	if !errors.As(err, &v.Divergence) && err != nil {
		v.Error = err.Error()
		v.Complete = false
	}
	if asJSON {
		printJSON(v)
		return err
	}
	if err != nil {
		return fmt.Errorf("after %d events: %w", n, err)
	}
	compared := ""
	if o.Oracle > 0 {
		compared = fmt.Sprintf(", %d steps compared", v.Checked)
	}
	fmt.Printf("%d events agree%s, %.2f s (%.2f times the recorded %.2f s)\n",
		n, compared, v.Seconds, v.Seconds/max(v.RecordedSeconds, 1e-9), v.RecordedSeconds)
	if walked != nil {
		fmt.Printf("%d seeks and %d searches led to the same %d states and %d hits\n", walked.Seeks, walked.Searches, walked.States, walked.Hits)
	}
	if !v.Complete {
		fmt.Println(incomplete(rec))
	}
	return nil
}

// complete reports whether a recording holds the whole run.
func complete(rec *trace.Recording) bool {
	return rec.Footer() != nil && rec.Footer().Reason == "" && rec.Damage() == nil
}

// incomplete says that and why a recording does not hold the whole run.
func incomplete(rec *trace.Recording) string {
	return fmt.Sprintf("the recording is incomplete, it holds %d events: %s", rec.Len(), incompleteReason(rec))
}

// incompleteReason says why a recording does not hold the whole run, "" when
// it does.
func incompleteReason(rec *trace.Recording) string {
	switch {
	case rec.Damage() != nil:
		return rec.Damage().Error()
	case rec.Footer() != nil:
		return rec.Footer().Reason
	}
	return "the recorder did not end it; it was killed, or is still running"
}

func syscallName(nr uint64) string { return syscalls.Lookup(nr).Name }

func printJSON(v any) {
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	enc.Encode(v)
}
