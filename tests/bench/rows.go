package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
)

// A row is one program to measure.
type row struct {
	name string
	what string
	// prepare fills the directory and returns the command; reset makes it ready for another run.
	prepare func(dir string) (argv []string, err error)
	reset   func(dir string) error
	// target is the greatest ratio of recorded to native time; 0 for a row measured by its calls.
	target float64
	// calls is the number of system calls of a row that does nothing else.
	calls int
}

// Targets of issue and design, for the row measured by its calls.
const (
	maxMicrosPerCall = 8.0
	maxBytesPerEvent = 16.0
)

var rows = []row{
	{name: "xz", what: "xz -T1 compresses 6 MB", target: 1.05, prepare: func(dir string) ([]string, error) {
		if err := os.WriteFile(filepath.Join(dir, "data"), noiseAndText(6_000_000), 0o644); err != nil {
			return nil, err
		}
		return []string{"/usr/bin/xz", "-T1", "-6", "-k", "-c", "data"}, nil
	}},
	{name: "python", what: "python3 computes in a loop", target: 1.05, prepare: func(string) ([]string, error) {
		return []string{"/usr/bin/python3", "-c", `
total = 0
for i in range(36_000_000):
    total = (total * 31 + i) % 1000003
print(total)`}, nil
	}},
	{name: "sqlite", what: "sqlite3 fills, sorts and queries a database in memory", target: 1.05, prepare: func(string) ([]string, error) {
		return []string{"/usr/bin/sqlite3", ":memory:", `
pragma temp_store = memory;
create table t(a integer, b text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000000)
insert into t select i * 7919 % 2000003, 'row ' || i from n;
create index by_a on t(a);
select count(*), sum(a) from t where b like '%7%';
select a, b from t order by b desc limit 5;`}, nil
	}},
	{name: "dd", what: "dd bs=1: 500,000 system calls and nothing else", calls: 500_000, prepare: func(string) ([]string, error) {
		return []string{"/bin/dd", "if=/dev/zero", "of=/dev/null", "bs=1", "count=250000", "status=none"}, nil
	}},
	{name: "make", what: "make builds the C project with gcc -O0", target: 4, prepare: func(dir string) ([]string, error) {
		if out, err := exec.Command("sh", "scripts/c-project.sh", dir).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("c-project.sh: %w\n%s", err, out)
		}
		return []string{"/usr/bin/make", "-s"}, nil
	}, reset: func(dir string) error {
		for _, made := range []string{"app", "app.o", "sqlite3.o"} {
			if err := os.RemoveAll(filepath.Join(dir, made)); err != nil {
				return err
			}
		}
		return nil
	}},
	{name: "forks", what: "a bash script of pipelines, 311 forks", target: 4, prepare: func(string) ([]string, error) {
		script, err := filepath.Abs("tests/e2e/testdata/programs/pipelines.sh")
		return []string{"/bin/bash", script}, err
	}},
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

// noiseAndText returns n bytes, the same every time, half noise and half text in turns: some of it
// compresses, as in most files.
func noiseAndText(n int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	words := []string{"record ", "replay ", "step ", "back ", "forward ", "event ", "time ", "thread ", "\n"}
	const turn = 64 << 10
	data := make([]byte, 0, n+2*turn)
	for len(data) < n {
		for end := len(data) + turn; len(data) < end; {
			data = append(data, byte(random.Uint32()))
		}
		for end := len(data) + turn; len(data) < end; {
			data = append(data, words[random.IntN(len(words))]...)
		}
	}
	return data[:n]
}
