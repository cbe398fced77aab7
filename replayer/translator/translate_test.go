package translator

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"stepback/internal/tracee"
	"stepback/internal/x86"
)

// codeAt is an address space that holds code and nothing else.
type codeAt struct {
	base     uint64
	code     []byte
	writable bool
}

func (s *codeAt) ReadCode(addr uint64, p *[pageSize]byte) (ok, writable bool) {
	off := addr - s.base
	if off >= uint64(len(s.code)) {
		return false, false
	}
	clear(p[:])
	copy(p[:], s.code[off:])
	return true, s.writable
}

func (s *codeAt) Place(near, size uint64) (uint64, error) { return near&^0xffff + 1<<28, nil }
func (s *codeAt) PlaceLow(size uint64) (uint64, error)    { return 0x100000, nil }

const testBase = 0x7f1234560000

// code assembles a page from hexadecimal bytes.
func code(t testing.TB, text string) *codeAt {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	page := make([]byte, pageSize)
	for i := range page {
		page[i] = 0xcc
	}
	copy(page, b)
	return &codeAt{base: testBase, code: page}
}

func newCache(t testing.TB, s Space) *Cache {
	t.Helper()
	c, err := New(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// blockOf is the block at pc.
func (c *Cache) blockOf(pc uint64) *block { return c.blocks.at(c.sites.at(pc).block) }

// A block ends where control may go elsewhere, and goes through a few direct
// jumps and calls.
func TestBlocks(t *testing.T) {
	for _, tt := range []struct {
		what, code string
		n          int // instructions of the block
		early      bool
	}{
		{"up to a return", "90 90 c3", 3, true},
		{"up to a conditional jump", "31 c0 85 c0 74 10 90", 3, false},
		{"through a jump", "eb 02 90 90 31 c0 c3", 3, false},
		{"not round a loop", "90 eb fd", 2, true},
		{"through a call", "e8 01 00 00 00 90 31 c0 c3", 3, false},
		{"up to a system call", "31 c0 0f 05 90", 2, false},
		{"up to what faults", "90 0f 0b 90", 2, true},
		{"up to an iret", "90 48 cf", 2, true},
		{"up to xsave, which shows an address", "31 c0 48 0f ae 20 90", 2, false},
		{"inc keeps a flag", "ff c0 c3", 2, true},
		{"shl keeps all if it shifts by nothing", "d3 e0 c3", 2, true},
		{"adc reads one", "83 d0 00 c3", 2, true},
		{"cmp with memory", "83 38 00 74 00", 2, false},
	} {
		c := newCache(t, code(t, tt.code))
		if _, err := c.Entry(testBase); err != nil {
			t.Fatalf("%s: %v", tt.what, err)
		}
		b := c.blockOf(testBase)
		if int(b.n) != tt.n || (b.counted == 0) != tt.early {
			t.Errorf("%s: %d instructions, counted early: %v; want %d, %v", tt.what, b.n, b.counted == 0, tt.n, tt.early)
		}
	}
}

func TestNoCode(t *testing.T) {
	c := newCache(t, code(t, "90 c4 c4")) // a nop, then what is undefined
	for _, tt := range []struct {
		what string
		pc   uint64
	}{{"nothing mapped", 0x1000}, {"undefined", testBase + 1}, {"an instruction that is cut off", testBase + pageSize}} {
		if _, err := c.Entry(tt.pc); !errors.Is(err, ErrNoCode) {
			t.Errorf("%s: %v", tt.what, err)
		}
	}
	if _, err := c.Entry(testBase); err != nil {
		t.Errorf("code before what is undefined: %v", err)
	}
}

// Whatever the block, its marks get every program instruction back.
func TestState(t *testing.T) {
	c := newCache(t, code(t, "53 48 8b 05 10 00 00 00 48 83 38 05 ff d0"))
	// push rbx; mov rax, [rip+16]; cmp qword [rax], 5; call rax
	if _, err := c.Entry(testBase); err != nil {
		t.Fatal(err)
	}
	b := c.blockOf(testBase)
	pcs := []uint64{0, 1, 8, 12}
	s := make(Scratch, ScratchSize)
	s.put(savedRcx, 77)
	seen := map[uint64]bool{}
	for host := b.entry; host < b.end; host++ {
		r := tracee.Regs{Rip: c.arenas[0].Base + uint64(host), Rcx: 5}
		undo, lost, _, ok := c.State(&r, s, false)
		if !ok {
			t.Fatalf("host %#x is not known", host)
		}
		done := -1
		for i, pc := range pcs {
			if r.Rip == testBase+pc {
				done = i
			}
		}
		if done < 0 {
			t.Fatalf("host %#x is at pc %#x", host, r.Rip)
		}
		seen[r.Rip] = true
		want := -done
		if host >= b.counted {
			want = int(b.n) - done
		}
		if undo != want {
			t.Errorf("host %#x, %d instructions done: undo is %d, want %d", host, done, undo, want)
		}
		if lost != (done == 2 && host >= b.counted) {
			t.Errorf("host %#x, %d instructions done: flags lost is %v", host, done, lost)
		}
		if spilled := done == 3 && host >= b.counted+20; spilled && r.Rcx != 77 && r.Rcx != 5 {
			t.Errorf("host %#x: rcx is %d", host, r.Rcx)
		}
	}
	if len(seen) != len(pcs) {
		t.Errorf("the marks name %d of %d instructions", len(seen), len(pcs))
	}
}

// An operand out of reach is addressed by a register that the instruction does
// not use.
func TestStandIn(t *testing.T) {
	for _, tt := range []struct {
		what, code string
		reg        byte
		want       string
	}{
		{"mov rax, [rip+d]", "48 8b 05 78 56 34 12", rsi, "48 8b 06"},
		{"mov r8b, [rip+d], with a base extension", "45 8a 05 78 56 34 12", rdi, "44 8a 07"},
		{"cmp dword [rip+d], imm32", "81 3d 78 56 34 12 01 02 03 04", rsi, "81 3e 01 02 03 04"},
		{"vaddps ymm1, ymm2, [rip+d]", "c5 ec 58 0d 78 56 34 12", rsi, "c5 ec 58 0e"},
		{"vpermq ymm1, [rip+d], 3", "c4 e3 fd 00 0d 78 56 34 12 03", rdi, "c4 e3 fd 00 0f 03"},
		{"vmovups zmm17, [rip+d]", "62 e1 7c 48 10 0d 78 56 34 12", rsi, "62 e1 7c 48 10 0e"},
		{"push [rip+d]", "ff 35 78 56 34 12", rsi, "ff 36"},
	} {
		b, _ := hex.DecodeString(strings.ReplaceAll(tt.code, " ", ""))
		d := decoded{pc: testBase}
		if err := x86.Decode(b, &d.Inst); err != nil || !d.RIPRelative {
			t.Fatalf("%s: %v", tt.what, err)
		}
		got := standIn(&d, b, tt.reg)
		if want, _ := hex.DecodeString(strings.ReplaceAll(tt.want, " ", "")); string(got) != string(want) {
			t.Errorf("%s: % x, want %s", tt.what, got, tt.want)
		}
	}
}

// When code changes, its old entries lead to the new block.
func TestRetire(t *testing.T) {
	s := code(t, "31 c0 c3")
	c := newCache(t, s)
	if _, err := c.Landing(testBase); err != nil {
		t.Fatal(err)
	}
	old := c.blockOf(testBase)
	table := c.lookup(testBase)
	s.code[1] = 0xdb // xor ebx, ebx
	c.Invalidate(testBase+100, testBase+101)
	if !old.retired {
		t.Fatal("the block is not retired")
	}
	host, err := c.Landing(testBase)
	if err != nil {
		t.Fatal(err)
	}
	entry := c.arenas[0].Base + uint64(old.entry)
	jump := c.arenas[0].at(entry)
	if to := entry + 5 + uint64(int64(int32(uint32(jump[1])|uint32(jump[2])<<8|uint32(jump[3])<<16|uint32(jump[4])<<24))); jump[0] != 0xe9 || to != host {
		t.Errorf("the old entry leads to %#x, the new block is at %#x", to, host)
	}
	if got := c.lookup(testBase); got != table {
		t.Errorf("the table leads to %#x, before it was %#x: there is one landing for each pc", got, table)
	}
	if got := c.Translated(testBase, testBase+1); len(got) != 1 {
		t.Errorf("%d pages are translated", len(got))
	}
	if fresh := c.Fresh(); fresh != nil {
		t.Errorf("pages %#x are to be protected, and the program cannot write them", fresh)
	}
}

// What the program may write is to be protected.
func TestFresh(t *testing.T) {
	s := code(t, "c3")
	s.writable = true
	c := newCache(t, s)
	if _, err := c.Entry(testBase); err != nil {
		t.Fatal(err)
	}
	if fresh := c.Fresh(); len(fresh) != 1 || fresh[0] != testBase {
		t.Errorf("to be protected: %#x", fresh)
	}
}

// The words of the clock give out the steps between them, and never more.
func TestClock(t *testing.T) {
	s := make(Scratch, ScratchSize)
	for _, steps := range []uint64{MinSteps, 1e6, 1 << 60, unlimitedSteps} {
		start := s.SetClock(steps)
		if start >= 0 || s.Clock() != start || uint64(-start) > steps {
			t.Errorf("%d steps: the clock starts at %d and is at %d", steps, start, s.Clock())
		}
	}
}

const unlimitedSteps = 1<<64 - 1

// BenchmarkTranslate translates the C library from its first instruction to
// its last.
func BenchmarkTranslate(b *testing.B) {
	f, err := elf.Open("/lib/x86_64-linux-gnu/libc.so.6")
	if err != nil {
		b.Skip(err)
	}
	defer f.Close()
	text, err := f.Section(".text").Data()
	if err != nil {
		b.Fatal(err)
	}
	s := &codeAt{base: testBase, code: text}
	for b.Loop() {
		c, err := New(s, Options{})
		if err != nil {
			b.Fatal(err)
		}
		for off := uint64(0); off < uint64(len(text)); off += 16 { // where functions begin
			c.Entry(testBase + off)
		}
		b.SetBytes(int64(c.size))
		c.Close()
	}
}

// The room of a cut block is used again, but not what was made since: the way
// out of a block that was retired meanwhile.
func TestCutAfterRetire(t *testing.T) {
	s := code(t, "90 74 00 c3")
	s.writable = true
	c := newCache(t, s)
	entry, err := c.Entry(testBase)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Cut(testBase, 1, false); err != nil { // has one way out
		t.Fatal(err)
	}
	c.Invalidate(testBase, testBase+pageSize)
	a := c.arenaOf(entry)
	jump := a.at(entry)
	stub := entry + 5 + uint64(int64(int32(binary.LittleEndian.Uint32(jump[1:5]))))
	was := bytes.Clone(a.at(stub)[:16])
	if jump[0] != 0xe9 || stub < a.Base+uint64(a.cold) {
		t.Fatalf("the retired block begins with % x, and leads to %#x", jump[:5], stub)
	}
	if _, err := c.Cut(testBase+1, 1, false); err != nil { // has two
		t.Fatal(err)
	}
	if now := a.at(stub)[:16]; !bytes.Equal(now, was) {
		t.Errorf("the way out of a retired block is % x now, was % x", now, was)
	}
}
