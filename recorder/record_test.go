package recorder

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/internal/tracee/traceetest"
	"stepback/recorder/trace"
)

// checkLog checks what holds for the events of every complete recording.
func checkLog(t *testing.T, r *run) []trace.Event {
	t.Helper()
	rec := r.open(t)
	all := events(t, rec)
	if rec.Damage() != nil || rec.Footer() == nil {
		t.Fatalf("the recording is damaged (%v) or incomplete", rec.Damage())
	}
	type thread struct {
		pid  int
		open bool        // in a call whose Enter is written
		last tracee.Regs // where its latest event left it
	}
	threads := map[int]*thread{}
	kinds := map[string]uint64{}
	var born, processes uint64
	for i := range all {
		e := &all[i]
		kinds[e.Kind.String()]++
		bad := func(format string, args ...any) {
			t.Helper()
			t.Errorf("event %d (%s of thread %d): %s", i, e.Kind, e.TID, fmt.Sprintf(format, args...))
		}
		for _, o := range e.Ops {
			if o.Kind <= trace.OpAdvise && o.Addr < tracee.AreaEnd && o.Addr+o.Len > tracee.AreaStart {
				bad("%s of %#x+%#x touches the engine's area", trace.OpNames[o.Kind], o.Addr, o.Len)
			}
		}
		for _, w := range e.Writes {
			if w.Addr < tracee.AreaEnd && w.Addr+uint64(len(w.Data)) > tracee.AreaStart {
				bad("a write of %d bytes at %#x touches the engine's area", len(w.Data), w.Addr)
			}
		}
		th := threads[e.TID]
		switch e.Kind {
		case trace.Exec:
			if i == 0 {
				th = &thread{pid: e.TID}
				threads[e.TID] = th
				born++
				processes++
				if e.TID != rec.Manifest().TID || e.Thread.Space != 1 || e.Thread.Name == "" {
					bad("the program begins as %+v; the manifest has thread %d", e.Thread, rec.Manifest().TID)
				}
			} else if p := threads[e.Thread.Parent]; p == nil || !p.open {
				bad("thread %d, which calls exec, is not in a call", e.Thread.Parent)
			} else {
				delete(threads, e.Thread.Parent)
				threads[e.TID], th = p, p
			}
			if len(e.XState) == 0 {
				bad("it has no vector state")
			}
			th.open = false
		case trace.Thread:
			p := threads[e.Thread.Parent]
			if p == nil || !p.open || th != nil {
				bad("born twice, or of thread %d outside a call", e.Thread.Parent)
				continue
			}
			born++
			if e.Thread.PID == e.TID {
				processes++
			} else if e.Thread.PID != p.pid {
				bad("it belongs to process %d, its parent to %d", e.Thread.PID, p.pid)
			}
			th = &thread{pid: e.Thread.PID}
			threads[e.TID] = th
		default:
			if th == nil {
				bad("the thread does not live")
				continue
			}
		}
		switch e.Kind {
		case trace.Syscall, trace.Enter:
			if th.open {
				bad("it is in a call already")
			}
			th.open = e.Kind == trace.Enter && e.After.Rip == e.Before.Rip // else it was taken back
			if e.Vector == 0 {
				bad("there is no hash of the vector state")
			}
		case trace.Return, trace.Restart:
			if th.open != (e.Kind == trace.Return) {
				bad("in a call: %v", th.open)
			}
			th.open = false
			if e.Before != th.last {
				name, now, then := e.Before.Diff(&th.last)
				bad("%s is %#x, the thread was left with %#x", name, now, then)
			}
		case trace.Signal:
			if e.Signal == nil || len(e.Signal.Info) != 128 {
				bad("the signal is %+v", e.Signal)
			} else if e.Signal.Disposition == trace.Handled && (len(e.XState) == 0 || len(e.Writes) == 0) {
				bad("the handler has no frame")
			}
		case trace.Exit:
			delete(threads, e.TID)
			for tid, o := range threads {
				if o.pid == th.pid && e.Exit.Last {
					bad("the last of its process leaves thread %d", tid)
				}
			}
		}
		th.last = e.After
	}
	if len(threads) != 0 {
		t.Errorf("%d threads have no end", len(threads))
	}
	f := rec.Footer()
	if f.Events != uint64(len(all)) || f.Threads != born || f.Processes != processes || f.Status != uint32(r.Status) || f.Reason != "" {
		t.Errorf("the footer is %+v; there are %d events, %d threads, %d processes, status %#x", f, len(all), born, processes, uint32(r.Status))
	}
	if r.Events != f.Events || r.Size <= 0 || r.Elapsed <= 0 {
		t.Errorf("the result is %+v", r.Result)
	}
	for k, n := range kinds {
		if f.Kinds[k] != n {
			t.Errorf("the footer counts %d events of kind %s; there are %d", f.Kinds[k], k, n)
		}
	}
	return all
}

func count(all []trace.Event, is func(*trace.Event) bool) (n int) {
	for i := range all {
		if is(&all[i]) {
			n++
		}
	}
	return n
}

func kind(k trace.Kind) func(*trace.Event) bool {
	return func(e *trace.Event) bool { return e.Kind == k }
}

func TestRecordTrue(t *testing.T) {
	r := mustRecord(t, Config{}, "/bin/true")
	if r.Status != 0 || r.stdout != "" || len(r.warned) != 0 {
		t.Errorf("status %#x, output %q, warned %q", uint32(r.Status), r.stdout, r.warned)
	}
	all := checkLog(t, r)
	if n := count(all, kind(trace.Exec)); n != 1 {
		t.Errorf("%d programs, want 1", n)
	}
	last := all[len(all)-1]
	if last.Kind != trace.Exit || last.Exit.Killed || !last.Exit.Last || last.Exit.Status != 0 {
		t.Errorf("the last event is %s %+v, want a good exit", last.Kind, last.Exit)
	}
	first := all[0].Thread
	name, err := filepath.EvalSymlinks("/bin/true")
	if err != nil {
		t.Fatal(err)
	}
	if first.Name != name || !slices.Equal(first.Args, []string{"/bin/true"}) {
		t.Errorf("the program is %q %q", first.Name, first.Args)
	}
	m := r.open(t).Manifest()
	wd, _ := os.Getwd()
	if m.Program != "/bin/true" || !slices.Equal(m.Args, r.Args) || !slices.Equal(m.Env, r.Env) || m.Dir != wd || m.Tool != r.Tool ||
		m.Kernel == "" || len(m.CPU.Features) == 0 || m.Started.IsZero() || time.Since(m.Started) < 0 {
		t.Errorf("the manifest is %+v", m)
	}
}

// A shell with a pipeline: processes, execs, pipes, a status.
func TestRecordShell(t *testing.T) {
	r := mustRecord(t, Config{Dir: "/", Env: []string{"PATH=/usr/bin:/bin", "WHO=world"}}, "/bin/sh", "-c", `echo "hello $WHO in $PWD" | cat; (exit 4) || exit 3`)
	if r.Status.ExitStatus() != 3 || r.stdout != "hello world in /\n" {
		t.Errorf("status %#x, output %q", uint32(r.Status), r.stdout)
	}
	all := checkLog(t, r)
	if n := count(all, func(e *trace.Event) bool { return e.Kind == trace.Thread && e.Thread.PID == e.TID }); n < 2 {
		t.Errorf("%d child processes, want at least 2", n)
	}
	if !slices.ContainsFunc(all, func(e trace.Event) bool {
		return e.Kind == trace.Exec && len(e.Thread.Args) == 1 && e.Thread.Args[0] == "cat"
	}) {
		t.Error("the exec of cat is missing")
	}
	// What cat read from the pipe is in the recording.
	if !slices.ContainsFunc(all, func(e trace.Event) bool {
		return slices.ContainsFunc(e.Writes, func(w trace.Write) bool { return string(w.Data) == "hello world in /\n" })
	}) {
		t.Error("what the kernel wrote at the read of the pipe is missing")
	}
}

func TestRecordThreads(t *testing.T) {
	r := mustRecord(t, Config{}, program(t, "threads"))
	if r.Status != 0 || r.stdout != "400\n" {
		t.Errorf("status %#x, output %q", uint32(r.Status), r.stdout)
	}
	all := checkLog(t, r)
	if n := count(all, func(e *trace.Event) bool { return e.Kind == trace.Thread && e.Thread.PID != e.TID }); n != 3 {
		t.Errorf("%d threads beside the first, want 3", n)
	}
}

func TestRecordSignals(t *testing.T) {
	r := mustRecord(t, Config{}, program(t, "signals"))
	if r.Status.Signal() != unix.SIGABRT {
		t.Errorf("status %#x, want SIGABRT", uint32(r.Status))
	}
	all := checkLog(t, r)
	var got []string
	for _, e := range all {
		if e.Kind == trace.Signal {
			s := unix.SignalName(unix.Signal(e.Signal.Number)) + " " + trace.DispositionNames[e.Signal.Disposition]
			if e.Signal.Synchronous {
				s += " fault"
			}
			got = append(got, s)
		}
	}
	want := []string{"SIGSEGV handled fault", "SIGUSR1 handled", "SIGALRM handled", "SIGABRT fatal"}
	if !slices.Equal(got, want) {
		t.Errorf("the signals are %q, want %q", got, want)
	}
	if last := all[len(all)-1]; !last.Exit.Killed || unix.WaitStatus(last.Exit.Status).Signal() != unix.SIGABRT {
		t.Errorf("the last event is %+v", last.Exit)
	}
}

// A call that cannot be recorded answers an error, is named once to the user,
// and is counted each time.
func TestRecordRefused(t *testing.T) {
	r := mustRecord(t, Config{}, program(t, "refused"))
	if r.Status != 0 {
		t.Errorf("status %#x: the program did not get ENOSYS", uint32(r.Status))
	}
	if len(r.warned) != 2 || !strings.Contains(r.warned[0], "io_uring_setup") || !strings.Contains(r.warned[1], "userfaultfd") {
		t.Errorf("warned %q, want a line for each of the two calls", r.warned)
	}
	all := checkLog(t, r)
	refused := map[uint64]int{}
	for _, e := range all {
		if e.Refused {
			refused[e.Before.OrigRax]++
		}
	}
	delete(refused, unix.SYS_RSEQ) // the C library asks for it; nobody need know
	if refused[unix.SYS_IO_URING_SETUP] != 3 || refused[unix.SYS_USERFAULTFD] != 2 || len(refused) != 2 {
		t.Errorf("refused are %v, by number", refused)
	}
	if got := r.open(t).Footer().Refused; got["io_uring_setup"] != 3 || got["userfaultfd"] != 2 || len(got) != 2 {
		t.Errorf("the footer counts %v", got)
	}
}

// Stop ends whatever the program is doing. The recording is complete and says
// why it ends.
func TestRecordStop(t *testing.T) {
	for what, script := range map[string]string{
		"computing":     "echo ready; while :; do :; done",
		"sleeping":      "echo ready; exec sleep 1000",
		"many at once":  "sleep 1000 & sleep 1000 & (while :; do :; done) & echo ready; wait",
		"deaf to TERM":  "trap '' TERM INT HUP; echo ready; while :; do sleep 1000; done",
		"keeps forking": "echo ready; while :; do /bin/true; done",
	} {
		t.Run(what, func(t *testing.T) {
			out, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
			defer w.Close()
			stop := make(chan struct{})
			go func() {
				bufio.NewReader(out).ReadString('\n')
				close(stop)
			}()
			r := mustRecord(t, Config{Stop: stop}.withOutput(t, w), "/bin/sh", "-c", script)
			rec := r.open(t)
			if f := rec.Footer(); f == nil || f.Reason != "the recorder was told to stop" {
				t.Errorf("the footer is %+v", f)
			}
			if len(events(t, rec)) == 0 {
				t.Error("there are no events")
			}
		})
	}
}

// withOutput gives the program a standard output.
func (c Config) withOutput(t *testing.T, w *os.File) Config {
	t.Helper()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { null.Close() })
	c.Files = []*os.File{null, w, os.Stderr}
	return c
}

// Stop before the program is there ends it as soon as it is.
func TestRecordStopAtOnce(t *testing.T) {
	stop := make(chan struct{})
	close(stop)
	r := record(t, Config{Stop: stop}, "/bin/sh", "-c", "while :; do :; done")
	rec := r.open(t)
	if r.err == nil && (rec.Footer() == nil || rec.Footer().Reason == "") {
		t.Errorf("the footer is %+v", rec.Footer())
	}
}

// A program that stops itself is continued by whom it arranged that with; the
// recorder, which only follows the terminal into a stop, goes on.
func TestRecordSelfStop(t *testing.T) {
	r := mustRecord(t, Config{
		Suspended: func(sig unix.Signal) { t.Errorf("suspended by %v, which did not come from a terminal", sig) },
	}, "/bin/sh", "-c", `
		stop() { # with a child that continues it for as long as it takes
			: >"$0"
			(while [ -e "$0" ]; do kill -CONT $$; done) &
			kill -$1 $$
			rm "$0"; wait
		}
		stop STOP; echo on; stop TSTP; echo again`, filepath.Join(t.TempDir(), "stopped"))
	if r.stdout != "on\nagain\n" || r.Status != 0 {
		t.Errorf("status %#x, output %q", uint32(r.Status), r.stdout)
	}
	checkLog(t, r)
}

// A full disk ends the program, with an error that says so; what was written
// before can be read.
func TestRecordToAFullDisk(t *testing.T) {
	traceetest.NeedPtrace(t)
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=16m"); err != nil {
		t.Skipf("mounting a small file system is not permitted here: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	r := record(t, Config{Out: filepath.Join(dir, "rec")}, "/bin/dd", "if=/dev/urandom", "of=/dev/null", "bs=64k", "count=100000", "status=none")
	if !errors.Is(r.err, unix.ENOSPC) || !strings.Contains(r.err.Error(), "writing the recording") {
		t.Errorf("the error is %v, want one about writing with ENOSPC", r.err)
	}
	rec := r.open(t)
	if rec.Footer() != nil {
		t.Error("the recording claims to be complete")
	}
	if all := events(t, rec); len(all) == 0 || all[0].Kind != trace.Exec {
		t.Errorf("%d events can be read", len(all))
	}
}
