package recorder

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// Config says what to record and where.
type Config struct {
	Path  string   // absolute path of the program
	Args  []string // with argument 0
	Env   []string
	Dir   string // working directory, "" for the caller's
	Files []*os.File
	Out   string // directory of the recording
	Tool  string // name and version of the recorder, for the manifest
	// Warn tells the user what the recording cannot hold, a line each.
	Warn func(string)
	// Started is called when the program's first process exists.
	Started func(pid int)
	// Suspended is called when the terminal stopped the first process (^Z).
	Suspended func(unix.Signal)
	// Stop ends the recording, and the program, when it is closed.
	Stop <-chan struct{}
}

// Result is what a recording came to.
type Result struct {
	Status  unix.WaitStatus // of the first process
	Events  uint64
	Size    int64
	Elapsed time.Duration
}

// LaunchError reports that the program could not be started.
type LaunchError struct {
	Path string
	Err  error
}

func (e *LaunchError) Error() string { return fmt.Sprintf("cannot run %s: %v", e.Path, e.Err) }
func (e *LaunchError) Unwrap() error { return e.Err }

// recorder is one recording in the making. All of it belongs to the session's
// thread.
type recorder struct {
	cfg     Config
	s       *tracee.Session
	log     *trace.Writer
	started time.Time
	alive   pidSet
	stopped atomic.Bool // the caller asked for the end
	over    atomic.Bool // the last process has ended

	ticker  *tracee.Ticker // wakes the recorder while a thread computes
	threads map[int]*thread
	queue   []*thread            // ready threads in the order of their turns
	early   map[int]*tracee.Stop // first stops of threads not yet known
	leaders map[int]*process     // leaders that ended before their threads
	root    *process
	warned  map[string]bool
	refused map[string]uint64

	spaces      map[*space]bool
	nextSpace   uint32
	nextObject  uint32
	nextScratch uint64
	objects     map[objectKey]*object
	hashes      map[fileVersion]blobInfo
	unsettled   map[memmap.FileID]bool // files that were mapped as objects

	leaves    map[[2]uint32][4]uint32 // answers to cpuid
	entries   uint64                  // of system calls
	processes uint64
	tasks     uint64

	event  trace.Event // reused
	arena  []byte      // content of the event's writes
	ranges rangeBuffer
	xstate tracee.XState

	resumes uint64 // of threads
	scout   scout
	choice  pageChoice
	placed  time.Time // when the latest place was described
}

// Record runs the program under the recorder until the last of its processes
// is gone, and leaves the recording at cfg.Out.
func Record(cfg Config) (Result, error) {
	if cfg.Warn == nil {
		cfg.Warn = func(string) {}
	}
	var res Result
	err := tracee.Run(func(s *tracee.Session) error {
		r := newRecorder(cfg, s)
		var err error
		res, err = r.record()
		return err
	})
	return res, err
}

func (r *recorder) record() (res Result, err error) {
	if r.ticker, err = r.s.NewTicker(); err != nil {
		return res, err
	}
	defer r.ticker.Close()
	first, err := r.s.Spawn(tracee.SpawnConfig{Dir: r.cfg.Dir, Files: r.cfg.Files})
	if err != nil {
		return res, err
	}
	defer r.killAll()
	r.alive.add(first.TID())
	faulting, err := r.canTrapCPUID(first)
	if err != nil {
		return res, err
	}
	r.log, err = trace.Create(r.cfg.Out, r.manifest(first.TID(), faulting))
	if err != nil {
		return res, err
	}
	r.log.OnError(func(error) { r.alive.kill() })
	defer r.watchStop()()
	if err := r.launch(first); err != nil {
		return res, errors.Join(err, r.log.Abort())
	}
	if r.cfg.Started != nil {
		r.cfg.Started(first.TID())
	}
	err = r.loop()
	r.killAll() // all are gone by now, unless the loop ended early
	r.over.Store(true)
	res.Elapsed = time.Since(r.started)
	if r.root != nil {
		res.Status = r.root.status
	}
	if werr := r.log.Err(); werr != nil {
		err = fmt.Errorf("writing the recording: %w", werr)
	}
	if err != nil {
		r.log.Abort() // keeps what there is; it can only fail as the log did
		return res, err
	}
	footer := &trace.Footer{
		Status: uint32(res.Status), Elapsed: res.Elapsed, Refused: r.refused,
		Threads: r.tasks, Processes: r.processes,
	}
	if r.stopped.Load() {
		footer.Reason = "the recorder was told to stop"
	}
	if err := r.log.Close(footer); err != nil {
		return res, fmt.Errorf("writing the recording: %w", err)
	}
	res.Events, res.Size = footer.Events, r.log.Size()
	return res, nil
}

func newRecorder(cfg Config, s *tracee.Session) *recorder {
	return &recorder{
		cfg: cfg, s: s, started: time.Now(),
		threads:     map[int]*thread{},
		early:       map[int]*tracee.Stop{},
		leaders:     map[int]*process{},
		warned:      map[string]bool{},
		refused:     map[string]uint64{},
		objects:     map[objectKey]*object{},
		hashes:      map[fileVersion]blobInfo{},
		unsettled:   map[memmap.FileID]bool{},
		spaces:      map[*space]bool{},
		leaves:      map[[2]uint32][4]uint32{},
		nextScratch: scratchStart,
	}
}

// watchStop waits for the end that the caller may ask for. The tracing thread
// may be waiting for a program that computes for ever, so the program is
// killed from here.
func (r *recorder) watchStop() (end func()) {
	done := make(chan struct{})
	go func() {
		select {
		case <-r.cfg.Stop:
			r.stopped.Store(true)
			r.alive.kill()
		case <-done:
		}
	}()
	return func() { close(done) }
}

// pidSet are the recorded processes, for those who want to end them from
// another thread.
type pidSet struct {
	mu     sync.Mutex
	pids   map[int]bool
	killed bool
}

// add notes a new process. It is killed at once when kill has been called.
func (p *pidSet) add(pid int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pids == nil {
		p.pids = map[int]bool{}
	}
	p.pids[pid] = true
	if p.killed {
		unix.Kill(pid, unix.SIGKILL)
	}
}

func (p *pidSet) remove(pid int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.pids, pid)
}

func (p *pidSet) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.pids)
}

func (p *pidSet) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killed = true
	for pid := range p.pids {
		unix.Kill(pid, unix.SIGKILL)
	}
}

// warn tells the user something once.
func (r *recorder) warn(format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	if !r.warned[msg] {
		r.warned[msg] = true
		r.cfg.Warn(msg)
	}
}

// killAll ends every recorded process and reaps them.
func (r *recorder) killAll() {
	r.alive.kill()
	for _, t := range r.threads {
		// One that stands at its end, whose stop was seen, must be sent on.
		t.stopped.Resume(tracee.Continue, 0)
	}
	for tid := range r.early {
		unix.Kill(tid, unix.SIGKILL)
	}
	for {
		stop, err := r.s.Wait(-1)
		if err != nil {
			return
		}
		if stop.Kind == tracee.Exited {
			r.unknown(stop)
		} else {
			// A thread that was just made does not know yet that it is to die.
			unix.Kill(stop.TID(), unix.SIGKILL)
			stop.Resume(tracee.Continue, 0)
		}
	}
}

// begin starts an event of thread t.
func (r *recorder) begin(kind trace.Kind, t *thread) *trace.Event {
	e := &r.event
	*e = trace.Event{Kind: kind, TID: t.tid, Ops: e.Ops[:0], Writes: e.Writes[:0]}
	r.arena = r.arena[:0]
	return e
}

// append writes the event, and notes where it leaves its thread.
func (r *recorder) append(t *thread) {
	t.settle(&r.event)
	t.slice++
	r.log.Append(&r.event)
}

// takeXState puts the whole vector state of the thread into the event. It
// stays valid until the next one is read.
func (r *recorder) takeXState(s tracee.Stopped, e *trace.Event) error {
	x, err := s.XState(r.xstate)
	if err != nil {
		return err
	}
	r.xstate, e.XState = x, x.Trim()
	return nil
}
