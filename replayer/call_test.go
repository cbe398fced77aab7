package replayer_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"stepback/replayer"
)

// untouched looks at the present, and later that it is the same, save points and all.
func untouched(t *testing.T, l replayer.Timeline) (check func(after string)) {
	t.Helper()
	number := func() (list []int) {
		stats, err := l.Statistics()
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range stats.Snapshots {
			list = append(list, s.Number)
		}
		return list
	}
	opened := func() []string { // but for the code cache, which may have grown
		return slices.DeleteFunc(descriptors(t), func(s string) bool { return strings.Contains(s, "/memfd:code") })
	}
	before, points, processes, files := seeAt(t, l), number(), children(t), opened()
	return func(after string) {
		t.Helper()
		if now := seeAt(t, l); now != before {
			t.Errorf("after %s the present is %+v, was %+v", after, now, before)
		}
		if now := number(); !slices.Equal(now, points) {
			t.Errorf("after %s the save points are %v, were %v", after, now, points)
		}
		if now := children(t); !slices.Equal(now, processes) {
			t.Errorf("after %s there are processes %v, were %v", after, now, processes)
		}
		if now := opened(); !slices.Equal(now, files) {
			t.Errorf("after %s there are descriptors %v, were %v", after, now, files)
		}
	}
}

// text is the string at addr.
func text(addr uint64, read func(uint64, []byte) int) string {
	p := make([]byte, 100)
	s, _, _ := strings.Cut(string(p[:read(addr, p)]), "\x00")
	return s
}

func minus(n int) uint64 { return uint64(-n) }

func TestCall(t *testing.T) {
	rec := open(t, recordSource(t, "call"))
	at := symbols(t, rec)
	l := travel(t, rec, replayer.TravelOptions{})
	hit, err := l.FindNext(context.Background(), []replayer.Probe{{PC: at["held"]}})
	if err != nil || hit == nil {
		t.Fatalf("the lock is never held: %v", err)
	}
	var returned string
	for _, tt := range []struct {
		what string
		call replayer.Call
		want replayer.CallResult // but for Steps; registers count when they are not 0
		err  string
	}{
		{"arguments on the stack", replayer.Call{Func: at["sum"], Args: []uint64{1, 2, 3, 4, 5, 6, 7, 8}}, replayer.CallResult{Rax: 204}, ""},
		{"numbers", replayer.Call{Func: at["mix"], Args: []uint64{4}, Floats: []float64{7.5, 5}}, replayer.CallResult{Xmm0: 10}, ""},
		{"the x87 unit", replayer.Call{Func: at["narrow"], Floats: []float64{1.25}}, replayer.CallResult{Xmm0: 1.25}, ""},
		{"malloc and output", replayer.Call{Func: at["alloc"], Args: []uint64{300}, Then: func(r replayer.CallResult, read func(uint64, []byte) int) {
			returned = text(r.Rax, read)
		}}, replayer.CallResult{Output: "300 of them\n75\n", Refused: []string{"system call 25"}}, ""},
		{"memory without end", replayer.Call{Func: at["hoard"]}, replayer.CallResult{Rax: 3}, ""},
		{"a change", replayer.Call{Func: at["change"]}, replayer.CallResult{Rax: 2200}, ""},
		{"a stack that grows", replayer.Call{Func: at["deep"], Args: []uint64{1000}}, replayer.CallResult{Rax: 1000}, ""},
		{"clocks", replayer.Call{Func: at["clocks"]}, replayer.CallResult{Rax: 1}, ""},
		{"ids", replayer.Call{Func: at["ids"]}, replayer.CallResult{Rax: uint64(rec.Manifest().TID*100000 + hit.TID)}, ""},
		{"the world", replayer.Call{Func: at["outside"]}, replayer.CallResult{Rax: minus(1000 - int(unix.ENOSYS)), Refused: []string{"system call 257"}}, ""},
		{"old calls", replayer.Call{Func: at["old"]}, replayer.CallResult{Rax: minus(int(unix.ENOSYS)), Refused: []string{"int 0x80"}}, ""},
		{"a crash", replayer.Call{Func: at["crash"]}, replayer.CallResult{}, "SIGSEGV at 0x40 (pc 0x"},
		{"a branch to nowhere", replayer.Call{Func: at["astray"]}, replayer.CallResult{}, "SIGSEGV at 0x7777777777777777 (pc 0x7777777777777777)"},
		{"what users cannot do", replayer.Call{Func: at["halt"]}, replayer.CallResult{}, "SIGSEGV (pc 0x"},
		{"no end of the stack", replayer.Call{Func: at["deep"], Args: []uint64{1 << 40}}, replayer.CallResult{}, "SIGSEGV at 0x"},
		{"exit", replayer.Call{Func: at["quit"], Args: []uint64{3}}, replayer.CallResult{}, "called exit(3)"},
		{"abort", replayer.Call{Func: at["abort"]}, replayer.CallResult{}, "sent itself SIGABRT"},
		{"a lock that is held", replayer.Call{Func: at["take"]}, replayer.CallResult{}, "waits for another thread"},
		{"too many steps", replayer.Call{Func: at["loop"], MaxSteps: 5000}, replayer.CallResult{}, "has not returned after 5000 steps"},
		{"no code", replayer.Call{Func: at["global"]}, replayer.CallResult{}, "there is no code at"},
		{"no thread", replayer.Call{Func: at["sum"], TID: 1}, replayer.CallResult{}, "there is no thread 1"},
		{"too many numbers", replayer.Call{Func: at["mix"], Floats: make([]float64, 9)}, replayer.CallResult{}, "at most 8"},
	} {
		check := untouched(t, l)
		r, err := l.Call(context.Background(), tt.call)
		check(tt.what)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: %v, want %s", tt.what, err, tt.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.what, err)
			continue
		}
		if r.Steps == 0 || tt.want.Rax != 0 && r.Rax != tt.want.Rax || tt.want.Xmm0 != 0 && r.Xmm0 != tt.want.Xmm0 ||
			r.Output != tt.want.Output || !slices.Equal(r.Refused, tt.want.Refused) {
			t.Errorf("%s: %+v, want %+v", tt.what, r, tt.want)
		}
	}
	if returned != "300 of them" {
		t.Errorf("the string returned is %q", returned)
	}
	var crash *replayer.CrashError
	if _, err := l.Call(context.Background(), replayer.Call{Func: at["crash"]}); !errors.As(err, &crash) || crash.Signal != unix.SIGSEGV || crash.Addr != 0x40 {
		t.Errorf("a crash: %#v", err)
	}
}

// A call without end ends with its context.
func TestCallGivenUp(t *testing.T) {
	rec := open(t, recordSource(t, "call"))
	at := symbols(t, rec)
	l := travel(t, rec, replayer.TravelOptions{})
	goTo(t, l, replayer.Time{Event: rec.Len() / 2})
	check := untouched(t, l)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := l.Call(ctx, replayer.Call{Func: at["loop"]}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a call without end: %v", err)
	}
	check("a call without end")
	if _, err := l.Last(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Call(context.Background(), replayer.Call{Func: at["sum"]}); err == nil || !strings.Contains(err.Error(), "no thread runs") {
		t.Errorf("behind the end: %v", err)
	}
}

// Wherever calls are made, in whatever thread, history is what it was.
func TestCallAnywhere(t *testing.T) {
	rec := open(t, recordSource(t, "call"))
	at := symbols(t, rec)
	l := travel(t, rec, replayer.TravelOptions{})
	if _, err := l.Last(context.Background()); err != nil {
		t.Fatal(err)
	}
	last := seeAt(t, l)
	random := rand.New(rand.NewPCG(4, 2))
	calls := uint64(0)
	for range 40 {
		goTo(t, l, replayer.Time{Event: random.Uint64N(rec.Len()), Steps: random.Uint64N(1 << random.IntN(14))})
		threads, err := l.Threads()
		if err != nil {
			t.Fatal(err)
		}
		check := untouched(t, l)
		for _, h := range threads {
			r, err := l.Call(context.Background(), replayer.Call{TID: h.ID, Func: at["sum"], Args: []uint64{1, 1, 1, 1, 1, 1, 1, calls}})
			if err != nil || r.Rax != 28+8*calls {
				t.Fatalf("in thread %d: %+v, %v", h.ID, r, err)
			}
			calls++
			// It crashes where its memory is not there yet.
			if r, err := l.Call(context.Background(), replayer.Call{TID: h.ID, Func: at["change"]}); err == nil && r.Rax != 2200 {
				t.Fatalf("in thread %d: %+v", h.ID, r)
			}
		}
		check("calls")
		if random.IntN(4) == 0 { // on from where code was changed in a copy
			goTo(t, l, last.time)
			if now := seeAt(t, l); now != last {
				t.Fatalf("the last time is %+v, was %+v", now, last)
			}
		}
	}
	if calls < 40 {
		t.Errorf("%d calls only", calls)
	}
}
