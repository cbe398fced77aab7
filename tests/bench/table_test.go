package main

import (
	"strings"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 2, 9}, 3}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.values, got, c.want)
		}
	}
}

func TestResults(t *testing.T) {
	ratio := row{what: "work", target: 1.05}
	calls := row{what: "calls", calls: 1_000_000}
	s := samples{
		native: []float64{1, 2, 1}, recorded: []float64{1.1, 2, 1.2},
		verified: []float64{9, 9, 9}, bytesPerEvent: []float64{10, 10, 11},
	}
	got := table(append(ratio.results(s), calls.results(s)...))
	for _, line := range []string{
		"| work | 1.10 × | 1.00 … 1.20 | ≤ 1.05 × | **not met** | native 1.00 s, recorded 1.20 s |",
		"| calls: recording, µs a call in all | 1.20 µs | 1.10 … 2.00 | ≤ 8 µs | met | native 1.00 s, recorded 1.20 s |",
		"| — what recording adds to a call | 0.10 µs | 0.00 … 0.20 | ≤ 8 µs | met |  |",
		"| — verifying, µs a call in all | 9.00 µs | 9.00 … 9.00 | ≤ 8 µs | **not met** | verified 9.00 s |",
		"| — bytes an event in the log | 10.00 B | 10.00 … 11.00 | ≤ 16 B | met |  |",
	} {
		if !strings.Contains(got, line+"\n") {
			t.Errorf("the table has no line\n%s\nit is\n%s", line, got)
		}
	}
}

func TestChoose(t *testing.T) {
	if got := choose("dd,xz", "record", rows); len(got) != 2 || got[0].name != "xz" {
		t.Errorf("choose(dd,xz) = %v", got)
	}
	if got := choose("record,replay-lua", "replay", replayRows); len(got) != 1 || got[0].name != "replay-lua" {
		t.Errorf("choose(record,replay-lua) = %v of the replayed rows", got)
	}
	if got := choose("replay", "replay", replayRows); len(got) != len(replayRows) {
		t.Errorf("choose(replay) = %v", got)
	}
	if err := known("xz,replay,replay-xz,record,travel,travel-fork"); err != nil {
		t.Error(err)
	}
	if known("xz,nothing") == nil {
		t.Error("an unknown row was accepted")
	}
}

func TestReplayTable(t *testing.T) {
	none := cell{cannot: "cannot: no AVX2"}
	results := []replayResult{
		{replayRow{what: "work"}, []float64{1, 2, 3}, []cell{{ratios: []float64{2, 1, 4}}, {ratios: []float64{1, 1, 1}}, {ratios: []float64{30}}, none, none}},
		{replayRow{what: "more"}, []float64{1}, []cell{{ratios: []float64{8}}, {ratios: []float64{1}}, {cannot: "more than 99 ×"}, none, {ratios: []float64{1234.4}}}},
	}
	got := replayTable(results)
	for _, line := range []string{
		"| program | native | stepback verify | clock off | valgrind --tool=none | qemu-x86_64 | gdb record full |",
		"|---|---:|---:|---:|---:|---:|---:|",
		"| work | 2.00 s | 2.00 × (1.00 … 4.00) | 1.00 × (1.00 … 1.00) | 30.00 × | cannot: no AVX2 | cannot: no AVX2 |",
		"| more | 1.00 s | 8.00 × | 1.00 × | more than 99 × | cannot: no AVX2 | 1234 × |",
		"| **geometric mean** | | 4.00 × of 2 | 1.00 × of 2 | 30.00 × of 1 | | 1234 × of 1 |",
		"| **worst** | | 8.00 × of 2 | 1.00 × of 2 | 30.00 × of 1 | | 1234 × of 1 |",
	} {
		if !strings.Contains(got, line+"\n") {
			t.Errorf("the table has no line\n%s\nit is\n%s", line, got)
		}
	}
}
