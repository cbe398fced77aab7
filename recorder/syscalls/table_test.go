package syscalls

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// The table has every number of this machine's kernel headers, under the same name.
func TestTableHasEveryCallOfTheHeaders(t *testing.T) {
	const header = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"
	text, err := os.ReadFile(header)
	if err != nil {
		t.Skipf("no kernel headers here: %v", err)
	}
	found := 0
	for _, m := range regexp.MustCompile(`(?m)^#define __NR_(\w+) (\d+)`).FindAllStringSubmatch(string(text), -1) {
		found++
		nr, _ := strconv.ParseUint(m[2], 10, 32)
		if c := Lookup(nr); c.Name != m[1] || c.Nr != int(nr) {
			t.Errorf("%s is %d, but the table has %q there", m[1], nr, c.Name)
		}
	}
	if found < 300 {
		t.Errorf("only %d calls in %s", found, header)
	}
}

// Calls newer than any header one may have installed.
func TestTableHasTheNewestCalls(t *testing.T) {
	for nr, name := range map[uint64]string{
		unix.SYS_CACHESTAT: "cachestat", unix.SYS_FCHMODAT2: "fchmodat2", unix.SYS_MAP_SHADOW_STACK: "map_shadow_stack",
		unix.SYS_FUTEX_WAKE: "futex_wake", unix.SYS_FUTEX_WAIT: "futex_wait", unix.SYS_FUTEX_REQUEUE: "futex_requeue",
		unix.SYS_STATMOUNT: "statmount", unix.SYS_LISTMOUNT: "listmount", unix.SYS_LSM_GET_SELF_ATTR: "lsm_get_self_attr",
		unix.SYS_LSM_SET_SELF_ATTR: "lsm_set_self_attr", unix.SYS_LSM_LIST_MODULES: "lsm_list_modules", unix.SYS_MSEAL: "mseal",
		unix.SYS_SETXATTRAT: "setxattrat", unix.SYS_GETXATTRAT: "getxattrat", unix.SYS_LISTXATTRAT: "listxattrat",
		unix.SYS_REMOVEXATTRAT: "removexattrat", unix.SYS_OPEN_TREE_ATTR: "open_tree_attr", unix.SYS_FILE_GETATTR: "file_getattr",
		unix.SYS_FILE_SETATTR: "file_setattr", unix.SYS_LISTNS: "listns", unix.SYS_RSEQ_SLICE_YIELD: "rseq_slice_yield",
		unix.SYS_URETPROBE: "uretprobe", unix.SYS_UPROBE: "uprobe",
	} {
		if got := Lookup(nr).Name; got != name {
			t.Errorf("%d is %q, want %q", nr, got, name)
		}
	}
	for nr := range uint64(unix.SYS_RSEQ_SLICE_YIELD + 1) {
		gap := nr > unix.SYS_UPROBE && nr < unix.SYS_PIDFD_SEND_SIGNAL
		if known := calls[nr].Name != ""; known == gap {
			t.Errorf("number %d: known %v, in the gap of the numbering %v", nr, known, gap)
		}
	}
}

func TestEveryRowIsWhole(t *testing.T) {
	names := map[string]int{}
	for _, c := range All() {
		if old, ok := names[c.Name]; ok {
			t.Errorf("%s is both %d and %d", c.Name, old, c.Nr)
		}
		names[c.Name] = c.Nr
		if c.Class < Modelled || c.Class > Unsupported {
			t.Errorf("%s has no class", c.Name)
		}
		if (c.Class == Unsupported) != (c.Errno != 0) {
			t.Errorf("%s: class %v with errno %d", c.Name, c.Class, c.Errno)
		}
		if effects := len(c.outs) > 0 || c.commands != nil; c.Class == Modelled != effects && c.Class != Process && c.Nr != unix.SYS_SETSOCKOPT {
			t.Errorf("%s: class %v, effects %v", c.Name, c.Class, effects)
		}
		if c.unless.kind != never && !c.Blocks {
			t.Errorf("%s never blocks, so there are no exceptions", c.Name)
		}
		if len(c.Params) > 6 {
			t.Errorf("%s has %d parameters", c.Name, len(c.Params))
		}
		for _, e := range c.outs {
			if e.walk == nil && c.Params[e.arg].Kind != Pointer {
				t.Errorf("%s writes through %s, which is no pointer", c.Name, c.Params[e.arg].Name)
			}
			if e.walk == nil && e.size.from != constant && c.Params[e.size.arg].Kind == Pointer {
				t.Errorf("%s takes a size from %s, which is a pointer", c.Name, c.Params[e.size.arg].Name)
			}
		}
		if c.commands != nil {
			for nr, row := range c.commands.rows {
				if row.name == "" || nr != row.nr || nr > 1<<32 && c.commands.format != "%#x" {
					t.Errorf("%s: command %#x is not whole: %+v", c.Name, nr, row)
				}
			}
		}
	}
}

func TestLookupOfUnknownNumbers(t *testing.T) {
	for _, nr := range []uint64{337, 400, 423, 472, 512, 1 << 30, 1<<30 | 1, 1<<64 - 1} {
		c := Lookup(nr)
		if c == nil || c.Class != Unsupported || c.Errno != unix.ENOSYS || !strings.HasPrefix(c.Name, "syscall_") {
			t.Errorf("Lookup(%d) = %+v", nr, c)
		}
		if _, refuse := c.Outputs(nil, nil, [6]uint64{}); refuse != unix.ENOSYS {
			t.Errorf("%s: refuse = %v", c.Name, refuse)
		}
		if c.Refusal(nil, [6]uint64{}) != c.Name {
			t.Errorf("%s is not named", c.Name)
		}
	}
}

func TestMayBlock(t *testing.T) {
	for _, test := range []struct {
		nr   uint64
		args [6]uint64
		want bool
	}{
		{unix.SYS_READ, [6]uint64{}, true},
		{unix.SYS_CLOSE, [6]uint64{}, false},
		{unix.SYS_GETPID, [6]uint64{}, false},
		{unix.SYS_OPENAT, [6]uint64{0, 1, unix.O_RDONLY}, true},
		{unix.SYS_OPENAT, [6]uint64{0, 1, unix.O_NONBLOCK}, false},
		{unix.SYS_POLL, [6]uint64{1, 1, 0xdead0000_00000000}, false},
		{unix.SYS_POLL, [6]uint64{1, 1, 0xffffffff}, true},
		{unix.SYS_WAIT4, [6]uint64{0, 0, unix.WNOHANG}, false},
		{unix.SYS_FUTEX, [6]uint64{1, 0 | 128 | 256}, true},
		{unix.SYS_FUTEX, [6]uint64{1, 1 | 128}, false},
		{unix.SYS_FCNTL, [6]uint64{1, unix.F_SETLK}, false},
		{unix.SYS_FCNTL, [6]uint64{1, unix.F_SETLKW}, true},
		{unix.SYS_FCNTL, [6]uint64{1, unix.F_OFD_SETLKW}, true},
		{unix.SYS_IOCTL, [6]uint64{1, unix.TCGETS}, false},
		{unix.SYS_IOCTL, [6]uint64{1, unix.TCSETSW}, true},
		{unix.SYS_IOCTL, [6]uint64{1, 0x12345678}, false},
		{unix.SYS_CLONE, [6]uint64{unix.CLONE_VM}, false},
		{unix.SYS_CLONE, [6]uint64{unix.CLONE_VM | unix.CLONE_VFORK}, true},
		{unix.SYS_FLOCK, [6]uint64{1, unix.LOCK_EX}, true},
		{unix.SYS_FLOCK, [6]uint64{1, unix.LOCK_EX | unix.LOCK_NB}, false},
	} {
		if c := Lookup(test.nr); c.MayBlock(test.args) != test.want {
			t.Errorf("%s%x: MayBlock = %v", c.Name, test.args, !test.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		nr    uint64
		args  [6]uint64
		errno unix.Errno
		name  string
	}{
		{unix.SYS_BPF, [6]uint64{}, unix.EPERM, "bpf"},
		{unix.SYS_RSEQ, [6]uint64{}, unix.ENOSYS, ""},
		{unix.SYS_IO_URING_SETUP, [6]uint64{}, unix.ENOSYS, "io_uring_setup"},
		{unix.SYS_IOCTL, [6]uint64{0, unix.TIOCSTI}, unix.EPERM, "ioctl TIOCSTI"},
		{unix.SYS_IOCTL, [6]uint64{0, 0xffffffff_00001234}, unix.ENOTTY, "ioctl 0x1234"},
		{unix.SYS_FCNTL, [6]uint64{0, 99}, unix.EINVAL, "fcntl 99"},
		{unix.SYS_PRCTL, [6]uint64{unix.PR_SET_MM}, unix.EPERM, "prctl PR_SET_MM"},
		{unix.SYS_ARCH_PRCTL, [6]uint64{0x1012}, unix.ENODEV, "arch_prctl ARCH_SET_CPUID"},
		{unix.SYS_ARCH_PRCTL, [6]uint64{0x3001}, unix.EINVAL, ""},
		{unix.SYS_FUTEX, [6]uint64{8, 77}, unix.ENOSYS, "futex 77"},
		{unix.SYS_GETSOCKOPT, [6]uint64{0, unix.SOL_TCP, unix.TCP_ZEROCOPY_RECEIVE}, unix.ENOPROTOOPT, "getsockopt TCP_ZEROCOPY_RECEIVE"},
	} {
		c := Lookup(test.nr)
		blocks, errno := c.Outputs(nil, none{}, test.args)
		if errno != test.errno || len(blocks) != 0 || c.Refusal(none{}, test.args) != test.name {
			t.Errorf("%s%x: refuse = %v %q, want %v %q", c.Name, test.args, errno, c.Refusal(none{}, test.args), test.errno, test.name)
		}
	}
}
