package trace

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// expect reads all events from number from on and compares them.
func expect(t testing.TB, r *Recording, events []Event, from int) {
	t.Helper()
	c, err := r.Events(uint64(from))
	if err != nil {
		t.Fatal(err)
	}
	var e Event
	for i := from; i < len(events); i++ {
		if err := c.Next(&e); err != nil {
			t.Fatalf("event %d: %v", i, err)
		}
		if c.Number() != uint64(i) {
			t.Fatalf("Number is %d, want %d", c.Number(), i)
		}
		if d := diff(events[i], e); d != "" {
			t.Fatalf("event %d differs (-want +got):\n%s", i, d)
		}
	}
	if err := c.Next(&e); err != io.EOF {
		t.Fatalf("after the last event: %v, want EOF", err)
	}
}

func TestRoundTrip(t *testing.T) {
	for _, perFrame := range []int{1, 7, 100, 1 << 30} {
		events := randomEvents(uint64(perFrame), 2000)
		r := open(t, record(t, events, perFrame))
		if r.Len() != uint64(len(events)) || r.Damage() != nil {
			t.Fatalf("Len %d, Damage %v", r.Len(), r.Damage())
		}
		expect(t, r, events, 0)
		for _, from := range []int{1, 6, 7, 8, 99, 100, 1000, 1999, 2000} {
			expect(t, r, events, from)
		}
		if _, err := r.Events(2001); err == nil {
			t.Error("Events after the end succeeded")
		}
	}
}

func TestManifestAndFooter(t *testing.T) {
	events := randomEvents(1, 100)
	dir := record(t, events, 10)
	r := open(t, dir)

	want := testManifest()
	want.Version = Version
	if d := cmp.Diff(want, r.Manifest()); d != "" {
		t.Errorf("manifest differs:\n%s", d)
	}
	f := r.Footer()
	if f == nil {
		t.Fatal("no footer")
	}
	kinds, threads, processes := map[string]uint64{}, uint64(0), uint64(0)
	for _, e := range events {
		kinds[e.Kind.String()]++
		if e.Kind == Thread {
			threads++
			if e.Thread.PID == e.TID {
				processes++
			}
		}
	}
	if d := cmp.Diff(&Footer{Status: 256, Elapsed: f.Elapsed, Kinds: kinds, Events: 100, Threads: threads, Processes: processes}, f); d != "" {
		t.Errorf("footer differs:\n%s", d)
	}
	if r.Elapsed() != f.Elapsed || f.Elapsed <= 0 {
		t.Errorf("Elapsed is %v, the footer's %v", r.Elapsed(), f.Elapsed)
	}
	if r.Dir() != dir {
		t.Errorf("Dir is %s", r.Dir())
	}
	size, err := r.Size()
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for _, name := range []string{manifestName, logName} {
		st, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if st.Mode().Perm() != fileMode {
			t.Errorf("%s has mode %v", name, st.Mode())
		}
		sum += st.Size()
	}
	if size != sum {
		t.Errorf("Size is %d, want %d", size, sum)
	}
	if st, err := os.Stat(dir); err != nil || st.Mode().Perm() != dirMode {
		t.Errorf("directory has mode %v (%v)", st.Mode(), err)
	}
}

func TestEmptyRecording(t *testing.T) {
	r := open(t, record(t, nil, 1))
	if r.Len() != 0 || r.Footer() == nil || r.Damage() != nil {
		t.Fatalf("Len %d, Footer %v, Damage %v", r.Len(), r.Footer(), r.Damage())
	}
	expect(t, r, nil, 0)
}

func TestWriterSize(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "rec")
	w, err := Create(dir, testManifest())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range randomEvents(3, 500) {
		w.Append(&e)
	}
	for _, s := range []string{"one", "two", "one", ""} {
		if _, err := w.AddBlob([]byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
	size, err := open(t, dir).Size()
	if err != nil {
		t.Fatal(err)
	}
	if w.Size() != size {
		t.Errorf("Writer.Size is %d, Recording.Size %d", w.Size(), size)
	}
}

func TestCreateRefusesDirectoryInUse(t *testing.T) {
	used := t.TempDir()
	if err := os.WriteFile(filepath.Join(used, "precious"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{used, filepath.Join(used, "precious"), record(t, nil, 1)} {
		if _, err := Create(dir, testManifest()); !errors.Is(err, ErrExists) {
			t.Errorf("Create(%s): %v, want ErrExists", dir, err)
		}
	}
	empty := t.TempDir()
	w, err := Create(empty, testManifest())
	if err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(empty); err != nil || st.Mode().Perm() != dirMode {
		t.Errorf("the empty directory has mode %v now (%v)", st.Mode(), err)
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefusesOtherDirectories(t *testing.T) {
	for _, dir := range []string{t.TempDir(), "/nonexistent", "/dev/null"} {
		if _, err := Open(dir); !errors.Is(err, ErrNotRecording) {
			t.Errorf("Open(%s): %v, want ErrNotRecording", dir, err)
		}
	}
}

func TestUseAfterClose(t *testing.T) {
	w, err := Create(filepath.Join(t.TempDir(), "rec"), testManifest())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
	e, _ := ddEvents()
	w.Append(&e)
	if w.Close(nil) == nil || w.Abort() == nil {
		t.Error("closing twice succeeded")
	}
	if w.Err() != nil {
		t.Errorf("Err is %v", w.Err())
	}
}

// TestLargeContents: what is large becomes a blob, to the byte.
func TestLargeContents(t *testing.T) {
	content := func(n int, seed byte) []byte {
		b := bytes.Repeat([]byte{seed, 1, 2}, n/3+1)
		return b[:n]
	}
	many := make([]Write, 40)
	for i := range many {
		many[i] = Write{Addr: uint64(i) << 20, Data: content(inlineData, byte(i))}
	}
	dir := filepath.Join(t.TempDir(), "rec")
	w, err := Create(dir, testManifest())
	if err != nil {
		t.Fatal(err)
	}
	events := []Event{
		{Kind: Syscall, TID: 1, Writes: []Write{{Addr: 1, Data: content(inlineData, 1)}, {Addr: 2, Data: content(inlineData+1, 2)}}},
		{Kind: Syscall, TID: 1, Ops: []Op{{Kind: OpStore, Object: 1, Data: content(3<<20, 3)}}},
		{Kind: Syscall, TID: 1, Writes: many},
	}
	for i := range events {
		w.Append(&events[i])
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
	r := open(t, dir)
	c, err := r.Events(0)
	if err != nil {
		t.Fatal(err)
	}
	blobs := 0
	check := func(want, data []byte, blob Hash) {
		t.Helper()
		if !blob.IsZero() {
			if data != nil {
				t.Fatal("both Data and Blob are set")
			}
			blobs++
			f, err := r.Blob(blob)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if data, err = io.ReadAll(f); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(want, data) {
			t.Fatal("content differs")
		}
	}
	var e Event
	for _, want := range events {
		if err := c.Next(&e); err != nil {
			t.Fatal(err)
		}
		for i, wr := range want.Writes {
			if e.Writes[i].Addr != wr.Addr {
				t.Fatal("address differs")
			}
			check(wr.Data, e.Writes[i].Data, e.Writes[i].Blob)
		}
		for i, o := range want.Ops {
			check(o.Data, e.Ops[i].Data, e.Ops[i].Blob)
		}
	}
	if want := 1 + 1 + len(many) - inlineTotal/inlineData; blobs != want {
		t.Errorf("%d blobs, want %d", blobs, want)
	}
}

// TestInvalidEvent: an event that could not be read again is an error at once,
// and what was before it is kept.
func TestInvalidEvent(t *testing.T) {
	for name, bad := range map[string]Event{
		"kind":        {},
		"unknown":     {Kind: numKinds},
		"op":          {Kind: Syscall, Ops: []Op{{}}},
		"disposition": {Kind: Signal, Signal: &SignalInfo{Disposition: numDispositions}},
		"xstate":      {Kind: Syscall, XState: make([]byte, maxRaw)},
		"writes":      {Kind: Syscall, Writes: make([]Write, maxItems+1)},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "rec")
			w, err := Create(dir, testManifest())
			if err != nil {
				t.Fatal(err)
			}
			reported := make(chan error, 2)
			w.OnError(func(err error) { reported <- err })
			good, _ := ddEvents()
			w.Append(&good)
			w.Append(&bad)
			w.Append(&good)
			if w.Err() == nil {
				t.Fatal("no error")
			}
			if err := <-reported; err != w.Err() {
				t.Errorf("OnError was told %v", err)
			}
			if err := w.Close(nil); !errors.Is(err, w.Err()) {
				t.Errorf("Close: %v", err)
			}
			expect(t, open(t, dir), []Event{good}, 0)
		})
	}
}

// TestFlushInterval: events reach the disk soon, without further ones.
func TestFlushInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "rec")
		w, err := Create(dir, testManifest())
		if err != nil {
			t.Fatal(err)
		}
		defer w.Abort()
		events := randomEvents(5, 30)
		for i := range events {
			w.Append(&events[i])
			if i%10 == 9 {
				time.Sleep(flushInterval) // of the test's own clock
				synctest.Wait()
				r := open(t, dir)
				if r.Footer() != nil || r.Damage() != nil {
					t.Errorf("Footer %v, Damage %v", r.Footer(), r.Damage())
				}
				if want := time.Duration(i/10+1) * flushInterval; r.Elapsed() != want {
					t.Errorf("Elapsed is %v, want %v", r.Elapsed(), want)
				}
				expect(t, r, events[:i+1], 0)
			}
		}
	})
}

// TestManyThreads: the number of threads in a frame is bounded.
func TestManyThreads(t *testing.T) {
	events := make([]Event, 3*maxFrameThreads)
	for i := range events {
		events[i] = Event{Kind: Exit, TID: i}
	}
	r := open(t, record(t, events, 1<<30))
	expect(t, r, events, 0)
	if len(r.log.frames) != 3 {
		t.Errorf("%d frames, want 3", len(r.log.frames))
	}
}

// TestConcurrentUse is for the race detector.
func TestConcurrentUse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "rec")
	w, err := Create(dir, testManifest())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for _, e := range randomEvents(uint64(i), 5000) {
				w.Append(&e)
				if _, err := w.AddBlob([]byte(e.Kind.String())); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
	r := open(t, dir)
	if r.Len() != 20000 {
		t.Fatalf("Len is %d", r.Len())
	}
	for range 4 {
		wg.Go(func() {
			c, err := r.Events(rand.Uint64N(r.Len()))
			if err != nil {
				t.Error(err)
				return
			}
			var e Event
			for err = c.Next(&e); err == nil; err = c.Next(&e) {
			}
			if err != io.EOF {
				t.Error(err)
			}
			f, err := r.Blob(sha256.Sum256([]byte("exec")))
			if err != nil {
				t.Error(err)
				return
			}
			f.Close()
		})
	}
	wg.Wait()
}
