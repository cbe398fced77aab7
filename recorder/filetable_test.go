package recorder

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
)

func TestFileTable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	open := func(path string, flags int) *os.File {
		f, err := os.OpenFile(path, flags, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	w := open(path, os.O_CREATE|os.O_WRONLY)
	r := open(path, os.O_RDONLY)
	rw := open(path, os.O_RDWR|os.O_APPEND)
	null := open(os.DevNull, os.O_RDWR)
	dir := open(filepath.Dir(path), os.O_RDONLY)
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		t.Fatal(err)
	}
	id := memmap.FileID{Dev: st.Dev, Ino: st.Ino}
	self := os.Getpid()
	files := newFileTable()
	tests := []struct {
		what string
		fd   int32
		want openFile
	}{
		{"a file to write", int32(w.Fd()), openFile{id: id, writable: true}},
		{"a file to read", int32(r.Fd()), openFile{id: id}},
		{"a file for both", int32(rw.Fd()), openFile{id: id, writable: true}},
		{"a device", int32(null.Fd()), openFile{}},
		{"a directory", int32(dir.Fd()), openFile{}},
		{"a closed descriptor", 1 << 20, openFile{}},
		{"AT_FDCWD", unix.AT_FDCWD, openFile{}},
	}
	for range 2 { // the second time from memory
		for _, tt := range tests {
			if got := files.lookup(self, tt.fd); got != tt.want {
				t.Errorf("%s: %+v, want %+v", tt.what, got, tt.want)
			}
			if got, want := files.regular(self, tt.fd), tt.want != (openFile{}); got != want {
				t.Errorf("%s is regular: %v", tt.what, got)
			}
		}
	}
	// A descriptor that was closed and given away must be forgotten.
	fd := int(r.Fd())
	if err := unix.Dup2(int(null.Fd()), fd); err != nil {
		t.Fatal(err)
	}
	if !files.regular(self, int32(fd)) {
		t.Error("a lookup asks the kernel each time")
	}
	files.forget(int32(fd))
	if files.regular(self, int32(fd)) {
		t.Error("a forgotten descriptor is remembered")
	}
	if len(files.clone().known) != 0 {
		t.Error("a forked process inherits what is known")
	}
	files.forget(-1)
	if len(files.known) != 0 {
		t.Error("forgetting all leaves something")
	}
}
