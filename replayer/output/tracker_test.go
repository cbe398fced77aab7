package output

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// program makes the events of a recorded program, whose memory is one block,
// and holds what the Tracker showed.
type program struct {
	tracker *Tracker
	memory  [16 << 10]byte
	used    uint64
	shown   strings.Builder // 1> or 2> before each piece
}

const (
	first  = 100 // thread and process
	second = 200
	base   = 0x10000
)

func start() *program {
	p := &program{}
	p.tracker = New(func(to Stream, content []byte) {
		p.shown.WriteString(map[Stream]string{Stdout: "1>", Stderr: "2>"}[to])
		p.shown.Write(content)
	})
	p.begin()
	return p
}

func (p *program) begin() {
	p.event(trace.Event{Kind: trace.Exec, TID: first, Thread: &trace.ThreadInfo{Parent: first, PID: first, Space: 1}})
}

func (p *program) event(e trace.Event) { p.tracker.Observe(&e, 0, p.read) }

func (p *program) read(addr uint64, to []byte) error {
	if addr < base || addr+uint64(len(to)) > base+uint64(len(p.memory)) {
		return errors.New("no such memory")
	}
	copy(to, p.memory[addr-base:])
	return nil
}

// put puts data into memory and returns its address.
func (p *program) put(data string) uint64 {
	at := p.used
	copy(p.memory[at:], data)
	p.used += uint64(len(data)+15) &^ 7 // with a zero byte
	return base + at
}

func (p *program) words(words ...uint64) uint64 {
	var data []byte
	for _, w := range words {
		data = binary.LittleEndian.AppendUint64(data, w)
	}
	return p.put(string(data))
}

func (p *program) vector(parts ...string) uint64 {
	var words []uint64
	for _, s := range parts {
		words = append(words, p.put(s), uint64(len(s)))
	}
	return p.words(words...)
}

func registers(nr int, args []uint64) tracee.Regs {
	r := tracee.Regs{OrigRax: uint64(nr), Rip: 0x401002}
	for i, a := range args {
		r.SetArg(i, a)
	}
	return r
}

// call is a system call that returns at once.
func (p *program) call(tid, nr int, result int64, args ...uint64) {
	e := trace.Event{Kind: trace.Syscall, TID: tid, Before: registers(nr, args)}
	e.After = e.Before
	e.After.Rax = uint64(result)
	p.event(e)
}

func (p *program) enter(tid, nr int, args ...uint64) {
	r := registers(nr, args)
	p.event(trace.Event{Kind: trace.Enter, TID: tid, Before: r, After: r})
}

func (p *program) leave(tid int, result int64) {
	p.event(trace.Event{Kind: trace.Return, TID: tid, After: tracee.Regs{Rax: uint64(result)}})
}

func (p *program) write(tid int, fd uint64, text string) {
	p.call(tid, unix.SYS_WRITE, int64(len(text)), fd, p.put(text), uint64(len(text)))
}

// clone makes the second thread.
func (p *program) clone(flags uint64, pid int) {
	p.enter(first, unix.SYS_CLONE, flags)
	p.thread(pid)
}

func (p *program) thread(pid int) {
	p.event(trace.Event{Kind: trace.Thread, TID: second, Thread: &trace.ThreadInfo{Parent: first, PID: pid, Space: 2}})
	p.leave(first, second)
}

func (p *program) exec(tid int) {
	p.enter(tid, unix.SYS_EXECVE)
	p.event(trace.Event{Kind: trace.Exec, TID: tid, Thread: &trace.ThreadInfo{Parent: tid, PID: tid, Space: 3}})
}

// open opens a path, and says that the descriptor is fd.
func (p *program) open(tid int, path string, flags, fd uint64) {
	p.call(tid, unix.SYS_OPENAT, int64(fd), 0xffffff9c, p.put(path), flags)
}

var cases = []struct {
	name string
	do   func(p *program)
	want string
}{
	{"streams", func(p *program) {
		p.write(first, 1, "a")
		p.write(first, 2, "b")
		p.write(first, 3, "c")
		p.write(first, 0, "d")
		p.write(first, 1, "e")
	}, "1>a2>b1>e"},
	{"partial", func(p *program) {
		p.call(first, unix.SYS_WRITE, 3, 1, p.put("abcdef"), 6)
		p.call(first, unix.SYS_WRITE, -int64(unix.EAGAIN), 1, p.put("ghi"), 3)
		p.call(first, unix.SYS_WRITE, 0, 1, p.put(""), 0)
	}, "1>abc"},
	{"waits", func(p *program) {
		at := p.put("abcdef")
		p.enter(first, unix.SYS_WRITE, 1, at, 6)
		p.write(first+1, 1, "nobody's")
		copy(p.memory[at-base:], "XXXXXX")
		p.write(second, 1, "unknown thread")
		p.leave(first, 4)
		p.leave(first, 4) // of nothing
	}, "1>abcd"},
	{"taken back", func(p *program) {
		r := registers(unix.SYS_WRITE, []uint64{1, p.put("abc"), 3})
		after := r
		after.Rip -= 2
		p.event(trace.Event{Kind: trace.Enter, TID: first, Before: r, After: after})
		p.write(first, 1, "abc")
	}, "1>abc"},
	{"interrupted", func(p *program) {
		at := p.put("abc")
		p.enter(first, unix.SYS_WRITE, 1, at, 3)
		p.leave(first, -512)
		p.event(trace.Event{Kind: trace.Restart, TID: first})
		p.enter(first, unix.SYS_WRITE, 1, at, 3)
		p.leave(first, 3)
	}, "1>abc"},
	{"vectors", func(p *program) {
		v := p.vector("ab", "", "cd", "ef")
		p.call(first, unix.SYS_WRITEV, 5, 1, v, 4)
		p.call(first, unix.SYS_PWRITEV2, 6, 1, v, 4, ^uint64(0))
		p.enter(first, unix.SYS_PWRITEV, 2, v, 4, 100)
		p.leave(first, 3)
		p.call(first, unix.SYS_PWRITE64, 2, 1, p.put("gh"), 2, 7)
		p.call(first, unix.SYS_VMSPLICE, 2, 1, v, 1, 0)
		p.call(first, unix.SYS_SENDTO, 1, 1, p.put("s"), 1, 0)
		p.call(first, unix.SYS_SENDMSG, 6, 2, p.words(0, 0, v, 4), 0)
	}, "1>abcde1>abcdef2>abc1>gh1>ab1>s2>abcdef"},
	{"duplicates", func(p *program) {
		p.call(first, unix.SYS_DUP, 5, 1)
		p.call(first, unix.SYS_DUP2, 1, 9, 1) // a file
		p.write(first, 1, "hidden")
		p.write(first, 5, "a")
		p.call(first, unix.SYS_DUP3, 2, 5, 2, unix.O_CLOEXEC)
		p.write(first, 2, "b")
		p.call(first, unix.SYS_FCNTL, 10, 5, unix.F_DUPFD, 10)
		p.write(first, 10, "c")
		p.call(first, unix.SYS_DUP2, -int64(unix.EBADF), 30, 10)
		p.call(first, unix.SYS_DUP2, 10, 10, 10)
		p.write(first, 10, "d")
	}, "1>a1>b1>c1>d"},
	{"closed", func(p *program) {
		p.call(first, unix.SYS_CLOSE, 0, 1)
		p.open(first, "/tmp/x", unix.O_WRONLY, 1)
		p.write(first, 1, "hidden")
		p.write(first, 2, "a")
		p.call(first, unix.SYS_CLOSE, -int64(unix.EINTR), 2)
		p.write(first, 2, "hidden")
	}, "2>a"},
	{"closed while another opens", func(p *program) {
		p.clone(unix.CLONE_VM|unix.CLONE_FILES|unix.CLONE_THREAD, first)
		p.call(first, unix.SYS_DUP, 5, 1)
		p.enter(first, unix.SYS_CLOSE, 5)
		p.call(second, unix.SYS_DUP, 5, 2)
		p.leave(first, 0)
		p.write(first, 5, "a")
	}, "2>a"},
	{"exec", func(p *program) {
		p.call(first, unix.SYS_FCNTL, 5, 1, unix.F_DUPFD_CLOEXEC, 5)
		p.call(first, unix.SYS_FCNTL, 6, 2, unix.F_DUPFD_CLOEXEC, 6)
		p.call(first, unix.SYS_FCNTL, 0, 6, unix.F_SETFD, 0)
		p.call(first, unix.SYS_DUP, 7, 1)
		p.call(first, unix.SYS_IOCTL, 0, 7, 0x5451)
		p.call(first, unix.SYS_FCNTL, 8, 2, unix.F_DUPFD_CLOEXEC, 8)
		p.call(first, unix.SYS_IOCTL, 0, 8, 0x5450)
		p.exec(first)
		for fd := range uint64(10) {
			p.write(first, fd, string(rune('0'+fd)))
		}
	}, "1>12>22>62>8"},
	{"fork", func(p *program) {
		p.clone(0, second)
		p.call(second, unix.SYS_DUP2, 1, 2, 1)
		p.write(second, 1, "child")
		p.write(first, 1, "parent")
	}, "2>child1>parent"},
	{"shared descriptors", func(p *program) {
		p.enter(first, unix.SYS_CLONE3, p.words(unix.CLONE_FILES|unix.CLONE_VM, 0), 88)
		p.thread(second)
		p.call(second, unix.SYS_DUP2, 1, 2, 1)
		p.write(first, 1, "both")
		p.call(second, unix.SYS_UNSHARE, 0, unix.CLONE_FILES)
		p.call(second, unix.SYS_CLOSE, 0, 1)
		p.write(second, 1, "hidden")
		p.write(first, 1, "own")
	}, "2>both2>own"},
	{"close_range", func(p *program) {
		p.clone(unix.CLONE_VM|unix.CLONE_FILES|unix.CLONE_THREAD, first)
		p.call(first, unix.SYS_DUP, 5, 1)
		p.call(second, unix.SYS_CLOSE_RANGE, 0, 2, ^uint64(0), unix.CLOSE_RANGE_UNSHARE)
		p.write(second, 5, "hidden")
		p.write(second, 1, "a")
		p.call(first, unix.SYS_CLOSE_RANGE, 0, 2, 4, unix.CLOSE_RANGE_CLOEXEC)
		p.write(first, 2, "b")
		p.exec(first)
		p.write(first, 2, "hidden")
		p.write(first, 5, "c")
	}, "1>a2>b1>c"},
	{"opened", func(p *program) {
		for i, path := range []string{
			"/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/fd/1", "/proc/self/fd/2", "/proc/thread-self/fd/1",
			"/proc/100/fd/2", "/proc/101/fd/2", "/proc/self/fd/x", "/dev/null", "/proc/self/fd/4294967297", strings.Repeat("/", 70),
		} {
			fd := uint64(10 + i)
			p.open(first, path, unix.O_WRONLY, fd)
			p.write(first, fd, string(rune('a'+i)))
		}
		p.call(first, unix.SYS_OPENAT2, 40, 0xffffff9c, p.put("/dev/stdout"), p.words(unix.O_CLOEXEC|unix.O_WRONLY, 0, 0), 24)
		p.call(first, unix.SYS_OPEN, 41, p.put("/dev/stdout"), unix.O_WRONLY)
		p.call(first, unix.SYS_CREAT, 42, p.put("/dev/stdout"))
		p.exec(first)
		for fd := range uint64(3) {
			p.write(first, 40+fd, string(rune('0'+fd)))
		}
	}, "1>b2>c2>d1>e2>f1>g2>h1>11>2"},
	{"another session", func(p *program) {
		p.clone(0, second)
		p.call(second, unix.SYS_SETSID, second)
		p.open(second, "/dev/tty", unix.O_RDWR, 5)
		p.write(second, 5, "hidden")
		p.open(first, "/dev/tty", unix.O_RDWR, 5)
		p.write(first, 5, "a")
	}, "2>a"},
	{"ended", func(p *program) {
		p.clone(0, second)
		p.event(trace.Event{Kind: trace.Exit, TID: first, Exit: &trace.ExitInfo{}})
		p.write(first, 1, "hidden")
		p.write(second, 1, "a")
	}, "1>a"},
	{"another pass", func(p *program) {
		p.write(first, 1, "a")
		p.enter(first, unix.SYS_EXECVE)
		p.begin()
		p.write(first, 1, "a")
		p.enter(first, unix.SYS_EXECVE)
		p.leave(first, -int64(unix.ENOENT))
		p.write(first, 1, "b")
	}, "1>a1>b"},
}

func TestTracker(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := start()
			c.do(p)
			if diff := cmp.Diff(c.want, p.shown.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if n := p.tracker.Omitted(); len(n) > 0 {
				t.Errorf("omitted: %v", n)
			}
			if p.tracker.Differs() {
				t.Error("differs")
			}
		})
	}
}

// TestOmitted lets the kernel copy, and writes from memory that is not there.
func TestOmitted(t *testing.T) {
	p := start()
	p.call(first, unix.SYS_SENDFILE, 10, 1, 3, 0, 100)
	p.call(first, unix.SYS_SENDFILE, 10, 4, 3, 0, 100)
	p.call(first, unix.SYS_SPLICE, 20, 3, 0, 2, 0, 100)
	p.call(first, unix.SYS_TEE, 30, 3, 1, 100)
	p.call(first, unix.SYS_COPY_FILE_RANGE, 40, 3, 0, 1, 0, 100)
	p.call(first, unix.SYS_COPY_FILE_RANGE, -int64(unix.EINVAL), 3, 0, 1, 0, 100)
	end := base + uint64(len(p.memory))
	copy(p.memory[end-base-5:], "hello")
	p.call(first, unix.SYS_WRITE, 1000, 1, end-5, 1000)
	p.enter(first, unix.SYS_WRITE, 2, end-5, 1000)
	p.leave(first, 5)
	p.call(first, unix.SYS_WRITEV, 3, 1, 0x77, 1)
	want := map[uint64]uint64{
		unix.SYS_SENDFILE: 10, unix.SYS_SPLICE: 20, unix.SYS_TEE: 30, unix.SYS_COPY_FILE_RANGE: 40,
		unix.SYS_WRITE: 995, unix.SYS_WRITEV: 3,
	}
	if diff := cmp.Diff(want, p.tracker.Omitted()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := p.shown.String(); got != "1>hello2>hello" {
		t.Errorf("shown: %q", got)
	}
}

// TestPassDiffers has a second pass with other output than the first.
func TestPassDiffers(t *testing.T) {
	p := start()
	p.write(first, 1, "wrong")
	p.begin()
	p.write(first, 1, "right")
	p.write(first, 1, "next")
	if got := p.shown.String(); got != "1>wrong1>next" {
		t.Errorf("shown: %q", got)
	}
	if !p.tracker.Differs() {
		t.Error("the difference was not noticed")
	}
	if n := p.tracker.Events(); n != 3 {
		t.Errorf("%d events", n)
	}
}

// TestLong writes more than is read at once.
func TestLong(t *testing.T) {
	const size = maxKept + 3*pieceSize/2 // more than a call keeps
	content := func(addr uint64) byte { return byte(addr ^ addr>>8 ^ addr>>16) }
	read := func(addr uint64, p []byte) error {
		for i := range p {
			p[i] = content(addr + uint64(i))
		}
		return nil
	}
	var at, pieces uint64
	tracker := New(func(_ Stream, p []byte) {
		pieces++
		for _, b := range p {
			if b != content(base+at) {
				t.Fatalf("byte %d is wrong", at)
			}
			at++
		}
	})
	observe := func(e trace.Event) { tracker.Observe(&e, first, read) }
	observe(trace.Event{Kind: trace.Exec, TID: first, Thread: &trace.ThreadInfo{Parent: first, PID: first, Space: 1}})
	r := registers(unix.SYS_WRITE, []uint64{1, base, size + 1000})
	observe(trace.Event{Kind: trace.Enter, TID: first, Before: r, After: r})
	observe(trace.Event{Kind: trace.Return, TID: first, After: tracee.Regs{Rax: size}})
	if at != size || pieces != size/pieceSize+1 {
		t.Errorf("%d bytes in %d pieces, want %d in %d", at, pieces, size, size/pieceSize+1)
	}
}
