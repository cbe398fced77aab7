package recorder

import (
	"bytes"
	"testing"
)

func TestChanged(t *testing.T) {
	tests := []struct {
		what, data, old string
		at              int
		run             string
	}{
		{"nothing", "", "", 0, ""},
		{"all the same", "abc", "abc", 3, ""},
		{"all different", "abc", "xyz", 0, "abc"},
		{"the start", "abc", "xbc", 0, "a"},
		{"the middle", "abcde", "abxxe", 2, "cd"},
		{"the end", "abc", "abx", 2, "c"},
		{"the first of two runs", "abcde", "xbcdx", 0, "a"},
		{"what lies beyond the old", "abc", "a", 1, "bc"},
		{"without an old", "abc", "", 0, "abc"},
		{"different up to and beyond the old's end", "abcd", "ax", 1, "bcd"},
		{"an old that is longer", "ab", "abc", 2, ""},
	}
	for _, tt := range tests {
		at := 10 // it is added to
		got := changed([]byte(tt.data), []byte(tt.old), &at)
		if string(got) != tt.run || at != 10+tt.at {
			t.Errorf("%s: %q at %d, want %q at %d", tt.what, got, at-10, tt.run, tt.at)
		}
	}
}

// Applying the runs to the old content gives the new, whatever both are.
func FuzzChanged(f *testing.F) {
	f.Add([]byte("the new"), []byte("the old one"))
	f.Add([]byte("longer than"), []byte("that"))
	f.Fuzz(func(t *testing.T, data, old []byte) {
		got := append(bytes.Clone(old), make([]byte, max(0, len(data)-len(old)))...)
		for at := 0; at < len(data); {
			before := at
			run := changed(data[at:], old[min(at, len(old)):], &at)
			if len(run) == 0 {
				break
			}
			if at < before || at+len(run) > len(data) {
				t.Fatalf("a run of %d bytes at %d of %d", len(run), at, len(data))
			}
			copy(got[at:], run)
			at += len(run)
		}
		if !bytes.Equal(got[:len(data)], data) {
			t.Errorf("%q onto %q gives %q", data, old, got)
		}
	})
}
