package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// meter shows the progress of long work on a terminal.
type meter struct {
	to    io.Writer
	what  string
	total uint64
	on    bool
	shown bool
	last  time.Time
}

func progress(what string, total uint64, wanted bool) *meter {
	_, err := unix.IoctlGetTermios(int(os.Stderr.Fd()), unix.TCGETS)
	return &meter{to: os.Stderr, what: what, total: total, on: wanted && err == nil && total > 0, last: time.Now()}
}

func (m *meter) update(done uint64) {
	if m.on && time.Since(m.last) > meterInterval {
		m.last, m.shown = time.Now(), true
		fmt.Fprintf(m.to, "\r%s %3d %%", m.what, 100*done/m.total)
	}
}

// meterInterval is the time between two updates that show.
const meterInterval = 100 * time.Millisecond

// bytes shows progress that is counted in bytes.
func (m *meter) bytes(done, total int64) {
	m.total = uint64(max(total, 1))
	m.update(uint64(done))
}

// end takes the progress off the terminal.
func (m *meter) end() {
	if m.shown {
		m.shown = false
		fmt.Fprint(m.to, "\r\033[K")
	}
}
