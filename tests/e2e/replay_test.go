package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestReplayOutput compares what `stepback replay` prints with what the program printed natively, into two
// files, and into one pipe, where the order counts.
func TestReplayOutput(t *testing.T) {
	for _, program := range []struct {
		name string
		argv func(t *testing.T) []string
	}{
		{"c", compiled("streams.c")},
		{"sh", shell("sh", "redirections.sh")},
		{"bash", shell("bash", "redirections.sh")},
		{"python", shell("python3", "output.py")},
	} {
		t.Run(program.name+"/files", func(t *testing.T) {
			t.Parallel()
			compareReplay(t, program.argv(t))
		})
		t.Run(program.name+"/pipe", func(t *testing.T) {
			t.Parallel()
			compareReplay(t, program.argv(t), systemProgram(t, "sh"), "-c", `("$@"; echo "status $?") 2>&1 | cat`, "sh")
		})
	}
}

// compareReplay runs, records and replays argv, each by the command before.
func compareReplay(t *testing.T, argv []string, before ...string) {
	t.Helper()
	by := func(argv []string) command {
		return command{argv: append(before[:len(before):len(before)], argv...), dir: t.TempDir()}
	}
	native := runTree(t, by(argv))
	rec := filepath.Join(t.TempDir(), "rec")
	if out := run(t, by(recordCommand(rec, argv...))); out.stdout != native.stdout || out.stderr != native.stderr {
		t.Fatalf("recorded it prints something else:\n%s\n%s", tail(out.stdout, 2000), tail(out.stderr, 2000))
	}
	out := run(t, by([]string{stepback, "replay", "--quiet", rec}))
	// The program's status is not the replay's.
	want := native.stdout
	if before, _, ok := strings.Cut(want, "status "); ok {
		want = before + "status 0\n"
	}
	mustSame(t, "standard output", want, out.stdout)
	mustSame(t, "standard error", native.stderr, out.stderr)
	if out.status != 0 {
		t.Errorf("exit status %d", out.status)
	}
}

// mustShow demands that replay prints what the recorded program printed.
func mustShow(t *testing.T, rec string, recorded outcome) {
	t.Helper()
	out := run(t, command{argv: []string{stepback, "replay", "--quiet", rec}})
	if out.status != 0 {
		t.Fatalf("replay: exit status %d: %s", out.status, tail(out.stderr, 2000))
	}
	mustSame(t, "replayed standard output", recorded.stdout, out.stdout)
	mustSame(t, "replayed standard error", recorded.stderr, out.stderr)
}

// mustSame compares two texts, which may be long.
func mustSame(t *testing.T, what, want, got string) {
	t.Helper()
	if got == want {
		return
	}
	at := 0
	for at < len(got) && at < len(want) && got[at] == want[at] {
		at++
	}
	from := max(0, at-100)
	t.Fatalf("%s differs at byte %d of %d (has %d):\nwant …%q\ngot  …%q", what, at, len(want), len(got),
		want[from:min(len(want), at+200)], got[from:min(len(got), at+200)])
}

// TestReplayKilledRecorder replays a recording whose recorder was killed: the output is there as far as it
// goes, and the last line says that it is incomplete.
func TestReplayKilledRecorder(t *testing.T) {
	t.Parallel()
	rec := filepath.Join(t.TempDir(), "rec")
	r := start(t, command{argv: recordCommand(rec, systemProgram(t, "sh"), "-c", "i=0; while :; do echo line $((i += 1)); done")})
	log := filepath.Join(rec, "events.log")
	lines := func() int { return strings.Count(r.out(), "\n") }
	await(t, "the first lines", func() bool { return r.ended() || lines() >= 100 })
	size := logSize(log)
	await(t, "the log of these lines", func() bool { return r.ended() || logSize(log) > size })
	r.cmd.Process.Kill()
	killed := r.wait()
	mustVanish(t, r)

	out := run(t, command{argv: []string{stepback, "replay", rec}})
	if out.status != 0 || !strings.HasPrefix(killed.stdout, out.stdout) || !strings.HasPrefix(out.stdout, "line 1\n") {
		t.Errorf("exit status %d, output ends with %q\n%s", out.status, tail(out.stdout, 100), out.stderr)
	}
	if strings.Count(out.stderr, "\n") != 1 || !strings.Contains(out.stderr, "incomplete") {
		t.Errorf("standard error: %q", out.stderr)
	}
}

func logSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// TestReplayInterrupt stops a replay that waits for the reader of its output, by a signal and by the
// terminal's key. Nothing of it may stay.
func TestReplayInterrupt(t *testing.T) {
	t.Parallel()
	rec := filepath.Join(t.TempDir(), "rec")
	if out := run(t, command{argv: recordCommand(rec, systemProgram(t, "python3"), "-uc", "for i in range(30000): print('line', i)")}); out.status != 0 {
		t.Fatalf("exit status %d: %s", out.status, out.stderr)
	}
	mustStop := func(t *testing.T, r *running, status int, message func() string) {
		t.Helper()
		left := processesBelow(r.cmd.Process.Pid)
		if out := r.wait(); out.status != status {
			t.Errorf("exit status %d, want %d: %s", out.status, status, out.stderr)
		}
		text := message()
		if n := strings.Count(text, "stepback: stopped at "); n != 1 || !strings.HasSuffix(strings.TrimRight(text, "\r\n"), ")") {
			t.Errorf("says %q", tail(text, 200))
		}
		await(t, "the end of the replay's processes", func() bool {
			for _, pid := range left {
				if unix.Kill(pid, 0) == nil {
					return false
				}
			}
			return true
		})
	}
	for _, sig := range []unix.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP} {
		t.Run(unix.SignalName(sig), func(t *testing.T) {
			temp := t.TempDir()
			fifo := filepath.Join(t.TempDir(), "fifo")
			if err := unix.Mkfifo(fifo, 0o600); err != nil {
				t.Fatal(err)
			}
			reader, err := os.OpenFile(fifo, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer reader.Close()
			r := start(t, command{
				argv: []string{systemProgram(t, "sh"), "-c", `exec "$1" replay "$2" > "$3"`, "sh", stepback, rec, fifo},
				env:  []string{"TMPDIR=" + temp},
			})
			await(t, "a full pipe", func() bool { return r.ended() || queued(reader) >= 60_000 })
			await(t, "the replay's processes", func() bool { return r.ended() || len(processesBelow(r.cmd.Process.Pid)) > 0 })
			unix.Kill(r.cmd.Process.Pid, sig)
			mustStop(t, r, 128+int(sig), r.err)
			if entries, _ := os.ReadDir(temp); len(entries) > 0 {
				t.Errorf("left behind: %v", entries)
			}
		})
	}
	t.Run("key", func(t *testing.T) {
		keyboard, terminal := openTerminal(t)
		r := start(t, command{argv: []string{stepback, "replay", rec}, terminal: terminal})
		terminal.Close()
		var screen bytes.Buffer
		buffer := make([]byte, 4096)
		more := func() bool {
			n, err := keyboard.Read(buffer)
			screen.Write(buffer[:n])
			return err == nil
		}
		for !strings.Contains(screen.String(), "line 100\r\n") && more() {
		}
		if _, err := keyboard.WriteString(controlC); err != nil {
			t.Fatal(err)
		}
		for more() {
		}
		mustStop(t, r, 130, screen.String)
	})
}

// queued is how many bytes wait in a pipe.
func queued(pipe *os.File) int {
	n, err := unix.IoctlGetInt(int(pipe.Fd()), unix.TIOCINQ)
	if err != nil {
		return 0
	}
	return n
}

// processesBelow returns the living children of a process.
func processesBelow(parent int) []int {
	var found []int
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		stat, _ := os.ReadFile("/proc/" + entry.Name() + "/stat")
		_, rest, _ := bytes.Cut(stat, []byte(") "))
		if fields := bytes.Fields(rest); len(fields) > 1 && string(fields[1]) == strconv.Itoa(parent) {
			found = append(found, pid)
		}
	}
	return found
}

// TestReplayTerminal replays on a terminal, where nothing of the progress may stay.
func TestReplayTerminal(t *testing.T) {
	t.Parallel()
	rec := filepath.Join(t.TempDir(), "rec")
	script := "for i in 1 2 3; do echo line $i; echo error $i >&2; done; printf 'no end of line'"
	if out := run(t, command{argv: recordCommand(rec, systemProgram(t, "sh"), "-c", script)}); out.status != 0 {
		t.Fatalf("exit status %d: %s", out.status, out.stderr)
	}
	keyboard, terminal := openTerminal(t)
	r := start(t, command{argv: []string{stepback, "replay", rec}, terminal: terminal})
	terminal.Close()
	var screen bytes.Buffer
	screen.ReadFrom(keyboard) // until the last process has let go of the terminal
	if out := r.wait(); out.status != 0 {
		t.Errorf("exit status %d", out.status)
	}
	want := "line 1\nerror 1\nline 2\nerror 2\nline 3\nerror 3\nno end of line\nstepback: replayed "
	if got := afterErasing(screen.String()); !strings.HasPrefix(got, want) || strings.Count(got, "\n") != 8 {
		t.Errorf("the terminal shows %q", got)
	}
}

// afterErasing is what a terminal shows that got text: lines that are written over or erased are gone.
func afterErasing(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		const erase = "\r\033[K"
		if at := strings.LastIndex(line, erase); at >= 0 {
			line = line[at+len(erase):]
		}
		lines[i] = strings.TrimSuffix(line, "\r")
	}
	return strings.Join(lines, "\n")
}
