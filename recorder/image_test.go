package recorder

import (
	"encoding/binary"
	"slices"
	"testing"

	"stepback/internal/tracee"
)

// The address of the vDSO is taken out of the auxiliary vector, and nothing
// else of the new program's stack is changed.
func TestHideVDSO(t *testing.T) {
	const sp, vdso = tracee.Data + 0x40, 0x7ffff7fc1000
	tests := []struct {
		what  string
		stack []uint64
		hides int // index of the word that becomes AT_IGNORE, -1 for none
	}{
		{"as the kernel builds it", []uint64{2, 0x100, 0x200, 0, 0x300, 0x400, 0, 33, vdso, 51, 0xd30, 0, 0}, 7},
		{"not the first entry", []uint64{1, 0x100, 0, 0, 16, 0xbfebfbff, 6, 4096, 33, vdso, 0, 0}, 8},
		{"without arguments", []uint64{0, 0, 0, 33, vdso, 0, 0}, 3},
		{"a value that looks like the tag", []uint64{0, 0, 33, 0, 6, 33, 33, vdso, 0, 0}, 6},
		{"no vDSO", []uint64{1, 0x100, 0, 0, 6, 4096, 0, 0}, -1},
		{"behind the end", []uint64{1, 0x100, 0, 0, 0, 0, 33, vdso}, -1},
	}
	withStub(t, func(stub tracee.Stopped) error {
		for _, tt := range tests {
			var raw []byte
			for _, w := range tt.stack {
				raw = binary.LittleEndian.AppendUint64(raw, w)
			}
			if err := stub.WriteMem(sp, raw); err != nil {
				return err
			}
			if err := hideVDSO(stub, sp); err != nil {
				t.Errorf("%s: %v", tt.what, err)
			}
			if err := stub.ReadMem(sp, raw); err != nil {
				return err
			}
			want := slices.Clone(tt.stack)
			if tt.hides >= 0 {
				want[tt.hides] = 1 // AT_IGNORE
			}
			var got []uint64
			for ; len(raw) > 0; raw = raw[8:] {
				got = append(got, binary.LittleEndian.Uint64(raw))
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %#x, want %#x", tt.what, got, want)
			}
		}
		if err := hideVDSO(stub, tracee.AreaEnd-8); err == nil {
			t.Error("a stack that ends too early is no error")
		}
		return nil
	})
}

func TestPrivatePages(t *testing.T) {
	withStub(t, func(stub tracee.Stopped) error {
		if err := stub.WriteMem(tracee.Data+0x1000, []byte{1}); err != nil {
			return err
		}
		var p [1]byte
		if err := stub.ReadMem(tracee.Data+0x3000, p[:]); err != nil {
			return err
		}
		got, err := tracee.PrivatePages(stub.TID(), tracee.Data, tracee.Data+0x4000)
		if want := []bool{false, true, false, false}; err == nil && !slices.Equal(got[:3], want[:3]) {
			t.Errorf("private are %v, want %v", got, want)
		}
		return err
	})
}
