package recorder

import (
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/internal/tracee"
)

// The stub's memory as the scout's tests use it: code, a page of data, a stack.
const (
	codeAt  = tracee.Data
	dataAt  = codeAt + 2*memmap.PageSize
	stackAt = dataAt + memmap.PageSize
	stackSP = stackAt + memmap.PageSize - 64
)

// stubThread is a thread whose memory has the given code, and words of data.
func stubThread(t *testing.T, stub tracee.Stopped, code map[uint64]string, words map[uint64]uint64) *thread {
	t.Helper()
	th := &thread{tid: stub.TID(), stopped: stub, space: &space{}}
	th.space.maps.Add(memmap.Mapping{Start: codeAt, End: dataAt, Prot: unix.PROT_READ | unix.PROT_EXEC})
	th.space.maps.Add(memmap.Mapping{Start: dataAt, End: tracee.AreaEnd, Prot: unix.PROT_READ | unix.PROT_WRITE})
	put := func(addr uint64, b []byte) {
		if err := stub.WriteMem(addr, b); err != nil {
			t.Fatal(err)
		}
	}
	put(codeAt, make([]byte, 4*memmap.PageSize))
	for at, text := range code {
		b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		put(at, b)
	}
	for at, v := range words {
		put(at, binary.LittleEndian.AppendUint64(nil, v))
	}
	return th
}

func TestScout(t *testing.T) {
	const far = codeAt + 0x800
	tests := []struct {
		what    string
		code    map[uint64]string
		words   map[uint64]uint64
		regs    tracee.Regs
		changed []uint64
		used    []uint64
		back    bool
	}{
		{
			what: "the counter of the outer loop, behind an inner one",
			// 1: dec ecx; jne 1b; addq $1, 0x1ff4(%rip); jmp 1b
			code:    map[uint64]string{codeAt: "ffc9 75fc 48830500200000 01 ebf2"},
			changed: []uint64{dataAt + 8}, back: true,
		},
		{
			what: "a system call on the way back",
			code: map[uint64]string{codeAt: "0f05 ebfc"},
		},
		{
			what: "only one of two ways comes back",
			// 1: je 2f; syscall; 2: jmp 1b
			code: map[uint64]string{codeAt: "7402 0f05 ebfa"},
			back: true,
		},
		{
			what: "a pointer in memory: mov 0x10(%rbx), %rax; lea 8(%rax), %rcx; mov %rcx, %rdx; incl (%rdx,%rsi,4); ud2",
			code: map[uint64]string{codeAt: "488b4310 488d4808 4889ca ff04b2 0f0b"},
			regs: tracee.Regs{Rbx: dataAt, Rsi: 2}, words: map[uint64]uint64{dataAt + 0x10: dataAt + 0x100},
			changed: []uint64{dataAt + 0x110}, used: []uint64{dataAt + 0x10},
		},
		{
			what: "into a call and past it; and nothing behind ud2",
			// call far; incl (%rbx); ud2; incl (%rcx) … far: decl 8(%rbx); ret
			code:    map[uint64]string{codeAt: "e8fb070000 ff03 0f0b ff01", far: "ff4b08 c3"},
			regs:    tracee.Regs{Rbx: dataAt, Rcx: dataAt + 0x40},
			changed: []uint64{dataAt, dataAt + 8},
		},
		{
			what: "through a table of pointers: call *0x1ffa(%rip)",
			code: map[uint64]string{codeAt: "ff15fa1f0000 0f0b", far: "ff03 c3"},
			regs: tracee.Regs{Rbx: dataAt + 0x20}, words: map[uint64]uint64{dataAt: far},
			changed: []uint64{dataAt + 0x20}, used: []uint64{dataAt},
		},
		{
			what: "back to the caller, whose frame is found: push %rax; pop %rdx; leave; ret",
			code: map[uint64]string{codeAt: "50 5a c9 c3", far: "ff4500 0f0b"}, // incl (%rbp); ud2
			regs: tracee.Regs{Rbp: stackSP + 16}, words: map[uint64]uint64{stackSP + 16: dataAt + 0x80, stackSP + 24: far},
			changed: []uint64{dataAt + 0x80},
		},
		{
			what: "segment, narrow address, wide operand: incl %fs:8; movl $0, (%ebx); movups %xmm0, -4(%rcx); ud2",
			code: map[uint64]string{codeAt: "64ff042508000000 67c70300000000 0f1141fc 0f0b"},
			regs: tracee.Regs{FsBase: dataAt, Rbx: 1<<32 | dataAt + 0x40, Rcx: dataAt + 0x88},
			// The 16 bytes are noted by their first and last.
			changed: []uint64{dataAt + 8, dataAt + 0x40, dataAt + 0x80, dataAt + 0x90},
		},
		{
			what: "strings: movsb; rep stosb; ud2",
			code: map[uint64]string{codeAt: "a4 f3aa 0f0b"},
			regs: tracee.Regs{Rsi: dataAt, Rdi: dataAt + 0x100}, changed: []uint64{dataAt + 0x100}, used: []uint64{dataAt},
		},
		{
			what:    "an instruction across two pages, and no code where none is",
			code:    map[uint64]string{codeAt: "e9f70f0000", codeAt + 0xffc: "48830500100000 01 e9f91f0000"},
			changed: []uint64{codeAt + 0x2000}, // addq $1, 0x1000(%rip); jmp into the data
		},
	}
	withStub(t, func(stub tracee.Stopped) error {
		for i, tt := range tests {
			th := stubThread(t, stub, tt.code, tt.words)
			tt.regs.Rip, tt.regs.Rsp = codeAt, stackSP
			var s scout
			s.walk(th, &tt.regs, uint64(i+1), scoutSteps)
			for _, l := range []*[]uint64{&s.changed, &s.used} {
				slices.Sort(*l)
			}
			if !slices.Equal(s.changed, tt.changed) || !slices.Equal(s.used, tt.used) || s.back != tt.back {
				t.Errorf("%s: changes %#x, uses %#x, comes back: %v; want %#x, %#x, %v", tt.what, s.changed, s.used, s.back, tt.changed, tt.used, tt.back)
			}
		}
		return nil
	})
}

// A scout keeps what it found while no thread runs, and looks anew afterwards.
func TestScoutMoments(t *testing.T) {
	withStub(t, func(stub tracee.Stopped) error {
		th := stubThread(t, stub, map[uint64]string{codeAt: "488b03 ff00 0f0b"}, map[uint64]uint64{dataAt: dataAt + 8})
		regs := tracee.Regs{Rip: codeAt, Rbx: dataAt} // mov (%rbx), %rax; incl (%rax)
		var s scout
		for moment, want := range []uint64{1: dataAt + 8, 2: dataAt + 0x100} {
			if want == 0 {
				continue
			}
			if err := stub.WriteMem(dataAt, binary.LittleEndian.AppendUint64(nil, want)); err != nil {
				return err
			}
			for range 2 {
				s.walk(th, &regs, uint64(moment), scoutSteps)
				if !slices.Equal(s.changed, []uint64{want}) {
					t.Errorf("moment %d: %#x changes, want %#x", moment, s.changed, want)
				}
			}
		}
		return nil
	})
}

func TestPCSet(t *testing.T) {
	var s pcSet
	for i := range uint64(scoutSteps) {
		if !s.add(0x400000+i*3) || s.add(0x400000+i*3) {
			t.Fatalf("address %d is known before it is added, or not known afterwards", i)
		}
	}
}

func TestMidway(t *testing.T) {
	withStub(t, func(stub tracee.Stopped) error {
		for code, want := range map[string]uint64{
			"f3aa": 2, "f348a5": 3, "66f2a7": 3, // rep stosb, rep movsq, repne cmpsw
			"aa": 0, "f390": 0, "f30f1efa": 0, "90": 0, "0f0b": 0, // stosb, pause, endbr64, nop, ud2
		} {
			th := stubThread(t, stub, map[uint64]string{codeAt: code}, nil)
			to, mid := new(recorder).midway(th, &tracee.Regs{Rip: codeAt})
			if mid != (want != 0) || mid && to != codeAt+want {
				t.Errorf("%s: %#x, %v; want %d bytes on", code, to, mid, want)
			}
		}
		if to, mid := new(recorder).midway(&thread{}, &tracee.Regs{Rip: 0xffffffffff600400}); !mid || to != 0 {
			t.Errorf("in the vsyscall page: %#x, %v", to, mid)
		}
		return nil
	})
}

func TestLook(t *testing.T) {
	withStub(t, func(stub tracee.Stopped) error {
		th := stubThread(t, stub, nil, nil)
		var r recorder
		regs := tracee.Regs{Rip: 0x1000, Rsp: stackSP, Rax: 1, Rcx: 2}
		look := func(what string, want bool) {
			t.Helper()
			if got := r.look(th, &regs); got != want {
				t.Errorf("%s: waits %v, want %v", what, got, want)
			}
		}
		look("at first", false)
		regs.Rip, regs.Eflags = 0x1010, 0x246
		look("elsewhere with the same registers", true)
		regs.Rax++
		look("one register has changed", true)
		regs.Rax++
		regs.Rcx++
		look("two registers have changed", false)
		look("as before", true)
		if err := stub.WriteMem(stackSP+8, []byte{1}); err != nil {
			return err
		}
		look("the stack has changed", false)
		return nil
	})
}
