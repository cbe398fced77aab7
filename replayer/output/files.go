package output

import (
	"maps"
	"strconv"
	"strings"
)

// Stream is where output goes.
type Stream uint8

// The streams.
const (
	Stdout Stream = iota + 1
	Stderr
)

// files are the descriptors that lead to a stream. Threads that share their
// descriptors share the map.
type files map[int32]file

type file struct {
	stream      Stream
	closeOnExec bool
}

// standard are the descriptors of the first process.
func standard() files { return files{1: {stream: Stdout}, 2: {stream: Stderr}} }

// set makes fd a descriptor of the stream, or of nothing that counts for 0.
func (f files) set(fd int32, s Stream, closeOnExec bool) {
	if s == 0 {
		delete(f, fd)
		return
	}
	f[fd] = file{s, closeOnExec}
}

// mark sets whether fd is closed at an exec.
func (f files) mark(fd int32, closeOnExec bool) { f.set(fd, f[fd].stream, closeOnExec) }

// each calls do for the descriptors from first to last.
func (f files) each(first, last uint32, do func(fd int32)) {
	for fd := range f {
		if uint32(fd) >= first && uint32(fd) <= last {
			do(fd)
		}
	}
}

func (f files) clone() files { return maps.Clone(f) }

// afterExec are the descriptors of the new program.
func (f files) afterExec() files {
	n := f.clone()
	maps.DeleteFunc(n, func(_ int32, d file) bool { return d.closeOnExec })
	return n
}

// named returns the stream to which thread th gets a new descriptor when it
// opens path.
func (t *Tracker) named(th *thread, path string) Stream {
	switch path {
	case "/dev/tty":
		if th.process.apart {
			return 0
		}
		return Stderr
	case "/dev/stdin":
		return th.files[0].stream
	case "/dev/stdout":
		return th.files[1].stream
	case "/dev/stderr":
		return th.files[2].stream
	}
	if n, ok := strings.CutPrefix(path, "/dev/fd/"); ok {
		return th.files.numbered(n)
	}
	rest, ok := strings.CutPrefix(path, "/proc/")
	if !ok {
		return 0
	}
	who, n, ok := strings.Cut(rest, "/fd/")
	if !ok {
		return 0
	}
	if who == "self" || who == "thread-self" {
		return th.files.numbered(n)
	}
	if pid, err := strconv.Atoi(who); err == nil {
		for _, other := range t.threads {
			if other.process.pid == pid {
				return other.files.numbered(n)
			}
		}
	}
	return 0
}

func (f files) numbered(n string) Stream {
	fd, err := strconv.ParseUint(n, 10, 31)
	if err != nil {
		return 0
	}
	return f[int32(fd)].stream
}
