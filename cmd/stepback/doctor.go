package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// This file is the command. What it knows of the machine is gathered in
// machine.go (by looking) and trials.go (by trying); checks.go decides what
// that means.

// check is one line of the doctor's answer.
type check struct {
	Name   string      `json:"name"`
	Status checkStatus `json:"status"`
	Detail string      `json:"detail"`
	Remedy string      `json:"remedy"` // what to do, when the status is not ok
}

type checkStatus string

const (
	statusOK      checkStatus = "ok"
	statusWarning checkStatus = "warning" // it works, with a limitation
	statusProblem checkStatus = "problem" // recording or replaying does not work
)

// diagnosis is the answer of `stepback doctor --json`.
type diagnosis struct {
	OK     bool    `json:"ok"` // there is no problem
	Checks []check `json:"checks"`
}

func doctorCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "doctor [--json]",
		Short: "Find out whether this machine can record and replay",
		Long: `Find out whether this machine can record and replay, mostly by trying. Each
line is ok, a warning (it works, with a limitation) or a problem, and says what
to do. Exit status 1: there is a problem. Nothing is left behind.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, args []string) error { return doctor(asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the answer as JSON")
	return c
}

func doctor(asJSON bool) error {
	d := diagnosis{OK: true, Checks: checks(examine())}
	for _, c := range d.Checks {
		d.OK = d.OK && c.Status != statusProblem
	}
	if asJSON {
		printJSON(d)
	} else {
		d.print(os.Stdout)
	}
	if !d.OK {
		return &statusError{status: exitUnfit}
	}
	return nil
}

func (d *diagnosis) print(w io.Writer) {
	for _, c := range d.Checks {
		fmt.Fprintf(w, "%-8s %-12s %s\n", c.Status, c.Name, c.Detail)
		if c.Remedy != "" {
			fmt.Fprintf(w, "%-8s %-12s → %s\n", "", "", c.Remedy)
		}
	}
	if d.OK {
		fmt.Fprintln(w, "This machine can record and replay.")
	} else {
		fmt.Fprintln(w, "This machine cannot record and replay before the problems above are solved.")
	}
}
