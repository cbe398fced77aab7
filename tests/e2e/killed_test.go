package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// busy is a run with something going on all the time: processes come and go, pipes are written, a
// process computes, another makes system calls as fast as it can. It counts its rounds on standard
// output and never ends by itself.
const busy = `
dd if=/dev/zero of=/dev/null bs=1 count=1000000000 2>/dev/null &
xz -1 < /dev/zero > /dev/null &
round=0
while :; do
	seq 1 500 | sort -rn | head -n 2 > out
	(cat out | wc -c) > /dev/null
	echo $((round += 1))
done`

// TestKilledRecorder kills the recorder 50 times at random moments. No process of the run may survive
// it, and what was recorded until then must open and verify.
func TestKilledRecorder(t *testing.T) {
	t.Parallel()
	const kills = 50
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))

	total, cut := 0, 0
	for i := range kills {
		// Moments: after some of the program's rounds and a little more, so that the kill falls anywhere
		// in a round; every fifth time before the first round, where the recording is being set up.
		rounds, more := random.IntN(12), time.Duration(random.IntN(20_000))*time.Microsecond
		if i%5 == 0 {
			rounds, more = 0, time.Duration(random.IntN(60_000))*time.Microsecond
		}
		dir := t.TempDir()
		rec := filepath.Join(dir, "rec")
		r := start(t, command{argv: recordCommand(rec, "/bin/bash", "-c", busy), dir: dir})
		await(t, fmt.Sprintf("round %d of the busy run", rounds), func() bool {
			if r.ended() {
				t.Fatalf("the recorder ended by itself, exit status %d: %s\n%s", exitStatus(r.cmd.ProcessState), r.err(), lastEvents(rec))
			}
			return strings.Count(r.out(), "\n") >= rounds
		})
		moment := time.NewTimer(more)
		<-moment.C

		r.cmd.Process.Signal(syscall.SIGKILL)
		if status := r.wait().status; status != 128+9 {
			t.Fatalf("the recorder ended with status %d before it was killed: %s", status, r.err())
		}
		mustVanish(t, r)

		// A recording begins with its manifest. Killed before that, there is none, which is no loss.
		if _, err := os.Stat(filepath.Join(rec, "manifest.json")); err != nil && rounds == 0 {
			continue
		}
		f := mustBePrefix(t, rec)
		total += f.Events
		cut++
		os.RemoveAll(rec)
		if t.Failed() {
			t.Fatalf("kill %d, %v after round %d", i, more, rounds)
		}
	}
	t.Logf("%d recordings opened, %d events", cut, total)
	if cut < kills/2 {
		t.Errorf("only %d of %d kills left a recording", cut, kills)
	}
}

// mustVanish waits until no process of the command is left.
func mustVanish(t *testing.T, r *running) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for clean := 0; clean < 3; {
		left := marked(r.mark)
		if len(left) == 0 {
			clean++
			continue
		}
		clean = 0
		if time.Now().After(deadline) {
			t.Fatalf("recorded processes outlive the recorder:\n%s", describe(left))
		}
		time.Sleep(2 * time.Millisecond)
	}
}
