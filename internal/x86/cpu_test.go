package x86

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"unsafe"
)

// A cpu executes single instructions on this machine's processor, in a process of testdata/cpu.c.
type cpu struct {
	in      *bufio.Writer
	out     io.Reader
	pending []func(*cpuAnswer)
	buffer  bytes.Buffer
	t       testing.TB
}

const (
	codePage = 0x100000000000
	dataPage = 0x200000000000
	dataEnd  = dataPage + 4096
	cpuBatch = 256
)

// cpuRequest and cpuAnswer are as in testdata/cpu.c.
type cpuRequest struct {
	Regs       [16]uint64
	Flags      uint64
	Code       [16]byte
	Window     [128]byte
	Length     uint64
	Protection uint64
}

type cpuAnswer struct {
	Regs                         [16]uint64
	Flags, RIP                   uint64
	Signal, Code, Address, Error uint64
	Window                       [128]byte
	Other                        uint64
}

func newCPU(t testing.TB) *cpu {
	program := filepath.Join(t.TempDir(), "cpu")
	gcc := exec.Command("gcc", "-O2", "-fno-stack-protector", "-o", program, "testdata/cpu.c")
	if out, err := gcc.CombinedOutput(); err != nil {
		t.Skipf("gcc: %v\n%s", err, out)
	}
	command := exec.Command(program)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		command.Wait()
	})
	return &cpu{in: bufio.NewWriter(in), out: out, t: t}
}

// do queues a request; f gets the answer, soon or when flush is called.
func (c *cpu) do(r *cpuRequest, f func(*cpuAnswer)) {
	if r.Protection == ^uint64(0) {
		r.Protection = syscall.PROT_READ | syscall.PROT_WRITE
	}
	c.buffer.Write(unsafe.Slice((*byte)(unsafe.Pointer(r)), unsafe.Sizeof(*r)))
	c.pending = append(c.pending, f)
	if len(c.pending) == cpuBatch {
		c.flush()
	}
}

func (c *cpu) flush() {
	if len(c.pending) == 0 {
		return
	}
	binary.Write(c.in, binary.LittleEndian, uint64(len(c.pending)))
	c.in.Write(c.buffer.Bytes())
	c.buffer.Reset()
	if err := c.in.Flush(); err != nil {
		c.t.Fatal(err)
	}
	answers := make([]cpuAnswer, len(c.pending))
	raw := unsafe.Slice((*byte)(unsafe.Pointer(&answers[0])), len(answers)*int(unsafe.Sizeof(answers[0])))
	if _, err := io.ReadFull(c.out, raw); err != nil {
		c.t.Fatal("the program that executes instructions died: ", err)
	}
	pending := c.pending
	c.pending = nil
	for i, f := range pending {
		f(&answers[i])
	}
}

func BenchmarkCPU(b *testing.B) {
	c := newCPU(b)
	b.ResetTimer()
	for range b.N {
		r := cpuRequest{Length: 1, Protection: 3}
		r.Code[0] = 0x90
		c.do(&r, func(a *cpuAnswer) {})
	}
	c.flush()
}
