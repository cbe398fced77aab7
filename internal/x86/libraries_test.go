package x86

import (
	"debug/elf"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

const libraries = "/usr/lib/x86_64-linux-gnu/"

// TestLibraries compares every instruction of real programs with what objdump says of it.
func TestLibraries(t *testing.T) {
	files := []string{
		"libc.so.6", "libstdc++.so.6", "libcrypto.so.3", "libx265.so.199", "libpython3.11.so.1.0",
		"openblas-pthread/libopenblas.so.0", "/usr/bin/gdb",
	}
	for _, file := range files {
		t.Run(file[strings.LastIndex(file, "/")+1:], func(t *testing.T) {
			t.Parallel()
			if file[0] != '/' {
				file = libraries + file
			}
			if testing.Short() && !strings.Contains(file, "libc.so") {
				t.Skip("only libc in short mode")
			}
			compareFile(t, file)
		})
	}
}

// textSection is the .text of an ELF file, and its address.
func textSection(t testing.TB, file string) ([]byte, uint64) {
	f, err := elf.Open(file)
	if err != nil {
		t.Skip("not installed: ", err)
	}
	defer f.Close()
	s := f.Section(".text")
	data, err := s.Data()
	if err != nil {
		t.Fatal(err)
	}
	return data, s.Addr
}

// mostText is how much of a library is compared, if not the whole.
const mostText = 3 << 20

var whole = flag.Bool("whole", false, "compare libraries to their beginnings, however big they are")

func compareFile(t *testing.T, file string) {
	text, base := textSection(t, file)
	c := comparison{t: t, text: text, base: base}
	// Of big libraries the end will do: that is where OpenBLAS has AVX-512.
	start := base
	if len(text) > mostText && !*whole {
		start += uint64(len(text) - mostText)
	}
	objdump(t, c.line, "-d", "-j", ".text", "--start-address="+strconv.FormatUint(start, 10), file)
	t.Logf("%d instructions; objdump knows %d that are undefined here", c.compared, c.undefined)
	if c.compared < min(len(text), mostText)/16 {
		t.Errorf("only %d instructions compared", c.compared)
	}
}

const fwait = 0x9b

// A comparison follows objdump through a section.
type comparison struct {
	t         *testing.T
	text      []byte
	base      uint64
	prefixed  uint64 // where the prefixes began that had lines of their own; 0 if there were none
	compared  int
	undefined int
	errors    int
}

func (c *comparison) fail(l *listed, i *Inst, format string, arguments ...any) {
	if c.errors++; c.errors < 20 {
		code := c.text[l.address-c.base:]
		c.t.Errorf("%x: % x %q: %s; %+v", l.address, code[:min(15, len(code))], l.text, fmt.Sprintf(format, arguments...), *i)
	}
}

func (c *comparison) line(l *listed) {
	mnemonic, operands := l.mnemonic()
	if mnemonic == "" {
		if c.prefixed == 0 {
			c.prefixed = l.address
		}
		return
	}
	start := l.address
	if c.prefixed != 0 {
		start, c.prefixed = c.prefixed, 0
	}
	if strings.Contains(l.text, "(bad)") || mnemonic == ".byte" {
		return // data
	}
	var inst Inst
	if start != l.address {
		// The line alone is compared too, below: prefixes of its own may count.
		err := Decode(c.text[start-c.base:], &inst)
		if err == nil && inst.Opcode != fwait && start+uint64(inst.Len) != l.address+uint64(l.length) {
			c.fail(l, &inst, "prefixes and instruction have %d bytes", inst.Len)
		}
	}
	code := c.text[l.address-c.base:]
	if code[0] == fwait && l.length > 1 {
		// objdump makes one instruction of fwait and the x87 instruction after it.
		l.address, l.length, code = l.address+1, l.length-1, code[1:]
	}
	if err := Decode(code, &inst); err != nil {
		c.undefined++
		if why := lax(code, l.text); why == "" {
			c.fail(l, &inst, "%v", err)
		}
		return
	}
	c.compared++
	if int(inst.Len) != l.length {
		c.fail(l, &inst, "%d bytes instead of %d", inst.Len, l.length)
		return
	}
	compareText(c, l, &inst, mnemonic, operands)
}

// compareText compares control flow, targets, rip-relative addresses, displacements and immediates.
func compareText(c *comparison, l *listed, inst *Inst, mnemonic, operands string) {
	if f := flow(mnemonic, operands); f != inst.Flow && !(f == Next && inst.Flow == Trap) {
		c.fail(l, inst, "flow %d instead of %d", inst.Flow, f)
	}
	next := l.address + uint64(l.length)
	switch inst.Flow {
	case Jump, JumpCond, JumpCount, Call, Transaction:
		word, _, _ := strings.Cut(operands, " ")
		if target, _ := strconv.ParseUint(strings.TrimPrefix(word, "0x"), 16, 64); target != inst.Target(l.address) {
			c.fail(l, inst, "target %x", inst.Target(l.address))
		}
		return
	}
	var none [16]uint64
	if l.comment != 0 || inst.RIPRelative {
		if inst.Prefixes&PrefixAddrSize != 0 {
			l.comment &= 1<<32 - 1
		}
		if strings.Contains(operands, "ip)") && (!inst.RIPRelative || inst.Address(&none, next) != l.comment) {
			c.fail(l, inst, "address %x", inst.Address(&none, next))
		}
	} else if at := strings.Index(operands, "("); at >= 0 && !strings.HasPrefix(operands[at:], "(%st") && !inst.String && inst.HasMemory() {
		if d := numberBefore(operands[:at]); d != inst.Displacement() {
			c.fail(l, inst, "displacement %x instead of %x", inst.Displacement(), d)
		}
	}
	if at := strings.Index(operands, "$"); at >= 0 && inst.ImmLen != 0 && inst.ImmLen != 3 {
		word, _, _ := strings.Cut(operands[at+1:], ",")
		imm, err := strconv.ParseUint(strings.TrimPrefix(word, "0x"), 16, 64)
		if unused := 64 - 8*inst.ImmLen; err != nil || (imm^uint64(inst.Imm))<<unused != 0 && inst.ImmLen != 2 {
			c.fail(l, inst, "immediate %x", inst.Imm)
		}
	}
}

// numberBefore is the number at the end of text, after a comma or a colon: of "%eax,-0x20" -0x20.
func numberBefore(text string) int64 {
	text = text[strings.LastIndexAny(text, ",:*")+1:]
	if text == "" {
		return 0
	}
	if n, err := strconv.ParseInt(text, 0, 64); err == nil {
		return n
	}
	n, _ := strconv.ParseUint(text, 0, 64)
	return int64(n)
}
