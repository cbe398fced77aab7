package main

import (
	"os"
	"path/filepath"
	"testing"

	"stepback/recorder/trace"
)

func TestPack(t *testing.T) {
	dir := t.TempDir()
	rec := writeRecording(t, sampleEvents(), &trace.Footer{})
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, content := range map[string]string{"text": "no pack", "empty": "", "zstd": "\x28\xb5\x2f\xfd and no more"} {
		if err := os.WriteFile(at(name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		what   string
		err    error
		status int
	}{
		{"pack", pack(rec, at("one"), false), 0},
		{"pack to a file that exists", pack(rec, at("one"), false), exitExists},
		{"pack over a file that exists", pack(rec, at("one"), true), 0},
		{"pack over a directory", pack(rec, dir, true), exitExists},
		{"pack over a device", pack(rec, "/dev/null", true), exitExists},
		{"pack to a directory that does not exist", pack(rec, at("no/one"), false), exitUnwritable},
		{"pack no recording", pack(dir, at("two"), false), exitNoRecording},
		{"unpack", unpack(at("one"), at("back"), 1), 0},
		{"unpack where something is", unpack(at("one"), at("back"), 1), exitExists},
		{"unpack where a file is", unpack(at("one"), at("text"), 1), exitExists},
		{"unpack below a file", unpack(at("one"), at("text/back"), 1), exitUnwritable},
		{"unpack what does not exist", unpack(at("none"), at("back2"), 1), exitNoRecording},
		{"unpack a directory", unpack(dir, at("back2"), 1), exitNoRecording},
		{"unpack a text", unpack(at("text"), at("back2"), 1), exitNoRecording},
		{"unpack an empty file", unpack(at("empty"), at("back2"), 1), exitNoRecording},
		{"unpack a damaged file", unpack(at("zstd"), at("back2"), 1), exitDamaged},
		{"unpack with a foolish limit", unpack(at("one"), at("back2"), -1), exitUsage},
	} {
		status := 0
		if c.err != nil {
			status, _ = explain(c.err)
		}
		if status != c.status {
			t.Errorf("%s: status %d, want %d (%v)", c.what, status, c.status, c.err)
		}
	}
	if got, err := shown(t, at("back"), everything); got != sampleText || err != nil {
		t.Errorf("what was unpacked differs (%v):\n%s", err, got)
	}
	for _, name := range []string{"two", "back2"} {
		if _, err := os.Lstat(at(name)); err == nil {
			t.Errorf("%s was left behind", name)
		}
	}
}
