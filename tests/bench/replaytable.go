package main

import (
	"fmt"
	"math"
	"os/exec"
	"slices"
	"strings"
)

// replayTable writes the results in Markdown, with the geometric mean and the worst of each column's medians at its end.
func replayTable(results []replayResult) string {
	heads := []string{"program", "native"}
	for _, t := range translators {
		heads = append(heads, t.name)
	}
	heads = append(heads, "gdb record full")

	var text strings.Builder
	fmt.Fprintf(&text, "| %s |\n|---%s|\n", strings.Join(heads, " | "), strings.Repeat("|---:", len(heads)-1))
	for _, r := range results {
		fmt.Fprintf(&text, "| %s | %s |", r.row.what, native(r.native))
		for _, c := range r.cells {
			fmt.Fprintf(&text, " %s |", c)
		}
		fmt.Fprintln(&text)
	}
	for _, summary := range []struct {
		name string
		of   func(medians []float64) float64
	}{{"geometric mean", geometricMean}, {"worst", slices.Max[[]float64]}} {
		fmt.Fprintf(&text, "| **%s** | |", summary.name)
		for column := range len(heads) - 2 {
			if medians := columnMedians(results, column); len(medians) > 0 {
				fmt.Fprintf(&text, " %s of %d |", times(summary.of(medians)), len(medians))
			} else {
				text.WriteString(" |")
			}
		}
		fmt.Fprintln(&text)
	}
	return text.String()
}

func native(seconds []float64) string {
	if len(seconds) == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f s", median(seconds))
}

// columnMedians are the medians of the rows that have any.
func columnMedians(results []replayResult, column int) (medians []float64) {
	for _, r := range results {
		if column < len(r.cells) && len(r.cells[column].ratios) > 0 {
			medians = append(medians, median(r.cells[column].ratios))
		}
	}
	return medians
}

func (c cell) String() string {
	switch {
	case c.cannot != "":
		return c.cannot
	case len(c.ratios) == 0:
		return ""
	case len(c.ratios) == 1:
		return times(c.ratios[0])
	}
	return fmt.Sprintf("%.2f × (%.2f … %.2f)", median(c.ratios), slices.Min(c.ratios), slices.Max(c.ratios))
}

func times(ratio float64) string {
	if ratio >= 1000 {
		return fmt.Sprintf("%.0f ×", ratio)
	}
	return fmt.Sprintf("%.2f ×", ratio)
}

// geometricMean of at least one value.
func geometricMean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += math.Log(v)
	}
	return math.Exp(sum / float64(len(values)))
}

// translationSpeed runs the translator's own benchmark and returns its lines that give megabytes a second.
func translationSpeed() string {
	out, err := exec.Command("go", "test", "-run", "^$", "-bench", "Translate", "./replayer/translator").CombinedOutput()
	var speeds []string
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "MB/s") {
			speeds = append(speeds, strings.Join(strings.Fields(line), " "))
		}
	}
	switch {
	case err != nil:
		return fmt.Sprintf("Speed of translation: not measured, %v\n", err)
	case len(speeds) == 0:
		return "Speed of translation: not measured, the translator has no such benchmark\n"
	}
	return "Speed of translation: " + strings.Join(speeds, "; ") + "\n"
}
