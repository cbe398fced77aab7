package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// A row is one program whose recording is measured.
type row struct {
	name    string
	what    string
	prepare preparation
	// reset makes the directory ready for another run.
	reset func(dir string) error
	// target is the greatest ratio of recorded to native time; 0 for a row measured by its calls.
	target float64
	// calls is the number of system calls of a row that does nothing else.
	calls int
}

func (r row) rowName() string { return r.name }

// Targets of issue and design, for the row measured by its calls.
const (
	maxMicrosPerCall = 8.0
	maxBytesPerEvent = 16.0
)

var rows = []row{
	{name: "xz", what: "xz -T1 compresses 6 MB", target: 1.05, prepare: xz(6_000_000)},
	{name: "python", what: "python3 computes in a loop", target: 1.05, prepare: python(36_000_000)},
	{name: "sqlite", what: "sqlite3 fills, sorts and queries a database in memory", target: 1.05, prepare: sqlite(2_000_000)},
	{name: "dd", what: "dd bs=1: 500,000 system calls and nothing else", calls: 500_000,
		prepare: command("/bin/dd", "if=/dev/zero", "of=/dev/null", "bs=1", "count=250000", "status=none")},
	{name: "make", what: "make builds the C project with gcc -O0", target: 4, prepare: func(dir string) ([]string, error) {
		return []string{"/usr/bin/make", "-s"}, tool("sh", "scripts/c-project.sh", dir)
	}, reset: func(dir string) error {
		for _, made := range []string{"app", "app.o", "sqlite3.o"} {
			if err := os.RemoveAll(filepath.Join(dir, made)); err != nil {
				return err
			}
		}
		return nil
	}},
	{name: "forks", what: "a bash script of pipelines, 311 forks", target: 4,
		prepare: script("/bin/bash", "tests/e2e/testdata/programs/pipelines.sh")},
}

// measure runs the row's program in pairs and returns what they gave.
func (r row) measure(run runner, pairs int) ([]result, error) {
	argv, err := r.prepare(run.dir)
	if err != nil {
		return nil, err
	}
	again := func() error {
		if r.reset == nil {
			return nil
		}
		return r.reset(run.dir)
	}
	// One run that does not count brings the program and its files into memory.
	if _, err := run.native(argv); err != nil {
		return nil, err
	}
	var s samples
	for pair := range pairs {
		if err := again(); err != nil {
			return nil, err
		}
		native, err := run.native(argv)
		if err != nil {
			return nil, err
		}
		if err := again(); err != nil {
			return nil, err
		}
		recorded, rec, err := run.record(argv)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(os.Stderr, "%s, pair %d: native %.3f s, recorded %.3f s", r.name, pair+1, native, recorded)
		s.native, s.recorded = append(s.native, native), append(s.recorded, recorded)
		if r.calls > 0 {
			if err := s.replayed(run, rec); err != nil {
				fmt.Fprintln(os.Stderr)
				return nil, err
			}
			fmt.Fprintf(os.Stderr, ", verified %.3f s", s.verified[pair])
		}
		fmt.Fprintln(os.Stderr)
	}
	return r.results(s), nil
}

// replayed adds the time of a verify of rec and its size to the samples.
func (s *samples) replayed(run runner, rec string) error {
	verified, err := run.verify(rec)
	if err != nil {
		return err
	}
	events, err := run.events(rec)
	if err != nil {
		return err
	}
	bytes, err := size(filepath.Join(rec, "events.log"))
	if err != nil {
		return err
	}
	s.verified = append(s.verified, verified)
	s.bytesPerEvent = append(s.bytesPerEvent, float64(bytes)/float64(events))
	return nil
}
