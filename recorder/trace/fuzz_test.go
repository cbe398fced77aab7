package trace

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzEvents decodes any content of a frame. What can be decoded must be the
// same after encoding and decoding it again.
func FuzzEvents(f *testing.F) {
	var c encoder
	for seed := range uint64(5) {
		c.reset()
		var raw []byte
		for _, e := range randomEvents(100+seed, 10) {
			raw = c.encode(raw, &e)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var d, d2 decoder
		var c encoder
		d.reset(raw)
		for len(d.in.rest) > 0 {
			var e, e2 Event
			if d.decode(&e) != "" {
				return
			}
			if what := invalid(&e); what != "" {
				t.Fatalf("decoded an event although %s", what)
			}
			c.reset()
			d2.reset(c.encode(nil, &e))
			if what := d2.decode(&e2); what != "" || len(d2.in.rest) > 0 {
				t.Fatalf("cannot decode again: %q, %d bytes left", what, len(d2.in.rest))
			}
			if s := diff(e, e2); s != "" {
				t.Fatalf("event differs:\n%s", s)
			}
		}
	})
}

// FuzzFrame opens any frame.
func FuzzFrame(f *testing.F) {
	c := newCompressor()
	h := frameHeader{kind: eventFrame, first: 3, count: 1, elapsed: 5}
	f.Add(appendFrame(nil, c, h, []byte("some content")))
	f.Add(appendFrame(nil, c, h, bytes.Repeat([]byte("content"), 1000)))
	d := newDecompressor()
	f.Fuzz(func(t *testing.T, frame []byte) {
		// With right checksums, or nothing else would be tried.
		if len(frame) >= frameHeaderSize {
			copy(frame[36:], le32(checksum(frame[frameHeaderSize:])))
			copy(frame[40:], le32(checksum(frame[:40])))
		}
		h, what := parseFrameHeader(frame)
		if what != "" || int(h.packed) != len(frame)-frameHeaderSize {
			return
		}
		raw, what := openFrame(d, h, frame[frameHeaderSize:], nil)
		if what == "" && len(raw) != int(h.raw) {
			t.Fatalf("%d bytes, the header says %d", len(raw), h.raw)
		}
	})
}

// FuzzLog reads any log to its end.
func FuzzLog(f *testing.F) {
	dir := record(f, randomEvents(41, 30), 10)
	name := filepath.Join(dir, logName)
	log, err := os.ReadFile(name)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(log)
	f.Add(log[:len(log)-100])
	f.Fuzz(func(t *testing.T, log []byte) {
		// Fuzzing runs in several processes, but in each one after the other.
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, logName), log, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(filepath.Join(dir, logName))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		l, err := readLog(file)
		if err != nil {
			return
		}
		r := &Recording{dir: dir, log: l}
		c, err := r.Events(0)
		if err != nil {
			t.Fatal(err)
		}
		var e Event
		for err == nil {
			err = c.Next(&e)
		}
	})
}

// FuzzIndex decodes any index.
func FuzzIndex(f *testing.F) {
	f.Add(encodeIndex([]frameRef{{logHeaderSize, 0}, {100, 7}, {300, 8}}), int64(400), uint64(20))
	f.Fuzz(func(t *testing.T, b []byte, end int64, events uint64) {
		if end < logHeaderSize {
			return
		}
		frames, ok := decodeIndex(b, end, events)
		if !ok {
			return
		}
		again, ok := decodeIndex(encodeIndex(frames), end, events)
		if d := cmp.Diff(frames, again, cmp.AllowUnexported(frameRef{})); !ok || d != "" {
			t.Fatalf("index differs:\n%s", d)
		}
	})
}

// FuzzManifest decodes any manifest, with the right checksum.
func FuzzManifest(f *testing.F) {
	m := testManifest()
	m.Version = Version
	content, err := encodeManifest(m)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content[:len(content)-manifestSumLen])
	f.Fuzz(func(t *testing.T, body []byte) {
		_, _ = decodeManifest("m", body)
		m, err := decodeManifest("m", sumManifest(body))
		if err != nil {
			return
		}
		content, err := encodeManifest(m)
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeManifest("m", content)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(m, again); d != "" {
			t.Fatalf("manifest differs:\n%s", d)
		}
	})
}

// FuzzUnpack unpacks any tar stream; it stays in its directory.
func FuzzUnpack(f *testing.F) {
	manifest, log, blob := goodMembers(f)
	good := archive(f, manifest, log, blob)
	content, err := os.ReadFile(good)
	if err != nil {
		f.Fatal(err)
	}
	d := newDecompressor()
	tarball, err := d.DecodeAll(content, make([]byte, 0, 1<<20))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(tarball)
	c := newCompressor()
	f.Fuzz(func(t *testing.T, tarball []byte) {
		parent := t.TempDir()
		file := filepath.Join(parent, "packed")
		if err := os.WriteFile(file, c.EncodeAll(tarball, nil), 0o600); err != nil {
			t.Fatal(err)
		}
		err := Unpack(file, filepath.Join(parent, "rec"), 1<<24, nil)
		left, rerr := os.ReadDir(parent)
		if rerr != nil {
			t.Fatal(rerr)
		}
		if want := map[bool]int{true: 2, false: 1}[err == nil]; len(left) != want {
			t.Fatalf("%d files after error %v", len(left), err)
		}
		if err == nil {
			open(t, filepath.Join(parent, "rec"))
		}
	})
}
