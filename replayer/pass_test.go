package replayer_test

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"stepback/internal/tracee/traceetest"
	"stepback/replayer"
	"stepback/replayer/translator"
)

// recordSource compiles and records a program of testdata, linked with these flags, -static
// if there are none.
func recordSource(t *testing.T, name string, link ...string) string {
	t.Helper()
	if link == nil {
		link = []string{"-static"}
	}
	traceetest.NeedPtrace(t)
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip(errNoCompiler)
	}
	program := filepath.Join(t.TempDir(), name)
	args := append([]string{"-O1", "-g", "-pthread", "-o", program, "testdata/" + name + ".c"}, link...)
	if out, err := exec.Command(gcc, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	dir := filepath.Join(t.TempDir(), "recording")
	if err := record(dir, program); err != nil {
		t.Fatal(err)
	}
	return dir
}

// look is what is seen at a time.
type look struct {
	time replayer.Time
	tid  int
	pc   uint64
	hash uint64
}

func see(t *testing.T, p *replayer.Pass) look {
	t.Helper()
	hash, err := p.Hash()
	if err != nil {
		t.Fatal(err)
	}
	tid, regs, _ := p.Thread()
	return look{p.Time(), tid, regs.Rip, hash}
}

// A Time names the same state however one gets there: 1,000 random times are
// looked at in one straight pass, and then in random order, each from the
// nearest state behind or from the beginning.
func TestTimes(t *testing.T) {
	const times = 500
	rec := open(t, recordSource(t, "times"))
	if _, err := replayer.Run(rec, replayer.Options{}); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(3, 1))
	list := make([]replayer.Time, times)
	for i := range list {
		list[i] = replayer.Time{Event: random.Uint64N(rec.Len() - 1), Steps: random.Uint64N(1 << random.IntN(14))}
	}
	slices.SortFunc(list, replayer.Time.Compare)
	var seen []look
	err := replayer.Do(rec, replayer.Options{}, func(p *replayer.Pass) error {
		for _, at := range list {
			var beyond *replayer.BeyondError
			if err := p.RunTo(at); errors.As(err, &beyond) {
				if err := p.RunTo(beyond.End); err != nil {
					return err
				}
			} else if err != nil {
				return err
			}
			seen = append(seen, see(t, p))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	distinct := slices.CompactFunc(slices.Clone(seen), func(a, b look) bool { return a.time == b.time })
	if len(distinct) < times/4 {
		t.Fatalf("only %d of %d times are distinct", len(distinct), times)
	}
	random.Shuffle(len(seen), func(i, j int) { seen[i], seen[j] = seen[j], seen[i] })
	for len(seen) > 0 {
		err := replayer.Do(rec, replayer.Options{}, func(p *replayer.Pass) error {
			for len(seen) > 0 && seen[0].time.Compare(p.Time()) >= 0 {
				from := p.Time()
				if err := p.RunTo(seen[0].time); err != nil {
					return err
				}
				if got := see(t, p); got != seen[0] {
					t.Fatalf("from %s to %s: saw %+v, first saw %+v", from, seen[0].time, got, seen[0])
				}
				seen = seen[1:]
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// The number of steps is the same in every replay, whichever way the code is cut.
func TestStepsAreTheSame(t *testing.T) {
	rec := open(t, recordSource(t, "times"))
	var want uint64
	for _, tt := range []struct {
		what string
		opts replayer.Options
	}{
		{"translated", replayer.Options{}},
		{"again, with what the first pass found out", replayer.Options{}},
		{"leaving at every chance", replayer.Options{Stress: true}},
		{"with the oracle", replayer.Options{Oracle: 8, Seed: 1}},
		{"with the oracle elsewhere", replayer.Options{Oracle: 8, Seed: 2}},
	} {
		r, err := replayer.Run(rec, tt.opts)
		if err != nil {
			t.Fatalf("%s: %v", tt.what, err)
		}
		if want = cmp.Or(want, r.Steps); r.Steps != want || r.Events != rec.Len() {
			t.Errorf("%s: %d steps, %d events; want %d and %d", tt.what, r.Steps, r.Events, want, rec.Len())
		}
		if (r.Checked > 0) != (tt.opts.Oracle > 0) {
			t.Errorf("%s: the oracle checked %d steps", tt.what, r.Checked)
		}
	}
}

// Without its clock, the translated code still arrives at every event, also
// where it leaves in the middle of a block: lazy binding executes xsave.
func TestWithoutClock(t *testing.T) {
	rec := open(t, recordSource(t, "times", "-Wl,-z,lazy"))
	r, err := replayer.Run(rec, replayer.Options{Translator: translator.Options{NoClock: true}})
	if err != nil || r.Events != rec.Len() {
		t.Errorf("%d of %d events: %v", r.Events, rec.Len(), err)
	}
}

func TestTimesThatAreNone(t *testing.T) {
	rec := open(t, recordSource(t, "times"))
	err := replayer.Do(rec, replayer.Options{}, func(p *replayer.Pass) error {
		var beyond *replayer.BeyondError
		if err := p.RunTo(replayer.Time{Event: 20, Steps: 1 << 40}); !errors.As(err, &beyond) || beyond.End.Event != 20 {
			t.Errorf("beyond a slice: %v", err)
		}
		if err := p.RunTo(beyond.End); err != nil {
			t.Errorf("the end of the slice: %v", err)
		}
		if err := p.RunTo(replayer.Time{Event: 3}); err == nil {
			t.Error("went back")
		}
		if err := p.RunTo(replayer.Time{Event: 21}); err != nil || p.Time() != (replayer.Time{Event: 21}) {
			t.Errorf("the next event: %v, at %s", err, p.Time())
		}
		if err := p.RunTo(replayer.Time{Event: rec.Len()}); !errors.As(err, &beyond) || beyond.End.Event != rec.Len()-1 {
			t.Errorf("beyond the recording: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestParseTime(t *testing.T) {
	for _, tt := range []struct {
		text string
		want replayer.Time
		ok   bool
	}{
		{"12+345", replayer.Time{Event: 12, Steps: 345}, true},
		{"12", replayer.Time{Event: 12}, true},
		{"0+0", replayer.Time{}, true},
		{"", replayer.Time{}, false},
		{"+5", replayer.Time{}, false},
		{"5+", replayer.Time{}, false},
		{"-1", replayer.Time{}, false},
		{"1+2+3", replayer.Time{}, false},
		{"18446744073709551616", replayer.Time{}, false},
	} {
		got, err := replayer.ParseTime(tt.text)
		if got != tt.want || (err == nil) != tt.ok {
			t.Errorf("%q: %v, %v; want %v", tt.text, got, err, tt.want)
		}
		if tt.ok && tt.text == got.String() != (tt.text != "12") {
			t.Errorf("%q is written %q", tt.text, got)
		}
	}
}
