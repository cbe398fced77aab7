package trace

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stepback/internal/tracee"
)

var update = flag.Bool("update", false, "write testdata anew; only for a new format version")

// goldenDirs are recordings, by version, that must remain readable: of
// goldenEvents(version).
var goldenDirs = []string{1: "testdata/v1", 2: "testdata/v2", 3: "testdata/v3"}

// goldenEvents have every kind and every field of the version. They must never
// change.
func goldenEvents(version int) []Event {
	read, write := ddEvents()
	regs := read.After
	other := regs
	other.Rip, other.Rsp = 0x401000, 0x7ffff000
	after := other
	after.Rdi, after.OrigRax = 17, ^uint64(0)
	hash := func(b byte) (h Hash) {
		for i := range h {
			h[i] = b + byte(i)
		}
		return h
	}
	events := []Event{
		{Kind: Thread, TID: 4242, After: read.Before, Thread: &ThreadInfo{PID: 4242, Space: 1}, XState: []byte{0x7f, 3, 0, 0, 1},
			Ops: []Op{
				{Kind: OpObject, Object: 1, Len: 8192, Blob: hash(1)},
				{Kind: OpMap, Addr: 0x400000, Len: 0x1000, Prot: 5, Flags: 2, Blob: hash(2), Offset: 0x3000},
				{Kind: OpMap, Addr: 0x401000, Len: 0x2000, Prot: 3, Flags: 1, Object: 1},
			}},
		read, write,
		{Kind: Enter, TID: 4242, Before: regs, After: regs},
		{Kind: Thread, TID: 4243, After: other, Thread: &ThreadInfo{Parent: 4242, PID: 4243, Space: 2, Fork: true}},
		{Kind: Return, TID: 4242, Before: regs, After: read.After, Vector: 42},
		{Kind: Restart, TID: 4243, Before: other, After: other, Vector: 42},
		{Kind: Signal, TID: 4243, Before: other, After: after, XState: []byte{},
			Signal:   &SignalInfo{Number: 14, Disposition: Handled, Info: bytes.Repeat([]byte{14, 0}, 64)},
			Evidence: &Evidence{Pages: []PageHash{{0x7fffe000, 123}, {0x1000, 1 << 63}}},
			Writes:   []Write{{Addr: 0x7fffee00, Data: []byte("signal frame")}, {Space: 3, Addr: 0, Blob: hash(3)}}},
		{Kind: Signal, TID: 4243, Before: after, After: after, Signal: &SignalInfo{Number: 11, Disposition: Fatal, Synchronous: true}},
		{Kind: Trap, TID: 4242, Before: regs, After: other},
		{Kind: Exec, TID: 4242, Before: regs, After: other,
			Thread: &ThreadInfo{Parent: 4242, PID: 4242, Space: 3, Name: "/bin/true", Args: []string{"true", "", "\xff"}}},
		{Kind: Syscall, TID: 4242, Before: other, After: other, Refused: true, Ops: []Op{
			{Kind: OpUnmap, Addr: 0x1000, Len: 0x1000},
			{Kind: OpProtect, Addr: 0x2000, Len: 0x1000, Prot: 1},
			{Kind: OpRemap, Addr: 0x3000, Len: 0x1000, NewAddr: 0x8000, NewLen: 0x4000, Flags: 1},
			{Kind: OpAdvise, Addr: 0x8000, Len: 0x1000, Flags: 4},
			{Kind: OpResize, Object: 1, Len: 1 << 40},
			{Kind: OpStore, Object: 1, Offset: 100, Data: []byte("stored")},
			{Kind: OpLimit, Len: ^uint64(0)},
		}},
		{Kind: Preempt, TID: 4242, Before: other, After: other, Evidence: &Evidence{Exact: true}},
		{Kind: Exit, TID: 4243, Before: tracee.Regs{Rip: 5}, Exit: &ExitInfo{Status: 0x8b, Killed: true, Last: true}},
		{Kind: Exit, TID: 4242, Exit: &ExitInfo{Status: 256}},
	}
	if version == 1 {
		events[7].Evidence.Pages = nil // hashed in another way; they are not read
		return events
	}
	events = append(events, Event{Kind: Preempt, TID: 4244, Before: other, After: other, Evidence: &Evidence{
		Words: []Word{{0x404028, 1000}, {0x404020, ^uint64(0)}}, Pages: []PageHash{{0x404000, 7}},
	}})
	if version == 2 {
		return events
	}
	return append(events, Event{Kind: Syscall, TID: 4242, Before: other, After: other, Ops: []Op{
		{Kind: OpMap, Addr: 0x400000, Len: 0x1000, Prot: 5, Flags: 2, Space: 2, Blob: hash(2), Name: "/lib/a file"},
	}})
}

// TestGolden reads the recordings that every version of the format left.
func TestGolden(t *testing.T) {
	if *update {
		writeGolden(t)
	}
	for version := 1; version < len(goldenDirs); version++ {
		testGolden(t, version)
	}
}

func testGolden(t *testing.T, version int) {
	events := goldenEvents(version)
	r := open(t, goldenDirs[version])
	want := testManifest()
	want.Version = version
	if d := cmp.Diff(want, r.Manifest()); d != "" {
		t.Errorf("manifest differs:\n%s", d)
	}
	if r.Footer() == nil || r.Footer().Status != 256 || r.Footer().Reason != "golden" || r.Damage() != nil {
		t.Errorf("Footer %+v, Damage %v", r.Footer(), r.Damage())
	}
	for i := range events {
		expect(t, r, events, i)
	}
	h, ok := parseHash("ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73")
	if !ok {
		t.Fatal("no hash")
	}
	f, err := r.Blob(h)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if content, err := io.ReadAll(f); err != nil || string(content) != "content" {
		t.Errorf("blob is %q, %v", content, err)
	}
}

// TestGoldenCoding pins the bytes of the events before compression. When they
// change although the reader still understands the old ones, write the file
// anew; when it does not, it is a new version of the format.
func TestGoldenCoding(t *testing.T) {
	var c encoder
	var b strings.Builder
	for _, e := range goldenEvents(Version) {
		fmt.Fprintf(&b, "%v\n%s", e.Kind, hex.Dump(c.encode(nil, &e)))
	}
	const name = "testdata/events.txt"
	if *update {
		if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Errorf("events are coded differently (-want +got):\n%s", d)
	}
}

// writeGolden writes the recording of the newest version in two frames.
func writeGolden(t *testing.T) {
	t.Helper()
	events, goldenDir := goldenEvents(Version), goldenDirs[Version]
	if err := os.RemoveAll(goldenDir); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(goldenDir), 0o755); err != nil {
		t.Fatal(err)
	}
	w, err := Create(goldenDir, testManifest())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddBlob([]byte("content")); err != nil {
		t.Fatal(err)
	}
	for i := range events {
		w.Append(&events[i])
		if i == 6 {
			cut(w)
		}
	}
	if err := w.Close(&Footer{Status: 256, Reason: "golden", Refused: map[string]uint64{"io_uring_setup": 1}}); err != nil {
		t.Fatal(err)
	}
}
