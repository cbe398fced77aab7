package x86

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"unsafe"
)

// A cpu executes single instructions on this machine's processor, in a process of testdata/cpu.c.
type cpu struct {
	t       testing.TB
	in      io.Writer
	out     io.Reader
	batch   []cpuRequest
	pending []func(*cpuAnswer) // by place in batch
}

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

// What testdata/cpu.c has where.
const (
	codeEnd  = 0x100000000000 + 4096
	dataPage = 0x200000000000
	dataEnd  = dataPage + 4096
	operand  = dataEnd - 64 // where registers point to
	cpuBatch = 256
)

func newCPU(t testing.TB) *cpu {
	t.Helper()
	program := filepath.Join(t.TempDir(), "cpu")
	gcc := exec.Command("gcc", "-O2", "-fno-stack-protector", "-Wall", "-Werror", "-o", program, "testdata/cpu.c")
	if out, err := gcc.CombinedOutput(); err != nil {
		if _, missing := err.(*exec.Error); missing {
			t.Skip(err)
		}
		t.Fatalf("gcc: %v\n%s", err, out)
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
	return &cpu{t: t, in: in, out: out}
}

// do queues a request; f gets the answer, soon or when flush is called.
func (c *cpu) do(r *cpuRequest, f func(*cpuAnswer)) {
	c.batch = append(c.batch, *r)
	c.pending = append(c.pending, f)
	if len(c.batch) == cpuBatch {
		c.round()
	}
}

// flush waits for all answers.
func (c *cpu) flush() {
	for len(c.batch) > 0 { // an answer may lead to a request
		c.round()
	}
}

func (c *cpu) round() {
	batch, pending := c.batch, c.pending
	c.batch, c.pending = nil, nil
	count := uint64(len(batch))
	answers := make([]cpuAnswer, count)
	var message bytes.Buffer
	message.Write(unsafe.Slice((*byte)(unsafe.Pointer(&count)), 8))
	message.Write(unsafe.Slice((*byte)(unsafe.Pointer(&batch[0])), int(unsafe.Sizeof(batch[0]))*len(batch)))
	if _, err := c.in.Write(message.Bytes()); err != nil {
		c.t.Fatal("executing instructions: ", err)
	}
	size := int(unsafe.Sizeof(answers[0])) * len(answers)
	if _, err := io.ReadFull(c.out, unsafe.Slice((*byte)(unsafe.Pointer(&answers[0])), size)); err != nil {
		c.t.Fatal("executing instructions: ", err)
	}
	for i, f := range pending {
		f(&answers[i])
	}
}

// request makes registers and memory for an instruction: pointers to the operand, and numbers.
func request(r *rand.Rand, code []byte, length int) *cpuRequest {
	q := &cpuRequest{Length: uint64(length), Protection: syscall.PROT_READ | syscall.PROT_WRITE, Flags: 0x202}
	copy(q.Code[:], code)
	for i := range q.Regs {
		switch r.IntN(3) {
		case 0:
			q.Regs[i] = operand
		case 1:
			q.Regs[i] = uint64(r.IntN(70))
		default:
			q.Regs[i] = r.Uint64()
		}
	}
	q.Regs[1] = uint64(r.IntN(40))         // rcx counts
	for _, i := range []int{4, 6, 7, 15} { // rsp, rsi, rdi; r15 is rdi with REX.B
		q.Regs[i] = operand
	}
	for i := range q.Window {
		q.Window[i] = byte(r.Uint32())
	}
	return q
}

// undefined: the processor raised #UD.
func (a *cpuAnswer) undefined() bool { return a.Signal == uint64(syscall.SIGILL) && a.RIP == 0 }

// incomplete: the instruction does not end with the page.
func (a *cpuAnswer) incomplete() bool {
	return a.Signal == uint64(syscall.SIGSEGV) && a.RIP == 0 && a.Address == codeEnd
}

// protection: the processor raised #GP.
func (a *cpuAnswer) protection() bool {
	const kernel = 0x80 // SI_KERNEL
	return a.Signal == uint64(syscall.SIGSEGV) && a.Code == kernel
}

// dataFault: the instruction used the data page, or what is near, and could not.
func (a *cpuAnswer) dataFault() bool {
	return a.Signal == uint64(syscall.SIGSEGV) && !a.protection() && a.Address-dataPage < 16*4096
}

// completed: the instruction was executed.
func (a *cpuAnswer) completed(i *Inst) bool {
	if i.Flow != Next {
		return a.Signal == uint64(syscall.SIGTRAP)
	}
	return a.Signal == uint64(syscall.SIGSEGV) && a.RIP == uint64(i.Len) && a.Address == codeEnd
}

// harmless reports whether an instruction can be executed in testdata/cpu.c: not system calls, loads
// of segment registers and of the base of fs, calls of a hypervisor, and wrpkru.
func harmless(i *Inst) bool {
	if i.Flow == Far || i.Flow == SystemCall || i.Prefixes&PrefixFS != 0 {
		return false
	}
	if i.Encoding != Legacy {
		return true
	}
	switch i.Map {
	case OneByte:
		return i.Opcode != 0x8e
	case Map0F:
		switch i.Opcode {
		case 0x34, 0x37, 0xa1, 0xa9, 0xb2, 0xb4, 0xb5: // sysenter, getsec, pop fs, pop gs, lss, lfs, lgs
			return false
		case 0x01:
			return i.ModRM != 0xc1 && i.ModRM != 0xd4 && i.ModRM != 0xd9 && i.ModRM != 0xef
		case 0xae:
			return i.ModRM < 0xd0 || i.ModRM > 0xdf || i.Prefixes&PrefixRep == 0 // wrfsbase, wrgsbase
		}
	}
	return true
}
