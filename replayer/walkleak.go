package replayer

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"stepback/snapshots"
)

// Footprint is what a timeline holds at rest, with no save point but the first, where the
// present is.
type Footprint struct {
	PSS         uint64 `json:"pss"`       // bytes, of this process and its children
	Processes   int    `json:"processes"` // children
	Descriptors int    `json:"descriptors"`
}

// What the footprint may grow by over a walk: caches fill.
const (
	grownPart  = 4        // a quarter
	grownBytes = 32 << 20 // and so many
)

// check compares the footprint with that of an earlier time.
func (f Footprint) check(before Footprint) error {
	switch most := before.PSS + before.PSS/grownPart + grownBytes; {
	case f.Processes != before.Processes:
		return &WalkError{What: fmt.Sprintf("%d processes at rest, earlier it were %d", f.Processes, before.Processes)}
	case f.Descriptors != before.Descriptors:
		return &WalkError{What: fmt.Sprintf("%d descriptors at rest, earlier it were %d", f.Descriptors, before.Descriptors)}
	case f.PSS > most:
		return &WalkError{What: fmt.Sprintf("%d bytes of memory at rest, earlier it were %d", f.PSS, before.PSS)}
	}
	return nil
}

// travel is for what the methods of a Timeline do not show.
func (w *walker) travel(f func(*travel) error) error {
	return w.Timeline.(*timeline).do(context.Background(), f)
}

// rest brings the timeline to rest and measures it.
func (w *walker) rest() (f Footprint, err error) {
	err = w.travel(func(t *travel) error {
		if err := t.restore(t.points[0]); err != nil {
			return err
		}
		return t.drop(1, len(t.points))
	})
	if err != nil {
		return f, err
	}
	runtime.GC()
	debug.FreeOSMemory()
	now, err := lookAround()
	if err != nil {
		return f, err
	}
	f = Footprint{Processes: len(now.children), Descriptors: len(now.descriptors)}
	for _, pid := range append(now.children, os.Getpid()) {
		pss, err := snapshots.PSS(pid)
		if err != nil {
			return f, err
		}
		f.PSS += pss
	}
	return f, nil
}

// count checks that there are no more processes than the save points and the present have
// address spaces, and the template.
func (w *walker) count() error {
	now, err := lookAround()
	if err != nil {
		return err
	}
	most := len(w.around.children) + 1
	var at Time
	err = w.travel(func(t *travel) error {
		at = t.pass.Time()
		most += len(t.r.tasks)
		for _, p := range t.points {
			most += len(p.tasks)
		}
		return nil
	})
	if n := len(now.children); err == nil && n > most {
		err = &WalkError{at, fmt.Sprintf("there are %d processes; the save points and the present need %d", n, most)}
	}
	return err
}

// surroundings are what this process has that others could leave behind.
type surroundings struct {
	children    []int    // processes, the dead included
	descriptors []string // with what they are of
	goroutines  int
}

func lookAround() (s surroundings, err error) {
	s.goroutines = runtime.NumGoroutine()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return s, err
	}
	for _, path := range stats {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // gone by now
		}
		var state string
		var parent int
		if _, err := fmt.Sscan(string(b[bytes.LastIndexByte(b, ')')+1:]), &state, &parent); err == nil && parent == os.Getpid() {
			pid, _ := strconv.Atoi(strings.Split(path, "/")[2])
			s.children = append(s.children, pid)
		}
	}
	slices.Sort(s.children)
	files, err := os.ReadDir("/proc/self/fd")
	for _, f := range files {
		// The one that the directory was read by is closed again.
		if to, err := os.Readlink("/proc/self/fd/" + f.Name()); err == nil {
			s.descriptors = append(s.descriptors, f.Name()+" "+to)
		}
	}
	return s, err
}

// left reports what there is now and was not before.
func (s surroundings) left() error {
	now, err := lookAround()
	for until := time.Now().Add(time.Second); err == nil && now.goroutines > s.goroutines && time.Now().Before(until); {
		runtime.Gosched() // one that has said its last word needs a moment to end
		now.goroutines = runtime.NumGoroutine()
	}
	switch {
	case err != nil:
		return err
	case !slices.Equal(now.children, s.children):
		return &WalkError{What: fmt.Sprintf("processes are left: %v, before it were %v", now.children, s.children)}
	case !slices.Equal(now.descriptors, s.descriptors):
		return &WalkError{What: fmt.Sprintf("descriptors are left: %v, before it were %v", now.descriptors, s.descriptors)}
	case now.goroutines > s.goroutines:
		return &WalkError{What: fmt.Sprintf("%d goroutines are left, before it were %d", now.goroutines, s.goroutines)}
	}
	return nil
}
