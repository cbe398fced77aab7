package x86

import (
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
)

var everyLegacy = flag.Bool("every-legacy", false, "execute every legacy opcode with every ModRM")

// Failures of these tests are counted by kind of instruction, and one of each is shown.
type failures map[string]int

func (f failures) add(t *testing.T, code []byte, i *Inst, format string, arguments ...any) {
	what := fmt.Sprintf(format, arguments...)
	kind := fmt.Sprintf("encoding %d map %x opcode %02x: %s", i.Encoding, i.Map, i.Opcode, what)
	if f[kind]++; f[kind] == 1 {
		t.Errorf("% x: %s", code, kind)
	}
}

// TestProcessorDefined: what is an instruction to the processor is one here, of the same length.
// What this processor does not have may be one here.
func TestProcessorDefined(t *testing.T) {
	r, n := samples(60_000)
	c := newCPU(t)
	intel := isIntel()
	next := func(int) []byte { return sample(r) }
	if *everyLegacy {
		n, next = 1<<21, legacyCode
	}
	failed := failures{}
	executed := 0
	for k := range n {
		code := next(k)
		var inst Inst
		err := Decode(code, &inst)
		if err == ErrTooLong || !harmless(&inst) || !intel && inst.Prefixes&PrefixOpSize != 0 && inst.Flow != Next {
			continue
		}
		q := request(r, code, maxLen)
		if err == nil {
			q.Length = uint64(inst.Len)
		}
		if inst.Flow != Next {
			q.Flags |= uint64(TF)
		}
		shorter := *q
		shorter.Length--
		c.do(q, func(a *cpuAnswer) {
			switch {
			case err != nil:
				if !a.undefined() && !a.incomplete() && !a.protection() { // #GP: it is too long
					failed.add(t, code, &inst, "the processor executes it")
				}
			case a.undefined():
			case a.incomplete():
				if inst.Encoding != XOP { // XOP of a processor without: a pop
					failed.add(t, code, &inst, "it is longer than %d bytes", inst.Len)
				}
			case shorter.Length > 0:
				executed++
				c.do(&shorter, func(a *cpuAnswer) {
					if !a.incomplete() {
						failed.add(t, code, &inst, "it is shorter than %d bytes", inst.Len)
					}
				})
			}
		})
	}
	c.flush()
	t.Log(executed, "instructions executed")
}

// legacyCode makes an instruction of all choices that legacy encoding has, but for displacements.
func legacyCode(k int) []byte {
	take := func(choices int) int {
		n := k % choices
		k /= choices
		return n
	}
	code := [][]byte{{}, {0x66}, {0xf3}, {0xf2}}[take(4)]
	code = append(code[:len(code):len(code)], [][]byte{{}, {0x48}}[take(2)]...)
	code = append(code, [][]byte{{}, {0x0f}, {0x0f, 0x38}, {0x0f, 0x3a}}[take(4)]...)
	code = append(code, byte(take(256)), byte(take(256)))
	for len(code) < sampleLen {
		code = append(code, 0x24)
	}
	return code
}

func isIntel() bool {
	info, _ := os.ReadFile("/proc/cpuinfo")
	return strings.Contains(string(info), "GenuineIntel")
}

// TestProcessorFlags: an instruction changes no flags but those that it is said to write or leave
// undefined, and nothing it does depends on flags that it is not said to read.
func TestProcessorFlags(t *testing.T) {
	r, n := samples(60_000)
	c := newCPU(t)
	const examined = Arithmetic | DF
	failed := failures{}
	executed := 0
	for range n {
		code := sample(r)
		var inst Inst
		if Decode(code, &inst) != nil || !harmless(&inst) || unpredictable(&inst) {
			continue
		}
		q := request(r, code, int(inst.Len))
		switch inst.Flow {
		case Next:
		case JumpCond, JumpCount:
			q.Flags |= uint64(TF)
		default:
			continue
		}
		if r.IntN(2) == 0 {
			q.Flags |= uint64(Arithmetic)
		}
		var first cpuAnswer
		c.do(q, func(a *cpuAnswer) {
			first = *a
			if changed := Flags(q.Flags^a.Flags) & examined &^ (inst.FlagsWritten | inst.FlagsUndefined); a.completed(&inst) {
				executed++
				if changed != 0 {
					failed.add(t, code, &inst, "it changes %#x", changed)
				}
			}
		})
		// Again, with one flag changed at a time.
		for _, f := range []Flags{CF, PF, AF, ZF, SF, OF, DF} {
			if inst.FlagsRead&f != 0 {
				continue
			}
			p := *q
			p.Flags ^= uint64(f)
			c.do(&p, func(a *cpuAnswer) {
				if !first.completed(&inst) {
					return
				}
				touched := inst.FlagsWritten | inst.FlagsUndefined
				if changed := Flags(p.Flags^a.Flags) & examined &^ touched; changed != 0 {
					failed.add(t, code, &inst, "it changes %#x", changed)
				}
				ignored := uint64(inst.FlagsUndefined | f&^touched)
				x, y := first, *a
				x.Flags, y.Flags = x.Flags&^ignored, y.Flags&^ignored
				if x != y {
					failed.add(t, code, &inst, "something depends on %#x", f)
				}
			})
		}
	}
	c.flush()
	t.Log(executed, "instructions executed")
}

// unpredictable instructions do not do the same every time: rdtsc, rdpmc, rdtscp, rdrand, rdseed, rdpid.
func unpredictable(i *Inst) bool {
	if i.Encoding != Legacy || i.Map != Map0F {
		return false
	}
	return i.Opcode == 0x31 || i.Opcode == 0x33 || i.Opcode == 0x01 && i.ModRM == 0xf9 || i.Opcode == 0xc7 && !i.HasMemory()
}

// TestProcessorMemory: the memory operand of an instruction is where Address says, of the size that
// Size says, and is used as Access says.
func TestProcessorMemory(t *testing.T) {
	r, n := samples(100_000)
	c := newCPU(t)
	failed := failures{}
	executed := 0
	for range n {
		code := sample(r)
		var inst Inst
		if Decode(code, &inst) != nil || inst.Flow != Next || !harmless(&inst) || !simpleMemory(code, &inst) {
			continue
		}
		fail := func(a *cpuAnswer, format string, arguments ...any) {
			failed.add(t, code, &inst, format+": signal %d, code %d, address %#x, error %#x",
				append(arguments, a.Signal, int32(a.Code), a.Address, a.Error)...)
		}
		q := request(r, code, int(inst.Len))
		place := func(at uint64, protection int, f func(*cpuAnswer)) {
			p := *q
			p.Protection = uint64(protection)
			p.Regs[7] = at - uint64(inst.Displacement())
			p.Regs[15] = p.Regs[7]
			if got := inst.Address(&p.Regs, 0); got != at {
				failed.add(t, code, &inst, "address %#x instead of %#x", got, at)
			}
			c.do(&p, f)
		}
		unmasked := inst.Encoding != EVEX || code[inst.PrefixOff+3]&evexA == 0
		place(operand, syscall.PROT_NONE, func(a *cpuAnswer) {
			if a.undefined() || a.protection() {
				return
			}
			executed++
			if a.dataFault() != (inst.Access != 0) {
				fail(a, "access %d, but without memory", inst.Access)
			}
			if end := uint64(operand + max(1, uint64(inst.Size))); a.dataFault() && unmasked && inst.Size != 0 && (a.Address < operand || a.Address >= end) {
				fail(a, "fault elsewhere")
			}
		})
		place(operand, syscall.PROT_READ, func(a *cpuAnswer) {
			const write = 2
			if !a.undefined() && !a.protection() && (a.dataFault() && a.Error&write != 0) != (inst.Access&Writes != 0) {
				fail(a, "access %d, but without writing", inst.Access)
			}
		})
		if inst.Size == 0 {
			continue
		}
		place(dataEnd-uint64(inst.Size), syscall.PROT_READ|syscall.PROT_WRITE, func(a *cpuAnswer) {
			if a.dataFault() {
				fail(a, "it uses more than %d bytes", inst.Size)
			}
		})
		place(dataEnd-uint64(inst.Size)+1, syscall.PROT_READ|syscall.PROT_WRITE, func(a *cpuAnswer) {
			misaligned := a.protection() || a.Signal == uint64(syscall.SIGBUS)
			if !a.undefined() && !misaligned && !(a.dataFault() && a.Address == dataEnd) {
				fail(a, "it uses less than %d bytes", inst.Size)
			}
		})
	}
	c.flush()
	t.Log(executed, "instructions executed")
}

// simpleMemory reports whether an instruction uses memory at rdi or r15 and a displacement, all of it
// and nothing else.
func simpleMemory(code []byte, i *Inst) bool {
	if !i.HasMemory() || i.HasSIB || i.RM()&7 != 7 || i.Implicit != NoImplicit || i.Prefixes&(PrefixGS|PrefixAddrSize) != 0 {
		return false
	}
	opcode := int(i.Map)<<8 | int(i.Opcode)
	switch i.Encoding {
	case XOP:
		return false // a processor without XOP sees something else
	case EVEX:
		return code[i.PrefixOff+3]&evexA <= 4 // testdata/cpu.c sets k1 to k4 to all ones
	case VEX:
		switch opcode {
		case 0x22c, 0x22d, 0x22e, 0x22f, 0x28c, 0x28e:
			return false // maskmov
		}
	case Legacy:
		switch opcode {
		case 0x100, 0x101: // the kernel emulates sgdt and others
			return false
		case 0x11a, 0x11b: // MPX is gone
			return false
		}
	}
	return true
}

// TestProcessorStack: the stack pointer moves by as much as Size says, whatever the prefixes.
func TestProcessorStack(t *testing.T) {
	r, _ := samples(0)
	c := newCPU(t)
	for _, prefix := range []string{"", "66", "48", "6648", "f2", "f3", "41"} {
		if prefix == "66" && !isIntel() {
			continue // AMD's near branches take 66 to mean 16 bits
		}
		for _, opcode := range []string{
			"50", "58", "68 01000000", "6a01", "9c", "9d", "c3", "c9", "e8 00010000", "ffd1", "fff1", "8fc1", "0fa0", "0fa8",
		} {
			code := unhex(t, prefix+opcode)
			var inst Inst
			if err := Decode(append(code, 0, 0), &inst); err != nil {
				t.Fatalf("% x: %v", code, err)
			}
			q := request(r, code, int(inst.Len))
			q.Regs[5] = operand + 16 // rbp, for leave
			q.Window = [128]byte{}
			binary.LittleEndian.PutUint64(q.Window[128-64:], codeEnd-16) // where ret goes
			if inst.Flow != Next {
				q.Flags |= uint64(TF)
			}
			want := uint64(operand) + uint64(inst.Size)
			if inst.Implicit == StackPush {
				want = operand - uint64(inst.Size)
			} else if inst.Opcode == 0xc9 {
				want += 16
			}
			c.do(q, func(a *cpuAnswer) {
				if !a.completed(&inst) {
					t.Errorf("% x: signal %d at %#x", code, a.Signal, a.RIP)
				} else if a.Regs[4] != want {
					t.Errorf("% x: rsp %#x instead of %#x", code, a.Regs[4], want)
				}
			})
		}
	}
	c.flush()
}
