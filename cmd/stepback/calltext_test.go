package main

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestCallText(t *testing.T) {
	minus1 := ^uint64(0)
	for _, c := range []struct {
		nr   int
		args []uint64
		want string
	}{
		{unix.SYS_READ, []uint64{3, 0x7ffd1000, 832}, "read(3, 0x7ffd1000, 832)"},
		{unix.SYS_OPENAT, []uint64{0xffffff9c, 0x1000, 0x80000, 0o644}, "openat(AT_FDCWD, 0x1000, 0x80000, 0644)"},
		{unix.SYS_CLOSE, []uint64{0xffffffff}, "close(-1)"},
		{unix.SYS_WAIT4, []uint64{0xffffffff, 0, 0, 0}, "wait4(-1, 0, 0, 0)"},
		{unix.SYS_LSEEK, []uint64{3, 0xffffffff, 0}, "lseek(3, 4294967295, 0)"},
		{unix.SYS_LSEEK, []uint64{3, minus1, 1}, "lseek(3, -1, 1)"},
		{unix.SYS_KILL, []uint64{7, 9}, "kill(7, SIGKILL)"},
		{unix.SYS_KILL, []uint64{7, 0}, "kill(7, 0)"},
		{unix.SYS_IOCTL, []uint64{1, unix.TIOCGWINSZ, 0x1000}, "ioctl(1, TIOCGWINSZ, 0x1000)"},
		{unix.SYS_IOCTL, []uint64{1, 0x12345, 0x1000}, "ioctl(1, 0x12345, 0x1000)"},
		{unix.SYS_SYNC, nil, "sync()"},
		{999, nil, "syscall_999()"},
	} {
		r := inCall(c.nr, c.args...)
		if got := callText(&r); got != c.want {
			t.Errorf("number %d: %s, want %s", c.nr, got, c.want)
		}
	}
	none := outside(0)
	if got := callText(&none); got != "a call" {
		t.Errorf("no call: %s", got)
	}
}

func TestResultText(t *testing.T) {
	for _, c := range []struct {
		nr     uint64
		result int64
		want   string
	}{
		{unix.SYS_READ, 832, "832"},
		{unix.SYS_READ, 0, "0"},
		{unix.SYS_READ, -int64(unix.ENOENT), "-1 ENOENT"},
		{unix.SYS_READ, -512, "-1 ERESTARTSYS"},
		{unix.SYS_READ, -516, "-1 ERESTART_RESTARTBLOCK"},
		{unix.SYS_READ, -4000, "-1 error 4000"},
		{unix.SYS_READ, -4096, "-4096"},
		{unix.SYS_MMAP, 0x7f0000001000, "0x7f0000001000"},
		{unix.SYS_MUNMAP, 0, "0"},
		{unix.SYS_LSEEK, 1 << 40, "1099511627776"},
		{noCall, 1, "1"},
	} {
		if got := resultText(c.nr, uint64(c.result)); got != c.want {
			t.Errorf("result %d of call %d: %s, want %s", c.result, c.nr, got, c.want)
		}
	}
}

func TestSignalName(t *testing.T) {
	for n, want := range map[int]string{11: "SIGSEGV", 34: "SIGRTMIN+0", 64: "SIGRTMIN+30", 0: "0", 32: "32", 65: "65", -1: "-1"} {
		if got := signalName(n); got != want {
			t.Errorf("signal %d: %s, want %s", n, got, want)
		}
	}
}
