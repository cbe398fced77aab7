package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"stepback/recorder/trace"
)

// eventOptions say which events are shown, and how.
type eventOptions struct {
	from, to uint64
	json     bool
	regs     bool
	full     bool
}

func eventsCommand() *cobra.Command {
	var o eventOptions
	c := &cobra.Command{
		Use:   "events [REC] [--json] [--from N] [--to N]",
		Short: "Show the events of a recording",
		Long: `Show the events of a recording (the latest when REC is left out), one a line:
number, thread, kind, and what happened. Of a system call that is its name,
its arguments, its result, what the kernel wrote to memory, and the changes of
the address space. With --json, every line is a JSON object.

A recording that was cut off is shown as far as it goes. Exit status 5: the
recording is damaged; the events before the damage were shown.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return events(args, o) },
	}
	c.Flags().Uint64Var(&o.from, "from", 0, "number of the first event")
	c.Flags().Uint64Var(&o.to, "to", math.MaxUint64, "number of the last event")
	c.Flags().Lookup("to").DefValue = "the last"
	c.Flags().BoolVar(&o.json, "json", false, "print a JSON object for each event")
	c.Flags().BoolVar(&o.regs, "regs", false, "show the registers on arrival, and those that the event changed")
	c.Flags().BoolVar(&o.full, "full", false, "show all writes and changes of memory, also when there are many")
	return c
}

func events(args []string, o eventOptions) error {
	if o.from > o.to {
		return fail(exitUsage, "--from %d lies after --to %d", o.from, o.to)
	}
	rec, err := openRecording(args)
	if err != nil {
		return err
	}
	defer rec.Close()
	out := bufio.NewWriterSize(os.Stdout, 64<<10)
	err = printEvents(out, rec, o)
	if werr := out.Flush(); err == nil && werr != nil {
		err = fmt.Errorf("cannot print the events: %w", werr)
	}
	if err != nil {
		return err
	}
	switch n := rec.Len(); {
	case o.to >= n && !complete(rec):
		fmt.Fprintln(os.Stderr, "stepback:", incomplete(rec))
	case o.from >= n:
		fmt.Fprintf(os.Stderr, "stepback: the recording has %d events: there is no event %d\n", n, o.from)
	}
	return nil
}

// printEvents prints the events from o.from to o.to, as far as they go.
func printEvents(out io.Writer, rec *trace.Recording, o eventOptions) error {
	if o.from >= rec.Len() {
		return nil
	}
	cursor, err := rec.Events(o.from)
	if err != nil {
		return err
	}
	text := eventText{
		number: len(strconv.FormatUint(rec.Len()-1, 10)), tid: len(strconv.Itoa(rec.Manifest().TID)),
		regs: o.regs, full: o.full, blobSize: func(h trace.Hash) (int64, error) { return blobSize(rec, h) },
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	var e trace.Event
	for {
		switch err := cursor.Next(&e); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if cursor.Number() > o.to {
			return nil
		}
		if o.json {
			err = enc.Encode(newEventJSON(cursor.Number(), &e, text.blobSize))
		} else {
			_, err = io.WriteString(out, text.format(cursor.Number(), &e))
		}
		if err != nil {
			return fmt.Errorf("cannot print the events: %w", err)
		}
	}
}

// blobSize is the size of a blob of the recording.
func blobSize(rec *trace.Recording, h trace.Hash) (int64, error) {
	f, err := rec.Blob(h)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}
