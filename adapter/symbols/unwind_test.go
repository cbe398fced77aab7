package symbols

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"stepback/adapter/symbols/frame"
	"stepback/adapter/symbols/location"
	"stepback/internal/tracee/traceetest"
	"stepback/internal/x86"
	"stepback/recorder"
	"stepback/recorder/trace"
	"stepback/replayer"
)

// recorded is a recording that is open for travel.
type recorded struct {
	replayer.Timeline
	*trace.Recording
	*Cache
	t testing.TB
}

// record compiles a program of testdata and records it.
func record(t testing.TB, source string, flags ...string) *recorded {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "program")
	if out, err := exec.Command("gcc", append(flags, "-o", program, filepath.Join("testdata", source))...).CombinedOutput(); err != nil {
		t.Skipf("gcc: %v\n%s", err, out)
	}
	traceetest.NeedPtrace(t)
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	out := filepath.Join(dir, "recording")
	_, err = recorder.Record(recorder.Config{
		Path: program, Args: []string{program}, Env: []string{"PATH=/usr/bin:/bin"}, Files: []*os.File{null, null, os.Stderr}, Out: out, Tool: "stepback test",
	})
	if err != nil {
		t.Fatal(err)
	}
	rec, err := trace.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	l, err := replayer.Open(rec, replayer.TravelOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r := &recorded{l, rec, NewCache(func(h trace.Hash) (Content, error) { return rec.Blob(h) }), t}
	t.Cleanup(func() {
		if err := errors.Join(r.Cache.Close(), l.Close(), rec.Close()); err != nil {
			t.Error(err)
		}
	})
	return r
}

// thread is the one that runs at the present; nil at the end.
func (r *recorded) thread() *replayer.Thread {
	r.t.Helper()
	list, err := r.Threads()
	if err != nil {
		r.t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(h replayer.Thread) bool { return h.Next })
	if i < 0 {
		return nil
	}
	return &list[i]
}

// stack unwinds the stack of a thread.
func (r *recorded) stack(h *replayer.Thread) (frame.Stack, *Space) {
	r.t.Helper()
	maps, err := r.Mappings(h.PID)
	if err != nil {
		r.t.Fatal(err)
	}
	space := r.Space(maps)
	return frame.Unwind(space.Code(r.reader(h)), frame.RegsOf(&h.Regs), 1000), space
}

// reader reads the memory of a thread.
func (r *recorded) reader(h *replayer.Thread) func(addr uint64, p []byte) (int, error) {
	return func(addr uint64, p []byte) (int, error) { return r.ReadMemory(h.PID, addr, p) }
}

// undescribed is a process without call frame information.
type undescribed struct{ frame.Process }

func (u undescribed) Code(pc uint64) (*frame.Table, uint64, bool) {
	_, bias, executable := u.Process.Code(pc)
	return nil, bias, executable
}

// behindCall reports whether there is a call instruction before pc.
func (r *recorded) behindCall(pid int, pc uint64) bool {
	for n := uint64(2); n < 9; n++ {
		code := make([]byte, n)
		var call x86.Inst
		if _, err := r.ReadMemory(pid, pc-n, code); err == nil && x86.Decode(code, &call) == nil && uint64(call.Len) == n && (call.Flow == x86.Call || call.Flow == x86.CallIndirect) {
			return true
		}
	}
	return false
}

// describe is the stack as text.
func describe(s frame.Stack, space *Space) (list []string) {
	for _, f := range s.Frames {
		name := space.Lookup(f.At()).String()
		if f.Guess {
			name += " (guess)"
		}
		if f.Signal {
			name += " (signal)"
		}
		list = append(list, name)
	}
	return list
}

// first are the functions that a thread may begin with.
var first = []string{"_start", "_dl_start_user", "clone", "clone3", "__clone3", "__clone"}

// TestUnwind goes to random Times, unwinds the stack, runs on to the return
// from the function, and looks whether all is as it was unwound.
func TestUnwind(t *testing.T) {
	for _, tt := range []struct {
		what  string
		flags []string
	}{
		{"optimized", []string{"-O2", "-pthread"}},
		{"not optimized", []string{"-O0", "-g", "-pthread"}},
		{"stripped", []string{"-O2", "-s", "-pthread"}},
		{"static", []string{"-O2", "-static", "-pthread"}},
		{"bound now, with landing pads", []string{"-O2", "-Wl,-z,now", "-fcf-protection", "-pthread"}},
		{"lazily bound", []string{"-O2", "-Wl,-z,lazy", "-pthread"}},
		{".debug_frame only", []string{"-O2", "-g", "-fno-asynchronous-unwind-tables", "-pthread"}},
	} {
		t.Run(tt.what, func(t *testing.T) {
			r := record(t, "unwind.c", tt.flags...)
			random := rand.New(rand.NewPCG(4, 1))
			ctx := context.Background()
			right, wrong, silent := 0, 0, 0
			depth, signals, returns, guesses := 0, 0, 0, 0
			for range 40 {
				at := replayer.Time{Event: random.Uint64N(r.Len()), Steps: random.Uint64N(1 << random.IntN(16))}
				var beyond *replayer.BeyondError
				if err := r.Seek(ctx, at); err != nil && !errors.As(err, &beyond) {
					t.Fatal(err)
				}
				h := r.thread()
				if h == nil {
					continue
				}
				at, _ = r.Time()
				s, space := r.stack(h)
				text := describe(s, space)
				last := s.Frames[len(s.Frames)-1]
				name := space.Lookup(last.At()).Symbol
				if s.Err != nil || s.More || !slices.Contains(first, name) && name != "" {
					t.Fatalf("%s: %q, %v", at, text, s.Err)
				}
				for i, f := range s.Frames[1:] {
					if !f.Exact && !f.Signal && !r.behindCall(h.PID, f.PC) {
						t.Fatalf("%s: frame %d at %#x of %q", at, i+1, f.PC, text)
					}
					if f.Exact {
						signals++
					}
					if f.Guess {
						guesses++
					}
				}
				depth = max(depth, len(s.Frames))
				if len(s.Frames) > 1 && s.Frames[0].PC != 0 && !s.Frames[1].Guess {
					bare := frame.Unwind(undescribed{space.Code(r.reader(h))}, frame.RegsOf(&h.Regs), 2)
					switch {
					case len(bare.Frames) == 1:
						silent++
					case bare.Frames[1].PC == s.Frames[1].PC && bare.Frames[0].CFA == s.Frames[0].CFA:
						right++
					default:
						wrong++
					}
				}
				if r.returns(h, s, at, text) {
					returns++
				}
			}
			t.Logf("at most %d frames, %d signals, %d returns, %d guesses", depth, signals, returns, guesses)
			t.Logf("without call frame information, %d callers are right, %d wrong, %d not found", right, wrong, silent)
			if right < 2*silent || right < 20*wrong {
				t.Error("too few of the callers are found, or too many wrong ones")
			}
			if depth < 7 || returns < 15 || guesses > 8 {
				t.Errorf("at most %d frames, %d signals, %d returns", depth, signals, returns)
			}
		})
	}
}

// returns runs on until one of the first frames returns, and compares the
// registers. It is false if it does not return.
func (r *recorded) returns(h *replayer.Thread, s frame.Stack, at replayer.Time, text []string) bool {
	n := 1
	for n < len(s.Frames) && s.Frames[n].PC != 0 && int(at.Steps)%3 >= n {
		n++
	}
	if n >= len(s.Frames) {
		return false
	}
	caller := s.Frames[n]
	sp, ok := caller.Regs.Get(frame.RSP)
	if !ok {
		r.t.Fatalf("%s: the stack pointer of frame %d of %q is not known", at, n, text)
	}
	hit, err := r.FindNext(context.Background(), []replayer.Probe{{PC: caller.PC, TID: h.ID, If: replayer.AtFrame(sp, 0)}})
	if err != nil && !errors.Is(err, io.EOF) {
		r.t.Fatal(err)
	}
	if hit == nil {
		return false
	}
	now := frame.RegsOf(&r.thread().Regs)
	for i := range uint64(frame.NumRegs) {
		want, ok := caller.Regs.Get(i)
		got, _ := now.Get(i)
		if ok && want != got {
			r.t.Errorf("%s: register %s of frame %d of %q is %#x; when it returns, %#x", at, location.RegisterName(i), n, text, want, got)
		}
		if must := caller.Exact || i == frame.RBX || i == frame.RBP || i >= 12; must && !ok && !caller.Guess {
			r.t.Errorf("%s: register %s of frame %d of %q is not known", at, location.RegisterName(i), n, text)
		}
	}
	return true
}
