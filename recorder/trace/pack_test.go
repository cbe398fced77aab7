package trace

import (
	"archive/tar"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// recordWithBlobs makes a recording that has some of everything.
func recordWithBlobs(t testing.TB) (dir string, events []Event, blob Hash) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "rec")
	w, err := Create(dir, testManifest())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"", "one", "two"} {
		if blob, err = w.AddBlob([]byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	events = randomEvents(31, 200)
	for i := range events {
		w.Append(&events[i])
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
	return dir, events, blob
}

func TestPackUnpack(t *testing.T) {
	dir, events, blob := recordWithBlobs(t)
	// What a killed recorder may leave is not packed.
	if err := os.WriteFile(filepath.Join(dir, blobsName, tempPrefix+"1"), []byte("unfinished"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "packed")
	var done, total int64
	progress := func(d, n int64) {
		if d < done || d > n {
			t.Errorf("progress from %d to %d of %d", done, d, n)
		}
		done, total = d, n
	}
	if err := Pack(dir, file, progress); err != nil {
		t.Fatal(err)
	}
	if done == 0 || done != total {
		t.Errorf("progress ended at %d of %d", done, total)
	}
	if st, err := os.Stat(file); err != nil || st.Mode().Perm() != fileMode {
		t.Errorf("mode is %v (%v)", st.Mode(), err)
	}
	to := filepath.Join(t.TempDir(), "a", "b")
	done = 0
	if err := Unpack(file, to, 0, progress); err != nil {
		t.Fatal(err)
	}
	if done == 0 || done != total {
		t.Errorf("progress ended at %d of %d", done, total)
	}
	r := open(t, to)
	expect(t, r, events, 0)
	f, err := r.Blob(blob)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	for _, dir := range []string{to, filepath.Join(to, blobsName)} {
		if st, err := os.Stat(dir); err != nil || st.Mode().Perm() != dirMode {
			t.Errorf("%s has mode %v (%v)", dir, st.Mode(), err)
		}
	}

	if err := Unpack(file, to, 0, nil); !errors.Is(err, ErrExists) {
		t.Errorf("Unpack over a recording: %v", err)
	}
	if err := Unpack(file, t.TempDir(), 0, nil); err != nil {
		t.Errorf("Unpack to an empty directory: %v", err)
	}
	again := filepath.Join(t.TempDir(), "again")
	if err := Pack(to, again, nil); err != nil {
		t.Fatal(err)
	}
	a, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(again)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("packing again gives another file")
	}
}

func TestPackRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "packed")
	if err := Pack(t.TempDir(), file, nil); !errors.Is(err, ErrNotRecording) {
		t.Errorf("an empty directory: %v", err)
	}
	dir, _, blob := recordWithBlobs(t)
	if err := os.WriteFile(filepath.Join(dir, blobName(blob)), []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Pack(dir, file, nil); !errors.Is(err, ErrDamaged) {
		t.Errorf("a damaged blob: %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

// entry is a member for archive.
type entry struct {
	name, content string
	typeflag      byte // 0: a regular file
	link          string
}

// archive makes a packed file of any members.
func archive(t testing.TB, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(z)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Typeflag: e.typeflag, Linkname: e.link, Size: int64(len(e.content)), Mode: 0o777}
		if h.Typeflag == 0 {
			h.Typeflag = tar.TypeReg
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "packed")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// goodMembers are the members of a small recording, for archive.
func goodMembers(t testing.TB) (manifest, log, blob entry) {
	t.Helper()
	dir, _, hash := recordWithBlobs(t)
	read := func(name string) entry {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return entry{name: name, content: string(content)}
	}
	return read(manifestName), read(logName), read(blobName(hash))
}

func TestHostileArchives(t *testing.T) {
	manifest, log, blob := goodMembers(t)
	newer := testManifest()
	newer.Version = Version + 1
	newerManifest, err := encodeManifest(newer)
	if err != nil {
		t.Fatal(err)
	}
	type members = []entry
	zeros := func(n int) string { return strings.Repeat("\x00", n) }
	named := func(name string) members { return members{manifest, log, {name: name, content: "x"}} }
	of := func(typeflag byte) members {
		return members{manifest, log, {name: blob.name, typeflag: typeflag, link: "/etc/passwd"}}
	}
	for name, c := range map[string]struct {
		members members
		want    error
	}{
		"parent directory":   {named("../evil"), ErrDamaged},
		"parent in blobs":    {named("blobs/../../evil"), ErrDamaged},
		"absolute name":      {named("/tmp/evil"), ErrDamaged},
		"other name":         {named("evil"), ErrDamaged},
		"other name in blob": {named("blobs/ab/evil"), ErrDamaged},
		"dot":                {named("./manifest.json"), ErrDamaged},
		"symbolic link":      {of(tar.TypeSymlink), ErrDamaged},
		"hard link":          {of(tar.TypeLink), ErrDamaged},
		"device":             {of(tar.TypeChar), ErrDamaged},
		"FIFO":               {of(tar.TypeFifo), ErrDamaged},
		"directory":          {of(tar.TypeDir), ErrDamaged},
		"linked blobs": {members{manifest, log, {name: blobsName, typeflag: tar.TypeSymlink, link: "/tmp"},
			blob}, ErrDamaged},
		"wrong hash":         {members{manifest, log, {name: blob.name, content: "forged"}}, ErrDamaged},
		"blob twice":         {members{manifest, blob, log, blob}, ErrDamaged},
		"manifest twice":     {members{manifest, manifest, log}, ErrDamaged},
		"log twice":          {members{manifest, log, log}, ErrDamaged},
		"no manifest":        {members{log, blob}, ErrDamaged},
		"no log":             {members{manifest, blob}, ErrDamaged},
		"nothing":            {nil, ErrDamaged},
		"damaged manifest":   {members{{name: manifestName, content: manifest.content + " "}, log}, ErrDamaged},
		"newer manifest":     {members{{name: manifestName, content: string(newerManifest)}, log}, ErrNewer},
		"damaged log":        {members{manifest, {name: logName, content: zeros(100)}}, ErrDamaged},
		"too large":          {members{manifest, {name: logName, content: log.content + zeros(1<<20)}}, new(TooLargeError)},
		"too large manifest": {members{{name: manifestName, content: zeros(2 << 20)}, log}, new(TooLargeError)},
	} {
		t.Run(name, func(t *testing.T) {
			file := archive(t, c.members...)
			parent := t.TempDir()
			dir := filepath.Join(parent, "rec")
			err := Unpack(file, dir, 1<<20, nil)
			if _, large := c.want.(*TooLargeError); large {
				if !errors.As(err, new(*TooLargeError)) {
					t.Errorf("%v, want a TooLargeError", err)
				}
			} else if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v (%v)", left, err)
			}
			// The same to a directory that was there.
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if Unpack(file, dir, 1<<20, nil) == nil {
				t.Error("it succeeded the second time")
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v (%v)", left, err)
			}
		})
	}
	if err := Unpack(archive(t, blob, log, manifest), filepath.Join(t.TempDir(), "rec"), 1<<20, nil); err != nil {
		t.Errorf("good members: %v", err)
	}
}

// TestDamagedArchive cuts and changes a packed file anywhere.
func TestDamagedArchive(t *testing.T) {
	dir, events, _ := recordWithBlobs(t)
	file := filepath.Join(t.TempDir(), "packed")
	if err := Pack(dir, file, nil); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	try := func(what string, at int, changed []byte) {
		if err := os.WriteFile(file, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(t.TempDir(), "rec")
		if err := Unpack(file, to, 1<<24, nil); err == nil {
			// Not every bit of a zstd frame means something.
			expect(t, open(t, to), events, 0)
			if what == "cut" {
				t.Errorf("cut at %d of %d: no error", at, len(content))
			}
		} else if _, err := os.Lstat(to); err == nil {
			t.Errorf("%s at %d: something is left", what, at)
		}
	}
	for i := 0; i < len(content); i += 1 + len(content)/300 {
		try("cut", i, content[:i])
		changed := bytes.Clone(content)
		changed[i] ^= 1 << (i % 8)
		try("changed", i, changed)
	}
}

// TestEndlessArchive: a stream of tar headers without members ends too.
func TestEndlessArchive(t *testing.T) {
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	// Extended headers for a member that never comes: 64 MiB of them.
	one := paxHeader(t)
	for n := 0; n < 64<<20; n += len(one) {
		if _, err := z.Write(one); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "packed")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	err = Unpack(file, filepath.Join(t.TempDir(), "rec"), 1<<20, nil)
	if !errors.As(err, new(*TooLargeError)) {
		t.Errorf("%v, want a TooLargeError", err)
	}
}

// paxHeader returns an extended header without the member that it is for.
func paxHeader(t *testing.T) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	h := &tar.Header{Name: "x", Typeflag: tar.TypeReg, PAXRecords: map[string]string{"X.y": strings.Repeat("z", 100_000)}}
	if err := w.WriteHeader(h); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()[:b.Len()-512]
}
