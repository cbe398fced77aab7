package e2e

import (
	"os"
	"path/filepath"
	"testing"
)

// TestPortable packs a recording and verifies it elsewhere, after the program, its libraries, the files that
// it read and the recording itself are gone: all that replay needs is in the pack.
func TestPortable(t *testing.T) {
	t.Parallel()
	here, elsewhere := filepath.Join(t.TempDir(), "here"), t.TempDir()
	if err := os.MkdirAll(here, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) string {
		path := filepath.Join(here, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	build := func(args ...string) {
		if err := tool("gcc", args...); err != nil {
			t.Fatal(err)
		}
	}

	sum := write("sum.c", "unsigned portable_sum(const unsigned char *p, unsigned long n) "+
		"{ unsigned s = 1; while (n--) s = s * 31 + *p++; return s; }\n")
	plugin := write("plugin.c", "int answer(void) { return 42; }\n")
	build("-O1", "-shared", "-fPIC", "-o", filepath.Join(here, "libsum.so"), sum)
	build("-O1", "-shared", "-fPIC", "-o", filepath.Join(here, "libplugin.so"), plugin)
	prog := filepath.Join(here, "prog")
	build("-O1", "-g", "-o", prog, filepath.Join(repoDir, "tests/e2e/testdata/programs/portable.c"),
		"-L"+here, "-lsum", "-Wl,-rpath,$ORIGIN", "-ldl")
	text := write("text", "a line of input\n")
	data, err := os.ReadFile(mixedFile(t, 300_000))
	if err != nil {
		t.Fatal(err)
	}
	input := write("input", string(data))

	rec := filepath.Join(here, "rec")
	const want = "read a line of input\nplugin 42\n"
	recorded := run(t, command{argv: recordCommand(rec, prog, input, text), dir: here})
	if recorded.status != 0 || len(recorded.stdout) < len(want) || recorded.stdout[len(recorded.stdout)-len(want):] != want {
		t.Fatalf("exit status %d, %q, %s", recorded.status, recorded.stdout, recorded.stderr)
	}
	before := info(t, rec)

	pack := filepath.Join(elsewhere, "recording.pack")
	if out := run(t, command{argv: []string{stepback, "pack", rec, pack}}); out.status != 0 {
		t.Fatalf("pack exited %d: %s", out.status, out.stderr)
	}
	if st, err := os.Stat(pack); err != nil {
		t.Fatal(err)
	} else if st.Mode().Perm() != 0o600 {
		t.Errorf("the pack holds the program's secrets, but has mode %v", st.Mode())
	}
	if err := os.RemoveAll(here); err != nil {
		t.Fatal(err)
	}

	unpacked := filepath.Join(elsewhere, "unpacked")
	if out := run(t, command{argv: []string{stepback, "unpack", pack, unpacked}, dir: elsewhere}); out.status != 0 {
		t.Fatalf("unpack exited %d: %s", out.status, out.stderr)
	}
	if err := os.Remove(pack); err != nil {
		t.Fatal(err)
	}
	if after := info(t, unpacked); after != before {
		t.Errorf("unpacked %+v, packed %+v", after, before)
	}
	mustVerify(t, unpacked)
}
