package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"stepback/recorder/trace"
	"stepback/replayer"
)

// recordingInfo is the answer of `stepback info --json`.
type recordingInfo struct {
	Recording   string            `json:"recording"` // its directory
	Program     string            `json:"program"`
	Args        []string          `json:"args"`
	Dir         string            `json:"dir"`
	Started     time.Time         `json:"started"`
	Seconds     float64           `json:"seconds"`
	Tool        string            `json:"tool"`
	Version     int               `json:"formatVersion"`
	Host        string            `json:"host"`
	Kernel      string            `json:"kernel"`
	CPU         trace.CPU         `json:"cpu"`
	Complete    bool              `json:"complete"`
	Reason      string            `json:"reason"` // why not complete
	Status      *int              `json:"status"` // as `stepback record` exited; null when unknown
	Signal      string            `json:"signal,omitempty"`
	Events      uint64            `json:"events"`
	Kinds       map[string]uint64 `json:"kinds"`
	Threads     uint64            `json:"threads"`
	Processes   []*processInfo    `json:"processes"`
	Unsupported map[string]uint64 `json:"unsupported"` // calls that were answered with an error
	Size        trace.Sizes       `json:"size"`
	Obstacle    string            `json:"obstacle,omitempty"` // why this machine cannot replay it

	summary *summary
}

// fewProcesses is how many processes `stepback info` shows without --full.
const fewProcesses = 40

func infoCommand() *cobra.Command {
	var asJSON, full bool
	c := &cobra.Command{
		Use:   "info [REC] [--json]",
		Short: "Tell what a recording holds",
		Long: `Tell what a recording (the latest when REC is left out) holds: the program,
its processes and threads, the events by kind, the machine, system calls that
could not be recorded, and whether it is complete.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return info(args, asJSON, full) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the facts as JSON")
	c.Flags().BoolVar(&full, "full", false, "show all processes, also when there are many")
	return c
}

func info(args []string, asJSON, full bool) error {
	rec, err := openRecording(args)
	if err != nil {
		return err
	}
	defer rec.Close()
	show := progress("reading", rec.Len(), !asJSON)
	i, err := newRecordingInfo(rec, show.update)
	show.end()
	if i == nil {
		return err
	}
	if asJSON {
		printJSON(i)
		return err
	}
	limit := fewProcesses
	if full {
		limit = len(i.Processes)
	}
	i.print(os.Stdout, limit)
	return err
}

// newRecordingInfo gathers the facts. When the log is damaged, it returns both
// those that lie before and the error.
func newRecordingInfo(rec *trace.Recording, progress func(uint64)) (*recordingInfo, error) {
	m, f := rec.Manifest(), rec.Footer()
	sizes, err := rec.Sizes()
	if err != nil {
		return nil, fmt.Errorf("measuring the recording: %w", err)
	}
	i := &recordingInfo{
		Recording: rec.Dir(), Program: m.Program, Args: m.Args, Dir: m.Dir, Started: m.Started, Seconds: rec.Elapsed().Seconds(),
		Tool: m.Tool, Version: m.Version, Host: m.Hostname, Kernel: m.Kernel, CPU: m.CPU,
		Complete: complete(rec), Reason: incompleteReason(rec), Events: rec.Len(), Size: sizes,
	}
	if err := replayer.CheckCPU(m); err != nil {
		i.Obstacle = err.Error()
	}
	var damage *trace.DamageError
	i.summary, err = summarize(rec, progress)
	if errors.As(err, &damage) {
		i.Complete, i.Reason = false, damage.Error()
	}
	i.Processes, i.Threads, i.Kinds, i.Unsupported = i.summary.processes, i.summary.threads, i.summary.kinds, i.summary.refused
	if f != nil {
		i.Kinds = f.Kinds
		i.Unsupported = maps.Clone(f.Refused)
		delete(i.Unsupported, "") // refused, but nothing to tell
	}
	if i.Unsupported == nil {
		i.Unsupported = map[string]uint64{}
	}
	i.setStatus(f)
	return i, err
}

// setStatus says how the program ended: its first process.
func (i *recordingInfo) setStatus(f *trace.Footer) {
	var wait uint32
	switch {
	case f != nil && f.Reason == "":
		wait = f.Status
	case len(i.Processes) > 0 && i.Processes[0].Ended:
		wait = i.Processes[0].status
	default:
		return
	}
	status := shellStatus(wait)
	i.Status = &status
	_, i.Signal = statusParts(wait)
}

// print shows the facts to people.
func (i *recordingInfo) print(w io.Writer, processes int) {
	row := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-12s %s\n", name, fmt.Sprintf(format, args...))
	}
	row("recording", "%s (%s: events %s, contents %s)", plain(i.Recording), byteSize(i.Size.Total), byteSize(i.Size.Log), byteSize(i.Size.Blobs))
	row("program", "%s", plain(i.Program))
	args := make([]string, len(i.Args))
	for n, a := range i.Args {
		args[n] = word(a)
	}
	row("arguments", "%s", strings.Join(args, " "))
	row("directory", "%s", plain(i.Dir))
	row("started", "%s, %.2f s", i.Started.Local().Format("2006-01-02 15:04:05 MST"), i.Seconds)
	row("recorded by", "%s, format %d", plain(i.Tool), i.Version)
	trapped := "cpuid trapped"
	if !i.CPU.Faulting {
		trapped = "cpuid not trapped"
	}
	row("machine", "%s, Linux %s, %s (%s)", plain(i.Host), plain(i.Kernel), plain(i.CPU.Model), trapped)
	if i.Obstacle != "" {
		row("", "%s", plain(i.Obstacle))
	}
	row("complete", "%s", i.completeText())
	row("result", "%s", i.resultText())
	row("events", "%d%s", i.Events, countsText(i.Kinds))
	if len(i.Unsupported) > 0 {
		row("unsupported", "%s", strings.TrimPrefix(countsText(i.Unsupported), ": "))
	}
	row("processes", "%d (threads: %d)", len(i.Processes), i.Threads)
	for _, line := range i.summary.treeLines(processes) {
		fmt.Fprintln(w, " ", line)
	}
}

func (i *recordingInfo) completeText() string {
	if i.Complete {
		return "yes"
	}
	return "no: " + plain(i.Reason)
}

func (i *recordingInfo) resultText() string {
	switch {
	case i.Status == nil:
		return "unknown: the program had not ended"
	case i.Signal != "":
		return "killed by " + i.Signal
	}
	return fmt.Sprintf("exit status %d", *i.Status)
}

// countsText shows counts by name, the greatest first.
func countsText(counts map[string]uint64) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		if counts[a] != counts[b] {
			if counts[a] > counts[b] {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	text, sep := "", ": "
	for _, n := range names {
		text += fmt.Sprintf("%s%d %s", sep, counts[n], plain(n))
		sep = ", "
	}
	return text
}

// plain shows a string of a recording, which may be anything, so that it does
// no harm to a terminal: quoted unless it is printable as it is.
func plain(s string) string {
	if quoted := strconv.Quote(s); quoted != `"`+s+`"` {
		return quoted
	}
	return s
}

// word is plain for a string among others, so that one sees where it ends.
func word(s string) string {
	if s == "" || strings.ContainsAny(s, " '") {
		return strconv.Quote(s)
	}
	return plain(s)
}

// programNames shows the programs that a process ran, one after the other.
func programNames(programs []string) string {
	names := make([]string, len(programs))
	for n, p := range programs {
		names[n] = plain(filepath.Base(p))
	}
	return strings.Join(names, " → ")
}
