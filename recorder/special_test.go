package recorder

import (
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
)

// header is the start of an ELF file.
func header(class elf.Class, machine elf.Machine) []byte {
	h := make([]byte, 64)
	copy(h, elf.ELFMAG)
	h[elf.EI_CLASS], h[elf.EI_DATA], h[elf.EI_VERSION] = byte(class), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)
	binary.LittleEndian.PutUint16(h[16:], uint16(elf.ET_EXEC))
	binary.LittleEndian.PutUint16(h[18:], uint16(machine))
	return h
}

func TestIs32Bit(t *testing.T) {
	tests := []struct {
		what string
		head []byte
		want bool
	}{
		{"x86-64", header(elf.ELFCLASS64, elf.EM_X86_64), false},
		{"i386", header(elf.ELFCLASS32, elf.EM_386), true},
		{"x32, which has 32-bit pointers", header(elf.ELFCLASS32, elf.EM_X86_64), true},
		{"ARM", header(elf.ELFCLASS32, elf.EM_ARM), true},
		{"a script", []byte("#!/bin/sh\necho a script is no ELF file\n"), false},
		{"an empty file", nil, false},
		{"half a header", header(elf.ELFCLASS32, elf.EM_386)[:19], false},
		{"the least of a header", header(elf.ELFCLASS32, elf.EM_386)[:20], true},
		{"nearly the magic number", append([]byte("\x7fELG"), header(elf.ELFCLASS32, elf.EM_386)[4:]...), false},
	}
	path := filepath.Join(t.TempDir(), "program")
	for _, tt := range tests {
		if err := os.WriteFile(path, tt.head, 0o700); err != nil {
			t.Fatal(err)
		}
		if got := Is32Bit(path); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.what, got, tt.want)
		}
	}
	for _, path := range []string{path + "-missing", filepath.Dir(path)} {
		if Is32Bit(path) {
			t.Errorf("%s is a 32-bit program", path)
		}
	}
}

func TestReadString(t *testing.T) {
	withStub(t, func(stub tracee.Stopped) error {
		const end = tracee.AreaEnd
		if err := stub.WriteMem(tracee.Data, []byte("/bin/sh\x00-c")); err != nil {
			return err
		}
		if err := stub.WriteMem(end-4, []byte("end\x00")); err != nil {
			return err
		}
		for _, tt := range []struct {
			what string
			addr uint64
			want string
		}{
			{"a path", tracee.Data, "/bin/sh"},
			{"a path before unmapped memory", end - 4, "end"},
			{"a path without an end", end - 1 - 4096, ""},
			{"no memory", end, ""},
			{"no address", 0, ""},
		} {
			if got := readString(stub, tt.addr); got != tt.want {
				t.Errorf("%s: %q, want %q", tt.what, got, tt.want)
			}
		}
		return nil
	})
}

func TestRestartResults(t *testing.T) {
	for result, want := range map[int64]bool{
		0: false, 1: false, -int64(unix.EINTR): false, -511: false,
		-512: true, // ERESTARTSYS
		-513: true, // ERESTARTNOINTR
		-514: true, // ERESTARTNOHAND
		-516: true, // ERESTART_RESTARTBLOCK
		-517: false, -4096: false,
	} {
		if tracee.IsRestart(result) != want {
			t.Errorf("result %d restarts the call: %v", result, !want)
		}
	}
}
