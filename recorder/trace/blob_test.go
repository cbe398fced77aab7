package trace

import (
	"bytes"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestAddFile(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 40_000)
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dir := filepath.Join(t.TempDir(), "rec")
	w, err := Create(dir, testManifest())
	if err != nil {
		t.Fatal(err)
	}
	size := int64(len(content))
	for _, c := range []struct{ off, length, want int64 }{
		{0, size, size},
		{0, size + 4096, size},
		{0, size, size}, // again
		{0, 4096, 4096},
		{4096, 8192, 8192},
		{size - 10, 4096, 10},
		{size, 4096, 0},
		{size + 4096, 4096, 0},
		{0, 0, 0},
	} {
		h, n, err := w.AddFile(f, c.off, c.length)
		if err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		want := content[min(c.off, size):min(c.off+c.length, size)]
		if n != c.want || h != sha256.Sum256(want) {
			t.Errorf("%+v: %d bytes, hash %v", c, n, h)
		}
		got, err := os.ReadFile(filepath.Join(dir, blobName(h)))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%+v: the blob differs (%v)", c, err)
		}
	}
	if _, _, err := w.AddFile(f, -1, 4096); err == nil {
		t.Error("a negative offset succeeded")
	}
	if w.Err() != nil {
		t.Errorf("Err is %v", w.Err())
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
	if n, err := open(t, dir).Size(); err != nil || n != w.Size() {
		t.Errorf("Recording.Size is %d (%v), Writer.Size %d", n, err, w.Size())
	}
}

// TestAddFileUnreadable: that a file cannot be read is not the recording's fault.
func TestAddFileUnreadable(t *testing.T) {
	w, err := Create(filepath.Join(t.TempDir(), "rec"), testManifest())
	if err != nil {
		t.Fatal(err)
	}
	directory, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer directory.Close()
	if _, _, err := w.AddFile(directory, 0, 10); err == nil {
		t.Error("a directory was added")
	}
	if w.Err() != nil {
		t.Errorf("Err is %v", w.Err())
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
}

func TestBlob(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "rec")
	w, err := Create(dir, testManifest())
	if err != nil {
		t.Fatal(err)
	}
	h, err := w.AddBlob([]byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := h.String(), "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"; got != want {
		t.Errorf("hash is %s, want %s", got, want)
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
	r := open(t, dir)
	for range 2 {
		f, err := r.Blob(h)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(f)
		if err != nil || string(got) != "content" {
			t.Errorf("%q, %v", got, err)
		}
		f.Close()
	}
}

func TestParseBlobName(t *testing.T) {
	h := Hash{0xab, 1, 2}
	good := blobName(h)
	if got, ok := parseBlobName(good); !ok || got != h {
		t.Errorf("%s is not accepted", good)
	}
	s := h.String()
	for _, bad := range []string{
		"", "blobs", s, "blobs/" + s, "blobs/ac/" + s, "./" + good, "/" + good, good + "/", good + "0",
		"blobs/ab/../ab/" + s, "blobs//ab/" + s, "blobs/ab/" + s[:63], "blobs/AB/" + s, "blobs/ab/AB" + s[2:],
		"blobs/ab/tmp-123",
	} {
		if _, ok := parseBlobName(bad); ok {
			t.Errorf("%q is accepted", bad)
		}
	}
}
