package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// patience is how long one run may take: other translators are very slow at some programs.
const patience = 2 * time.Minute

var errTooSlow = fmt.Errorf("took more than %v", patience)

// A runner runs one row's program in the row's directory.
type runner struct {
	stepback string
	dir      string
}

// native runs the program as it is and returns the seconds that it took.
func (r runner) native(argv []string) (float64, error) { return r.time(argv) }

// steps replays a recording and returns the number of steps in it, 0 if verify does not tell.
func (r runner) steps(rec string) (uint64, error) {
	cmd := exec.Command(r.stepback, "verify", "--json", rec)
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("verify %s: %w\n%s", rec, err, out)
	}
	var facts struct {
		Steps uint64 `json:"steps"`
	}
	if err := json.Unmarshal(out, &facts); err != nil {
		return 0, fmt.Errorf("verify %s: %w", rec, err)
	}
	return facts.Steps, nil
}

// record records the program into a new recording and returns the seconds and the recording's place.
func (r runner) record(argv []string) (seconds float64, rec string, err error) {
	rec = filepath.Join(filepath.Dir(r.dir), "rec")
	if err := os.RemoveAll(rec); err != nil {
		return 0, "", err
	}
	seconds, err = r.time(append([]string{r.stepback, "record", "--quiet", "-o", rec, "--"}, argv...))
	return seconds, rec, err
}

// verify replays a recording and returns the seconds.
func (r runner) verify(rec string) (float64, error) {
	return r.time([]string{r.stepback, "verify", rec})
}

// events returns the number of events in a recording.
func (r runner) events(rec string) (int, error) {
	out, err := exec.Command(r.stepback, "info", "--json", rec).Output()
	if err != nil {
		return 0, fmt.Errorf("info %s: %w", rec, err)
	}
	var facts struct {
		Events int `json:"events"`
	}
	if err := json.Unmarshal(out, &facts); err != nil {
		return 0, fmt.Errorf("info %s: %w", rec, err)
	}
	return facts.Events, nil
}

// numbers runs a command that prints numbers.
func (r runner) numbers(argv []string) (list []float64, err error) {
	out, err := exec.Command(argv[0], argv[1:]...).Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", strings.Join(argv, " "), err)
	}
	for word := range strings.FieldsSeq(string(out)) {
		n, err := strconv.ParseFloat(word, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", strings.Join(argv, " "), err)
		}
		list = append(list, n)
	}
	return list, nil
}

// private is the memory that no other process shares with this one, in bytes.
func private(pid int) (bytes float64, err error) {
	rollup, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(rollup)) {
		var kilobytes float64
		if n, _ := fmt.Sscanf(line, "Private_Dirty: %f kB", &kilobytes); n == 1 {
			bytes += kilobytes * 1024
		} else if n, _ := fmt.Sscanf(line, "Private_Clean: %f kB", &kilobytes); n == 1 {
			bytes += kilobytes * 1024
		}
	}
	return bytes, nil
}

// time runs a command that must succeed, with more variables in its environment and its output thrown away, and returns the
// seconds that it took.
func (r runner) time(argv []string, env ...string) (float64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.WaitDelay = time.Second
	cmd.Dir = r.dir
	cmd.Env = append(append(os.Environ(), "LC_ALL=C.UTF-8"), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return patience.Seconds(), fmt.Errorf("%s: %w", strings.Join(argv, " "), errTooSlow)
		}
		return 0, fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, stderr.String())
	}
	return time.Since(start).Seconds(), nil
}

// size returns the bytes in all files below dir.
func size(dir string) (total int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	return total, err
}
