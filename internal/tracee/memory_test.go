package tracee

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A failed access says where the first byte is that could not be moved, and
// how many were left.
func TestMemoryError(t *testing.T) {
	withStub(t, func(s *Session, stub Stopped) error {
		const nowhere = 0x7000000
		tests := []struct {
			what  string
			do    func([]byte) error
			n     int
			write bool
			addr  uint64
			left  int
		}{
			{"reading nothing's memory", func(p []byte) error { return stub.ReadMem(nowhere+3, p) }, 16, false, nowhere + 3, 16},
			{"reading over the end", func(p []byte) error { return stub.ReadMem(AreaEnd-10, p) }, 30, false, AreaEnd, 20},
			{"writing nothing's memory", func(p []byte) error { return stub.WriteMem(nowhere+3, p) }, 16, true, nowhere + 3, 16},
			{"writing over the end", func(p []byte) error { return stub.WriteMem(AreaEnd-10, p) }, 30, true, AreaEnd, 20},
			{"writing code", func(p []byte) error { return stub.WriteMem(AreaStart+0x800, p) }, 16, true, AreaStart + 0x800, 16},
			{"reading the kernel's memory", func(p []byte) error { return stub.ReadMem(1<<63, p) }, 8, false, 1 << 63, 8},
			{"reading the last bytes there are", func(p []byte) error { return stub.ReadMem(^uint64(7), p) }, 8, false, ^uint64(7), 8},
			{"forcing nothing's memory", func(p []byte) error { return stub.ForceMem(nowhere, p) }, 16, true, nowhere, 16},
		}
		for _, tt := range tests {
			err := tt.do(make([]byte, tt.n))
			var m *MemoryError
			if !errors.As(err, &m) {
				t.Errorf("%s: %v, want a MemoryError", tt.what, err)
				continue
			}
			if m.TID != stub.TID() || m.Write != tt.write || m.Addr != tt.addr || m.Len != tt.left {
				t.Errorf("%s: %+v, want address %#x and %d bytes left", tt.what, *m, tt.addr, tt.left)
			}
			verb := map[bool]string{false: "reading", true: "writing"}[tt.write]
			if msg := err.Error(); !strings.Contains(msg, verb) || !strings.Contains(msg, fmt.Sprintf("%#x", tt.addr)) || !strings.Contains(msg, fmt.Sprint(stub.TID())) {
				t.Errorf("%s: the message %q does not say what, where and whose", tt.what, msg)
			}
			if m.Unwrap() == nil {
				t.Errorf("%s: no reason is given", tt.what)
			}
		}
		if got := stub.ReadSome(AreaEnd-10, make([]byte, 30)); got != 10 {
			t.Errorf("ReadSome over the end = %d, want 10", got)
		}
		if err := stub.ReadMem(nowhere, nil); err != nil {
			t.Errorf("reading nothing: %v", err)
		}
		return nil
	})
}

func TestMemoryOverPages(t *testing.T) {
	withStub(t, func(s *Session, stub Stopped) error {
		want := bytes.Repeat([]byte("0123456789abcde"), 1500) // five pages and a bit
		const at = Data + 0x123
		if err := stub.WriteMem(at, want); err != nil {
			return err
		}
		got := make([]byte, len(want))
		if err := stub.ReadMem(at, got); err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			t.Error("read is not what was written")
		}
		return nil
	})
}

// ForceMem reaches what the program may only read, for this process alone.
func TestForceMem(t *testing.T) {
	withStub(t, func(s *Session, stub Stopped) error {
		return s.withCopy(stub, func(c Stopped) error {
			const at = AreaStart + 0x800
			if err := c.ForceMem(at, []byte("forced")); err != nil {
				return err
			}
			var p [6]byte
			if err := c.ReadMem(at, p[:]); err != nil || string(p[:]) != "forced" {
				t.Errorf("forced memory has %q, %v", p, err)
			}
			if err := stub.ReadMem(at, p[:]); err != nil || p != [6]byte{} {
				t.Errorf("the original has %q, %v", p, err)
			}
			maps, err := ReadMaps(c.TID())
			if err != nil {
				return err
			}
			for _, m := range maps {
				if m.Start == AreaStart && m.Prot != unix.PROT_READ|unix.PROT_EXEC {
					t.Errorf("the page's protection became %#x", m.Prot)
				}
			}
			return nil
		})
	})
}
