package trace

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// expectPrefix opens a damaged recording and checks that it gives events as
// they were, from the first on, until an error or an early end.
func expectPrefix(t *testing.T, dir string, events []Event) (n int, err error) {
	t.Helper()
	r, err := Open(dir)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	if r.Len() > uint64(len(events)) {
		t.Fatalf("Len is %d of %d", r.Len(), len(events))
	}
	c, err := r.Events(0)
	if err != nil {
		t.Fatal(err)
	}
	var e Event
	for {
		err := c.Next(&e)
		if err == io.EOF {
			if uint64(n) != r.Len() {
				t.Fatalf("Len is %d, but there are %d events", r.Len(), n)
			}
			return n, r.Damage()
		}
		if err != nil {
			return n, err
		}
		if n == len(events) {
			t.Fatal("there are events that never were")
		}
		if d := diff(events[n], e); d != "" {
			t.Fatalf("event %d differs (-want +got):\n%s", n, d)
		}
		n++
	}
}

// wholeFrames is the number of events in frames that end at or before size.
func wholeFrames(t *testing.T, dir string, size int64) int {
	r := open(t, dir)
	n := 0
	for i := range r.log.frames {
		end, after := r.log.end, r.log.events
		if i+1 < len(r.log.frames) {
			end, after = r.log.frames[i+1].offset, r.log.frames[i+1].first
		}
		if end <= size {
			n = int(after)
		}
	}
	return n
}

// TestTruncation cuts the log at every length.
func TestTruncation(t *testing.T) {
	events := randomEvents(11, 40)
	dir := record(t, events, 10)
	damaged := copyRecording(t, dir)
	name := filepath.Join(damaged, logName)
	log, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	r := open(t, dir)
	frameEnds := map[int]bool{int(r.log.end): true}
	for _, f := range r.log.frames {
		frameEnds[int(f.offset)] = true
	}
	step := 1
	if testing.Short() {
		step = 17
	}
	for size := len(log) - 1; size >= 0; size -= step {
		if err := os.Truncate(name, int64(size)); err != nil {
			t.Fatal(err)
		}
		n, err := expectPrefix(t, damaged, events)
		if want := wholeFrames(t, dir, int64(size)); n != want {
			t.Fatalf("log cut at %d: %d events, want %d", size, n, want)
		}
		// Cut between frames, or after the footer, there is nothing to tell.
		quiet := frameEnds[size] || size >= len(log)-trailerSize
		if err == nil && !quiet && size < int(r.log.end) {
			t.Fatalf("log cut at %d: nothing is said of it", size)
		}
		if err != nil && !errors.Is(err, ErrDamaged) {
			t.Fatalf("log cut at %d: %v, want ErrDamaged", size, err)
		}
	}
}

// TestFlips changes each byte of the log and of the manifest.
func TestFlips(t *testing.T) {
	events := randomEvents(12, 24)
	dir := record(t, events, 8)
	for _, member := range []string{logName, manifestName} {
		t.Run(member, func(t *testing.T) {
			damaged := copyRecording(t, dir)
			name := filepath.Join(damaged, member)
			f, err := os.OpenFile(name, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			r := rand.New(rand.NewPCG(1, 2))
			step := 1
			if testing.Short() {
				step = 13
			}
			for i := 0; i < len(content); i += step {
				flip := byte(1 + r.IntN(255))
				if _, err := f.WriteAt([]byte{content[i] ^ flip}, int64(i)); err != nil {
					t.Fatal(err)
				}
				n, err := expectPrefix(t, damaged, events)
				if err == nil && (n != len(events) || member == manifestName) {
					t.Fatalf("byte %d changed by %#x: %d events and no error", i, flip, n)
				}
				if err != nil && !errors.Is(err, ErrDamaged) {
					t.Fatalf("byte %d changed by %#x: %v, want ErrDamaged", i, flip, err)
				}
				if _, err := f.WriteAt(content[i:i+1], int64(i)); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestNoFlipIsSilent: in an incomplete log, every changed byte is noticed.
func TestNoFlipIsSilent(t *testing.T) {
	events := randomEvents(13, 24)
	dir := record(t, events, 8)
	name := filepath.Join(dir, logName)
	end := open(t, dir).log.end
	if err := os.Truncate(name, end); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for i := range content {
		changed := bytes.Clone(content)
		changed[i] ^= 1 << (i % 8)
		if err := os.WriteFile(name, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if n, err := expectPrefix(t, dir, events); err == nil {
			t.Fatalf("byte %d of %d changed: %d events and no error", i, len(content), n)
		}
	}
}

// TestLostIndex: without an index, all events are there, and the footer; but the recording says that it is damaged.
func TestLostIndex(t *testing.T) {
	events := randomEvents(14, 50)
	dir := record(t, events, 5)
	whole := open(t, dir)
	log, err := os.ReadFile(filepath.Join(dir, logName))
	if err != nil {
		t.Fatal(err)
	}
	for what, offset := range map[string]int64{"index": whole.log.end + frameHeaderSize, "trailer": int64(len(log)) - 5} {
		t.Run(what, func(t *testing.T) {
			damaged := copyRecording(t, dir)
			changed := bytes.Clone(log)
			changed[offset] ^= 0x10
			if err := os.WriteFile(filepath.Join(damaged, logName), changed, 0o600); err != nil {
				t.Fatal(err)
			}
			r := open(t, damaged)
			if r.Footer() == nil || r.Damage() == nil || r.Elapsed() != whole.Elapsed() {
				t.Errorf("Footer %v, Damage %v", r.Footer(), r.Damage())
			}
			expect(t, r, events, 0)
			expect(t, r, events, 33)
		})
	}
}

func TestDamagedBlob(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "rec")
	w, err := Create(dir, testManifest())
	if err != nil {
		t.Fatal(err)
	}
	content := []byte("the content of a file")
	h, err := w.AddBlob(content)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, blobName(h))
	for i := range content {
		changed := bytes.Clone(content)
		changed[i] ^= 0x20
		if err := os.WriteFile(name, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := open(t, dir).Blob(h); !errors.Is(err, ErrDamaged) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, dir).Blob(h); !errors.Is(err, ErrDamaged) {
		t.Fatalf("blob removed: %v", err)
	}
	if err := os.Symlink("/etc/passwd", name); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, dir).Blob(h); !errors.Is(err, ErrDamaged) {
		t.Fatalf("blob is a link: %v", err)
	}
}

func TestNewerFormat(t *testing.T) {
	// A log of the version after ours.
	dir := record(t, nil, 1)
	header := encodeLogHeader()
	header[8]++
	copy(header[12:], le32(checksum(header[:12])))
	if err := os.WriteFile(filepath.Join(dir, logName), header, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(dir)
	var v *VersionError
	if !errors.Is(err, ErrNewer) || !errors.As(err, &v) || v.Found != Version+1 || v.Supported != Version {
		t.Errorf("log of version %d: %v", Version+1, err)
	}

	// A manifest of version 7.
	m := testManifest()
	m.Version = 7
	content, err := encodeManifest(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, manifestName), content, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); !errors.Is(err, ErrNewer) {
		t.Errorf("manifest of version 7: %v", err)
	}
}

func TestMissingLog(t *testing.T) {
	dir := record(t, nil, 1)
	if err := os.Remove(filepath.Join(dir, logName)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); !errors.Is(err, ErrDamaged) {
		t.Errorf("%v, want ErrDamaged", err)
	}
}

func TestMessages(t *testing.T) {
	for want, err := range map[string]error{
		"a/events.log is damaged at byte 16: no frame begins here":                                           &DamageError{"a/events.log", 16, "no frame begins here"},
		"a/events.log is damaged: it is missing":                                                             &DamageError{"a/events.log", 0, "it is missing"},
		"the recording has format version 9, but this stepback reads versions up to 2: use a newer stepback": &VersionError{9, 2},
		"the recording has format version 0, but this stepback reads only versions from 1 to 2":              &VersionError{0, 2},
		"cannot unpack f: f is too large when unpacked: more than the limit of 5 bytes":                      fmt.Errorf("cannot unpack f: %w", &TooLargeError{"f", 5}),
	} {
		if err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
	}
}

func le32(v uint32) []byte { return []byte{byte(v), byte(v >> 8), byte(v >> 16), byte(v >> 24)} }
