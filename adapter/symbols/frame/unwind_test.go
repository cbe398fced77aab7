package frame

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"stepback/internal/tracee"
)

// memory is a process with code at 0x1000 and a stack at 0x8000, and perhaps
// call frame information for the code.
type memory struct {
	code, stack []byte
	table       *Table
}

func (m *memory) Code(pc uint64) (*Table, uint64, bool) {
	return m.table, 0, pc >= 0x1000 && pc < 0x1000+uint64(len(m.code))
}

func (m *memory) Read(addr uint64, p []byte) (int, error) {
	for start, data := range map[uint64][]byte{0x1000: m.code, 0x8000: m.stack} {
		if addr >= start && addr < start+uint64(len(data)) {
			return copy(p, data[addr-start:]), nil
		}
	}
	return 0, nil
}

func words(list ...uint64) (b []byte) {
	for _, n := range list {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	return b
}

func code(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// callers is code that begins with a call, so that 0x1005 is a return address.
const callers = "e8 0b000000 90 90 90 90 90 90 90 90 90 90 90"

// Without call frame information, the caller is guessed.
func TestGuess(t *testing.T) {
	const back = 0x1005
	for _, tt := range []struct {
		what, code string // from 0x1010 on
		pc         uint64
		stack      []uint64
		rbp        uint64
		cfa        uint64 // 0: no caller
		bp         uint64 // in the caller
	}{
		{"at the begin", "55 4889e5 90 5d c3", 0x1010, []uint64{back}, 0x8888, 0x8008, 0x8888},
		{"behind the push", "55 4889e5 90 5d c3", 0x1011, []uint64{0x8888, back}, 0x9999, 0x8010, 0x8888},
		{"in the body", "55 4889e5 90 5d c3", 0x1014, []uint64{0x8888, back}, 0x8000, 0x8010, 0x8888},
		{"at the return", "55 4889e5 90 5d c3", 0x1016, []uint64{back}, 0x8888, 0x8008, 0x8888},
		{"no frame pointer", "4883ec10 90 4883c410 c3", 0x1014, []uint64{1, 2, back}, 7, 0x8018, 7},
		{"before that", "4883ec10 90 4883c410 c3", 0x1010, []uint64{back}, 7, 0x8008, 7},
		{"large frame", "4881ec00010000 488da42400010000 c3", 0x1010, []uint64{back}, 7, 0x8008, 7},
		{"aligned", "55 4889e5 4883e4f0 90 c9 c3", 0x1018, []uint64{1, 2, 3, 0x8888, back}, 0x8018, 0x8028, 0x8888},
		{"restored by lea", "90 488d65f8 5b 5d c3", 0x1010, []uint64{1, 2, 0x33, 0x8888, back}, 0x8018, 0x8028, 0x8888},
		{"a jump on the way", "eb01 f4 c3", 0x1010, []uint64{back}, 7, 0x8008, 7},
		{"a tail call", "4883c408 ff2500000000", 0x1010, []uint64{1, back}, 7, 0x8010, 7},
		{"linkage stub", "ff2500000000", 0x1010, []uint64{back}, 7, 0x8008, 7},
		{"stub with landing pad", "f30f1efa f2ff2500000000", 0x1010, []uint64{back}, 7, 0x8008, 7},
		{"lazy stub", "6801000000 e9e0ffffff", 0x1010, []uint64{back}, 7, 0x8008, 7},
		{"lazy stub, pushed", "6801000000 e9e0ffffff", 0x1015, []uint64{1, back}, 7, 0x8010, 7},
		{"first stub", "ff3500000000 ff2500000000", 0x1010, []uint64{1, back}, 7, 0x8010, 7},
		{"first stub, pushed", "ff3500000000 ff2500000000", 0x1016, []uint64{2, 1, back}, 7, 0x8018, 7},
		{"frame pointer only", "f4 f4 f4 f4", 0x1011, []uint64{5, 0x8888, back}, 0x8008, 0x8018, 0x8888},
		{"a leaf", "f4", 0x1010, []uint64{back}, 0x9999, 0x8008, 0x9999},
		{"nothing", "f4", 0x1010, []uint64{0x1006}, 0x9999, 0, 0},
		{"a bad pointer", "90", 0, []uint64{back}, 0x9999, 0x8008, 0x9999},
		{"a bad pointer to data", "90", 0x8000, []uint64{back}, 0x9999, 0x8008, 0x9999},
		{"a bad pointer from nowhere", "90", 0, []uint64{0x1007}, 0x9999, 0, 0},
		{"no stack", "c3", 0x1010, nil, 0, 0, 0},
	} {
		m := &memory{code: code(t, callers+tt.code), stack: words(tt.stack...)}
		s := Unwind(m, RegsOf(&tracee.Regs{Rip: tt.pc, Rsp: 0x8000, Rbp: tt.rbp, Rbx: 3}), 2)
		if len(s.Frames) < 2 {
			if tt.cfa != 0 || s.Err == nil && tt.rbp != 0 {
				t.Errorf("%s: no caller, %v", tt.what, s.Err)
			}
			continue
		}
		f := s.Frames[1]
		sp, _ := f.Regs.Get(RSP)
		bp, _ := f.Regs.Get(RBP)
		_, rax := f.Regs.Get(0)
		if f.PC != back || s.Frames[0].CFA != tt.cfa || sp != tt.cfa || bp != tt.bp || rax || !f.Guess || f.Exact || f.At() != back-1 {
			t.Errorf("%s: %#x with CFA %#x, sp %#x, bp %#x, %+v, want %#x", tt.what, f.PC, s.Frames[0].CFA, sp, bp, f, tt.cfa)
		}
	}
}

// What a handler returns to is known by its code.
func TestTrampoline(t *testing.T) {
	stack := make([]uint64, 5, 40) // the handler's return address is popped
	for n := range uint64(17) {
		stack = append(stack, 100+n)
	}
	stack[5+16] = 0x1011 // rip
	m := &memory{code: code(t, callers+"48c7c00f0000000f05"), stack: words(stack...)}
	s := Unwind(m, RegsOf(&tracee.Regs{Rip: 0x1010, Rsp: 0x8000}), 2)
	if len(s.Frames) != 2 {
		t.Fatalf("%+v", s)
	}
	f := s.Frames[1]
	rdi, _ := f.Regs.Get(5)
	rsp, _ := f.Regs.Get(RSP)
	if !s.Frames[0].Signal || !f.Exact || f.PC != 0x1011 || rdi != 108 || rsp != 115 || f.At() != 0x1011 {
		t.Errorf("%+v", f)
	}
}

// A stack ends with the reason, wherever that is.
func TestEnds(t *testing.T) {
	const body = "55 4889e5 90 5d c3"
	for _, tt := range []struct {
		what   string
		stack  []uint64
		rbp    uint64
		max    int
		frames int
		more   bool
		err    string // "": none
	}{
		{"the first function", []uint64{0, 0x1005}, 0x8000, 10, 2, false, ""},
		{"asked for fewer", []uint64{0x8010, 0x1005, 0, 0x1005}, 0x8000, 2, 2, true, ""},
		{"no memory", []uint64{0x9000, 0x1005}, 0x8000, 10, 2, false, "nothing else tells"},
		{"a loop", []uint64{0x8000, 0x1005}, 0x8000, 10, 2, false, ""},
	} {
		m := &memory{code: code(t, "e8 0b000000 f4 90 90 90 90 90 90 90 90 90 90"+body), stack: words(tt.stack...)}
		s := Unwind(m, RegsOf(&tracee.Regs{Rip: 0x1014, Rsp: 0x8000, Rbp: tt.rbp}), tt.max)
		message := ""
		if s.Err != nil {
			message = s.Err.Error()
		}
		if tt.what == "a loop" { // the base pointer would lie below the frame
			tt.err = "nothing else tells"
		}
		if len(s.Frames) != tt.frames || s.More != tt.more || !strings.Contains(message, tt.err) || (tt.err == "") != (s.Err == nil) {
			t.Errorf("%s: %d frames, %v, %v", tt.what, len(s.Frames), s.More, s.Err)
		}
	}
}
