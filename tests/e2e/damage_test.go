package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestDamage changes a small recording at 1,000 random places, one at a time. Whatever is damaged, verify
// must end with a clear error, or with a shorter prefix that it calls incomplete: it never crashes, hangs or
// calls a damaged recording whole.
func TestDamage(t *testing.T) {
	t.Parallel()
	const places, workers = 1000, 2
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)

	rec := filepath.Join(t.TempDir(), "rec")
	tiny := program(t, "tiny.c", "-static", "-nostdlib", "-fno-stack-protector")
	if out := run(t, command{argv: recordCommand(rec, tiny), stdin: "some input"}); out.status != 0 || out.stdout != "some input" {
		t.Fatalf("unable to record the tiny program: exit status %d, %q, %s", out.status, out.stdout, out.stderr)
	}
	mustVerify(t, rec)
	whole := info(t, rec).Events
	pristine := readTree(t, rec)

	var group sync.WaitGroup
	var lock sync.Mutex
	kinds := map[string]int{}
	for w := range workers {
		copied := filepath.Join(t.TempDir(), "rec")
		writeTree(t, copied, pristine)
		group.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(w)))
			for range places / workers {
				d := chooseDamage(random, pristine)
				kind, complaint := tryDamage(t, copied, pristine, d, whole)
				lock.Lock()
				kinds[kind]++
				lock.Unlock()
				if complaint != "" {
					t.Errorf("worker %d, %s: %s", w, d, complaint)
				}
			}
		})
	}
	group.Wait()
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		t.Logf("%4d × %s", kinds[kind], kind)
	}
}

// A damage is one change to one file of a recording.
type damage struct {
	file, kind string
	at         int
	data       []byte // the file afterwards
}

func (d damage) String() string { return fmt.Sprintf("%s of %s at %d", d.kind, d.file, d.at) }

// chooseDamage picks a place, every byte of the recording as likely as another except that each file has
// some weight whatever its size, and a kind of damage.
func chooseDamage(random *rand.Rand, files map[string][]byte) damage {
	names := slices.Sorted(maps.Keys(files))
	total := 0
	for _, data := range files {
		total += len(data)
	}
	extra := total/len(names)/4 + 1
	place := random.IntN(total + extra*len(names))
	var name string
	for _, name = range names {
		if place -= len(files[name]) + extra; place < 0 {
			break
		}
	}
	before := files[name]
	if len(before) == 0 {
		return damage{file: name, kind: "a byte added", data: []byte{1}}
	}
	at := random.IntN(len(before))
	after := slices.Clone(before)
	switch random.IntN(4) {
	case 0:
		return damage{file: name, kind: "truncation", at: at, data: after[:at]}
	case 1:
		after[at] ^= 1 << random.IntN(8)
		return damage{file: name, kind: "bit flip", at: at, data: after}
	case 2:
		after[at] += byte(1 + random.IntN(255))
		return damage{file: name, kind: "byte change", at: at, data: after}
	default:
		// A block that never reached the disk.
		end := min(len(after), at+512)
		clear(after[at:end])
		if slices.Equal(after, before) {
			after[at] = 0xff
		}
		return damage{file: name, kind: "zeroed block", at: at, data: after}
	}
}

// tryDamage verifies the copy with d in it, restores it, and returns what kind of answer came and what is
// wrong with it.
func tryDamage(t *testing.T, rec string, files map[string][]byte, d damage, whole int) (kind, complaint string) {
	path := filepath.Join(rec, d.file)
	if err := os.WriteFile(path, d.data, 0o600); err != nil {
		return "", err.Error()
	}
	defer os.WriteFile(path, files[d.file], 0o600)

	v, out, err := quickVerify(rec)
	if err != nil {
		return "no answer", err.Error()
	}
	kind = fmt.Sprintf("exit status %d", out.status)
	switch {
	case strings.Contains(out.stderr, "goroutine ") || strings.Contains(out.stderr, "panic"):
		return kind, "a crash: " + tail(out.stderr, 3000)
	case d.file == "steps.json" && out.status == 0 && v.OK && v.Complete && v.Events == whole:
		return "made again", "" // it is no part of the recording
	case out.status == 0 && v.OK && !v.Complete && !v.diverged() && v.Events <= whole:
		return "shorter prefix", ""
	case out.status == 0:
		return kind, fmt.Sprintf("accepted: %+v of %d events, divergence %s", v, whole, v.Divergence)
	case v.OK:
		return kind, fmt.Sprintf("exit status %d, but ok in %s", out.status, out.stdout)
	case !slices.Contains([]int{1, 3, 4, 5}, out.status):
		return kind, "not an exit status for this: " + out.stderr
	case strings.Count(out.stderr, "\n") != 1 || strings.TrimSpace(out.stderr) == "":
		return kind, fmt.Sprintf("exit status %d, but stderr is not one line: %q", out.status, out.stderr)
	}
	return kind, ""
}

// quickVerify is verify for use by several goroutines at once: a hang is an error, found after a time that
// is long for a tiny recording.
func quickVerify(rec string) (verdict, outcome, error) {
	const limit = 30 * time.Second
	mark := newMark()
	defer killMarked(mark)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, stepback, "verify", "--json", rec)
	cmd.Env = append(baseEnv("/"), markName+"="+mark)
	cmd.WaitDelay = time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		return verdict{}, outcome{}, fmt.Errorf("verify did not end within %v; stderr: %s", limit, tail(stderr.String(), 2000))
	}
	if cmd.ProcessState == nil {
		return verdict{}, outcome{}, err
	}
	var v verdict
	out := outcome{stdout: stdout.String(), stderr: stderr.String(), status: exitStatus(cmd.ProcessState)}
	if err := json.Unmarshal(stdout.Bytes(), &v); err != nil && out.status == 0 {
		return v, out, fmt.Errorf("verify exited 0 but printed no JSON (%v): %s", err, out.stdout)
	}
	return v, out, nil
}

// readTree reads the plain files below dir.
func readTree(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		files[name], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func writeTree(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
