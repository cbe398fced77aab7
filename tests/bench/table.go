package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

// samples are the figures of a row, one for each pair.
type samples struct {
	native, recorded, verified []float64 // seconds
	bytesPerEvent              []float64
}

// A result is one line of the table.
type result struct {
	what   string
	unit   string
	values []float64 // one for each pair
	target float64   // the greatest median that meets it
	note   string
}

// results turns a row's samples into lines of the table.
func (r row) results(s samples) []result {
	note := fmt.Sprintf("native %.2f s, recorded %.2f s", median(s.native), median(s.recorded))
	if r.calls == 0 {
		return []result{{what: r.what, unit: "×", target: r.target, note: note,
			values: each(s.recorded, func(i int) float64 { return s.recorded[i] / s.native[i] })}}
	}
	micros := 1e6 / float64(r.calls)
	return []result{
		{what: r.what + ": recording, µs a call in all", unit: "µs", target: maxMicrosPerCall, note: note,
			values: each(s.recorded, func(i int) float64 { return s.recorded[i] * micros })},
		{what: "— what recording adds to a call", unit: "µs", target: maxMicrosPerCall,
			values: each(s.recorded, func(i int) float64 { return (s.recorded[i] - s.native[i]) * micros })},
		{what: "— verifying, µs a call in all", unit: "µs", target: maxMicrosPerCall,
			note:   fmt.Sprintf("verified %.2f s", median(s.verified)),
			values: each(s.verified, func(i int) float64 { return s.verified[i] * micros })},
		{what: "— bytes an event in the log", unit: "B", target: maxBytesPerEvent, values: s.bytesPerEvent},
	}
}

func each(of []float64, value func(i int) float64) []float64 {
	values := make([]float64, len(of))
	for i := range of {
		values[i] = value(i)
	}
	return values
}

// median of at least one value.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// table writes the results in Markdown.
func table(results []result) string {
	var text strings.Builder
	fmt.Fprintln(&text, "| what | median | min … max | target | met | of it |")
	fmt.Fprintln(&text, "|---|---:|---:|---:|---|---|")
	for _, r := range results {
		met := "met"
		if median(r.values) > r.target {
			met = "**not met**"
		}
		fmt.Fprintf(&text, "| %s | %.2f %s | %.2f … %.2f | ≤ %g %s | %s | %s |\n", r.what, median(r.values), r.unit,
			slices.Min(r.values), slices.Max(r.values), r.target, r.unit, met, r.note)
	}
	return text.String()
}

// circumstances is the line above a table.
func circumstances(before facts, pairs int) string {
	return fmt.Sprintf("%s; load average %s before, %s after; %d pairs.\n", before.name, before.load, machine().load, pairs)
}

// facts about the machine that figures mean nothing without.
type facts struct{ name, load string }

func machine() facts {
	model := "unknown processor"
	cpuinfo, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.SplitSeq(string(cpuinfo), "\n") {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			model = strings.TrimSpace(value)
			break
		}
	}
	release, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	load, _ := os.ReadFile("/proc/loadavg")
	return facts{
		name: fmt.Sprintf("%s, %d CPUs, Linux %s", model, runtime.NumCPU(), strings.TrimSpace(string(release))),
		load: strings.Join(strings.Fields(string(load))[:min(3, len(strings.Fields(string(load))))], " "),
	}
}
