package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A figure is one line of the table of travelling.
type figure struct {
	what    string
	unit    string
	values  []float64
	target  float64 // the greatest median that meets it, 0 for none
	atLeast bool    // the target is the least
	gdb     string  // what gdb gave
	note    string
}

// travelTable writes the figures in Markdown.
func travelTable(figures []figure) string {
	var text strings.Builder
	fmt.Fprintln(&text, "| what | median | min … max | target | met | gdb record full | of it |")
	fmt.Fprintln(&text, "|---|---:|---:|---:|---|---|---|")
	for _, f := range figures {
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s | %s | %s |\n", f.what, f.middle(), f.span(), f.goal(), f.verdict(), f.gdb, f.note)
	}
	return text.String()
}

func (f figure) middle() string {
	if len(f.values) == 0 {
		return "not measured"
	}
	return fmt.Sprintf("%.2f %s", median(f.values), f.unit)
}

func (f figure) span() string {
	if len(f.values) < 2 {
		return ""
	}
	return fmt.Sprintf("%.2f … %.2f", slices.Min(f.values), slices.Max(f.values))
}

func (f figure) goal() string {
	switch {
	case f.target == 0:
		return ""
	case f.atLeast:
		return fmt.Sprintf("≥ %g %s", f.target, f.unit)
	}
	return fmt.Sprintf("≤ %g %s", f.target, f.unit)
}

func (f figure) verdict() string {
	switch {
	case f.target == 0 || len(f.values) == 0:
		return ""
	case f.atLeast && median(f.values) < f.target, !f.atLeast && median(f.values) > f.target:
		return "**not met**"
	}
	return "met"
}

// percentile of at least one value: so many percent of them are no greater.
func percentile(values []float64, percent float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(int(math.Ceil(float64(len(sorted))*percent/100)), 1)-1]
}
