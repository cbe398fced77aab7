package x86

import (
	"bufio"
	"bytes"
	"debug/elf"
	"os/exec"
	"strconv"
	"testing"
)

// A listed instruction is one line of objdump's output.
type listed struct {
	address uint64
	bytes   []byte
	text    string
}

// objdump runs objdump with arguments and calls f for every instruction.
func objdump(t testing.TB, f func(listed), arguments ...string) {
	t.Helper()
	command := exec.Command("objdump", append([]string{"-d", "-z", "--insn-width=16", "-M", "intel64"}, arguments...)...)
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Skip("no objdump:", err)
	}
	scanner := bufio.NewScanner(out)
	var buffer [16]byte
	for scanner.Scan() {
		// "  2a6f0:\tf3 0f 1e fa          \tendbr64"
		line := scanner.Bytes()
		address, rest, ok := bytes.Cut(line, []byte(":\t"))
		if !ok {
			continue
		}
		hex, text, _ := bytes.Cut(rest, []byte("\t"))
		a, err := strconv.ParseUint(string(bytes.TrimSpace(address)), 16, 64)
		if err != nil {
			continue
		}
		l := listed{address: a, text: string(text), bytes: buffer[:0]}
		for len(hex) >= 2 && hex[0] != ' ' {
			l.bytes = append(l.bytes, unhex(hex[0])<<4|unhex(hex[1]))
			hex = hex[min(3, len(hex)):]
		}
		f(l)
	}
	if err := command.Wait(); err != nil {
		t.Fatal(err)
	}
}

func unhex(c byte) byte { return c&15 + c>>6*9 }

// textSection is the .text of an ELF file, and its address.
func textSection(t testing.TB, file string) ([]byte, uint64) {
	f, err := elf.Open(file)
	if err != nil {
		t.Skip("not installed:", err)
	}
	defer f.Close()
	s := f.Section(".text")
	data, err := s.Data()
	if err != nil {
		t.Fatal(err)
	}
	return data, s.Addr
}

func BenchmarkDecode(b *testing.B) {
	code, _ := textSection(b, "/usr/lib/x86_64-linux-gnu/libc.so.6")
	var inst Inst
	b.ReportAllocs()
	for n := 0; n < b.N; {
		for at := 0; at < len(code) && n < b.N; n++ {
			if Decode(code[at:], &inst) == nil {
				at += int(inst.Len)
			} else {
				at++
			}
		}
	}
}
