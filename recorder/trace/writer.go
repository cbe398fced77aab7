package trace

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// flushInterval is how long an event may wait in memory: what a recorder
	// that is killed loses at most.
	flushInterval = 200 * time.Millisecond
	// maxQueue is the number of cut frames that may wait to be written. Then
	// Append waits, to bound the memory.
	maxQueue = 8
	// bufferSize has room for a frame whose last event is of usual length.
	bufferSize = frameCut + frameCut/8
)

// Writer writes a recording. Its methods may be called by several goroutines.
//
// Append encodes into a buffer under mu. A goroutine of the Writer (see
// flush.go) compresses full buffers and writes them; it alone uses the log
// until it has ended.
type Writer struct {
	dir     string
	started time.Time
	size    atomic.Int64
	failure atomic.Pointer[error] // the first error, never changed again

	mu        sync.Mutex
	room      sync.Cond // the queue has become shorter; uses mu
	enc       encoder
	filling   pendingFrame
	queue     []pendingFrame
	spare     [][]byte // buffers for reuse
	kinds     [numKinds]uint64
	threads   uint64
	processes uint64
	closed    bool
	onError   func(error) // nil when not set or called already

	wake chan struct{} // has room for one: there is something to do
	done chan struct{} // closed at the end of the goroutine
	log  logWriter
}

// pendingFrame is a frame before compression.
type pendingFrame struct {
	raw     []byte
	first   uint64
	count   uint32
	elapsed time.Duration // set when it is cut
}

// Create begins a recording in dir, which must be new or an empty directory.
// It fills in the manifest's version.
func Create(dir string, m *Manifest) (*Writer, error) {
	dir = filepath.Clean(dir)
	m.Version = Version
	manifest, err := encodeManifest(m)
	if err != nil {
		return nil, err
	}
	made, err := claimDir(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot create a recording: %w", err)
	}
	w := &Writer{
		dir:     dir,
		started: time.Now(),
		wake:    make(chan struct{}, 1),
		done:    make(chan struct{}),
	}
	w.room.L = &w.mu
	w.filling.raw = make([]byte, 0, bufferSize)
	// The log first: creating it exclusively claims the directory among
	// recorders, and where there is a manifest there is a log.
	if err := w.log.create(filepath.Join(dir, logName)); err != nil {
		if made {
			os.Remove(dir)
		}
		return nil, fmt.Errorf("cannot create a recording: %w", err)
	}
	if err := replaceFile(filepath.Join(dir, manifestName), manifest); err != nil {
		w.log.remove()
		if made {
			os.Remove(dir)
		}
		return nil, fmt.Errorf("cannot create a recording: %w", err)
	}
	w.size.Store(int64(len(manifest)) + w.log.size)
	go w.flush()
	return w, nil
}

// Dir returns the recording's directory.
func (w *Writer) Dir() string { return w.dir }

// Size returns the number of bytes written so far, blobs included.
func (w *Writer) Size() int64 { return w.size.Load() }

// Append adds an event to the log and returns its number. It keeps nothing of
// the event. Large contents go to blobs before it returns; all else is written
// soon after. It waits for the disk only when that is far behind. After an
// error (see Err) or Close, it drops the event.
func (w *Writer) Append(e *Event) uint64 {
	if w.failure.Load() == nil && !fitsInline(e) {
		e = w.spill(e)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.filling.first + uint64(w.filling.count)
	if w.closed || w.failure.Load() != nil {
		return n
	}
	if what := invalid(e); what != "" {
		w.fail(fmt.Errorf("cannot record event %d (%v of thread %d): %s", n, e.Kind, e.TID, what))
		return n
	}
	start := len(w.filling.raw)
	w.filling.raw = w.enc.encode(w.filling.raw, e)
	if size := len(w.filling.raw) - start; size > maxEventSize {
		w.filling.raw = w.filling.raw[:start]
		w.fail(fmt.Errorf("cannot record event %d (%v of thread %d): it takes %d bytes, more than %d", n, e.Kind, e.TID, size, maxEventSize))
		return n
	}
	w.filling.count++
	w.countLocked(e)
	for w.frameFullLocked() && len(w.queue) >= maxQueue {
		w.room.Wait()
	}
	if w.frameFullLocked() {
		w.cutLocked()
		w.poke()
	}
	return n
}

// countLocked counts the event for the footer.
func (w *Writer) countLocked(e *Event) {
	w.kinds[e.Kind]++
	if e.Kind == Thread {
		w.threads++
		if e.Thread != nil && e.Thread.PID == e.TID {
			w.processes++
		}
	}
}

func (w *Writer) frameFullLocked() bool {
	return len(w.filling.raw) >= frameCut || w.enc.full()
}

// cutLocked queues the frame that is being filled and begins the next one.
func (w *Writer) cutLocked() {
	w.filling.elapsed = time.Since(w.started)
	w.queue = append(w.queue, w.filling)
	w.filling = pendingFrame{first: w.filling.first + uint64(w.filling.count)}
	if n := len(w.spare); n > 0 {
		w.filling.raw = w.spare[n-1]
		w.spare = w.spare[:n-1]
	} else {
		w.filling.raw = make([]byte, 0, bufferSize)
	}
	w.enc.reset()
}

// Err returns the first error of writing, after which nothing is recorded any
// more. What was written before it is a valid recording without its end.
func (w *Writer) Err() error {
	if err := w.failure.Load(); err != nil {
		return *err
	}
	return nil
}

// OnError has f called once, from another goroutine, with the first error of
// writing.
func (w *Writer) OnError(f func(error)) {
	w.mu.Lock()
	w.onError = f
	w.mu.Unlock()
	w.poke()
}

// fail keeps the first error and has the goroutine report it.
func (w *Writer) fail(err error) {
	w.failure.CompareAndSwap(nil, &err)
	w.poke()
}

// poke wakes the goroutine.
func (w *Writer) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Close writes what remains, the index and the footer. It sets the footer's
// Events, and what else the Writer knows where the footer has zero.
func (w *Writer) Close(f *Footer) error {
	if f == nil {
		f = new(Footer)
	}
	if err := w.stop(); err != nil {
		return err
	}
	if w.Err() == nil {
		w.fillFooter(f)
		n, err := w.log.finish(f)
		if err != nil {
			w.fail(err)
		}
		w.size.Add(n)
	}
	return errors.Join(w.Err(), w.log.close())
}

// Abort writes what remains, but no footer: the recording stays incomplete.
func (w *Writer) Abort() error {
	if err := w.stop(); err != nil {
		return err
	}
	return errors.Join(w.Err(), w.log.close())
}

// stop has the goroutine write all events and waits for its end.
func (w *Writer) stop() error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return errClosed
	}
	w.closed = true
	if w.filling.count > 0 {
		w.cutLocked()
	}
	w.mu.Unlock()
	w.poke()
	<-w.done
	return nil
}

func (w *Writer) fillFooter(f *Footer) {
	f.Events = w.filling.first
	if f.Elapsed == 0 {
		f.Elapsed = time.Since(w.started)
	}
	if f.Threads == 0 {
		f.Threads = w.threads
	}
	if f.Processes == 0 {
		f.Processes = w.processes
	}
	if f.Kinds == nil {
		f.Kinds = make(map[string]uint64)
		for k, n := range w.kinds {
			if n > 0 {
				f.Kinds[Kind(k).String()] = n
			}
		}
	}
}
