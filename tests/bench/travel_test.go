package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestTravelTable(t *testing.T) {
	got := travelTable([]figure{
		{what: "a step back", unit: "ms", values: []float64{1, 20, 3}, target: 10, gdb: "0.40 ms", note: "3 steps"},
		{what: "— 99th percentile", unit: "ms", values: []float64{percentile([]float64{1, 200, 3}, 99)}, target: 100},
		{what: "evaluations", unit: "M/s", values: []float64{30, 10, 19}, target: 20, atLeast: true, gdb: "cannot: it hangs"},
		{what: "memory", unit: "× with one", values: []float64{2}},
		{what: "writes", unit: "s", target: 1},
	})
	for _, line := range []string{
		"| a step back | 3.00 ms | 1.00 … 20.00 | ≤ 10 ms | met | 0.40 ms | 3 steps |",
		"| — 99th percentile | 200.00 ms |  | ≤ 100 ms | **not met** |  |  |",
		"| evaluations | 19.00 M/s | 10.00 … 30.00 | ≥ 20 M/s | **not met** | cannot: it hangs |  |",
		"| memory | 2.00 × with one |  |  |  |  |  |",
		"| writes | not measured |  | ≤ 1 s |  |  |  |",
	} {
		if !strings.Contains(got, line+"\n") {
			t.Errorf("the table has no line\n%s\nit is\n%s", line, got)
		}
	}
}

func TestPercentile(t *testing.T) {
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(100 - i)
	}
	for _, c := range []struct {
		values        []float64
		percent, want float64
	}{{hundred, 99, 99}, {hundred, 100, 100}, {hundred, 0, 1}, {[]float64{7}, 99, 7}, {[]float64{7, 9}, 50, 7}} {
		if got := percentile(c.values, c.percent); got != c.want {
			t.Errorf("percentile %v of %d values = %v, want %v", c.percent, len(c.values), got, c.want)
		}
	}
}

// Every row of travelling runs, on a small scale.
func TestTravelRows(t *testing.T) {
	for _, name := range []string{"gcc", "gdb", "xz"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip(err)
		}
	}
	t.Chdir("../..")
	stepback := filepath.Join(t.TempDir(), "stepback")
	if out, err := exec.Command("go", "build", "-o", stepback, "./cmd/stepback").CombinedOutput(); err != nil {
		t.Fatalf("building stepback: %v\n%s", err, out)
	}
	tiny := travelSizes{
		data: 300_000, places: 3, steps: 5, evaluations: 2000, writes: 100, changing: 2, resident: 16,
		forks: 2, apart: 3_000_000, gdbSteps: 500,
	}
	b := benchmark{stepback: stepback, work: t.TempDir(), pairs: 1}
	for _, r := range travelRows(tiny) {
		t.Run(r.name, func(t *testing.T) {
			if err := b.travelling([]travelRow{r}, tiny); err != nil {
				t.Fatal(err)
			}
		})
	}
}
