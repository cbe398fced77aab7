package symbols

import (
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestBig tells times for a large program: BIG=file go test -run Big -v.
func TestBig(t *testing.T) {
	file := os.Getenv("BIG")
	if file == "" {
		t.Skip("BIG names no program")
	}
	s := spaceOf(t, file, 0)
	cpu := func() time.Duration { // of all threads: the machine may do other things
		var u unix.Rusage
		if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
			t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	lap, work := time.Now(), cpu()
	took := func(what string, n any) {
		t.Logf("%-30s %8.1f ms, of CPU %8.1f ms   %v", what, time.Since(lap).Seconds()*1e3, (cpu()-work).Seconds()*1e3, n)
		lap, work = time.Now(), cpu()
	}
	main, err := s.Address("main")
	if err != nil {
		t.Fatal(err)
	}
	took("symbols", "")
	took("frames, first", len(s.Frames(main+8)))
	took("frames, again", len(s.Frames(main+8)))
	fns := s.FunctionsNamed(os.Getenv("FN"))
	took("functions named", len(fns))
	if len(fns) > 0 {
		took("frames elsewhere", len(s.Frames(fns[0].Body)))
		p, _ := s.Line(fns[0].Body)
		took("locations, first", len(s.Locations(p.File, p.Line)))
		took("locations, again", len(s.Locations(p.File, p.Line+1)))
	}
	took("locations in a header", len(s.Locations("/usr/include/c++/12/bits/stl_vector.h", 1287)))
	took("sources", len(s.Sources()))
	_, err = s.Modules[0].DWARF()
	took("DWARF of the standard library", err)
}
