package x86

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"os"
	"strconv"
	"syscall"
	"testing"
)

// classOf names the instruction for messages.
func classOf(code []byte) string {
	d := decoder{code: code[:15], inst: new(Inst)}
	d.decode()
	i := d.inst
	return fmt.Sprintf("enc%d map%x op%02x /%d pp%d W%d L%d mod%d", i.Encoding, i.Map, i.Opcode, d.keys[byReg], d.keys[byPrefix], d.keys[byW], d.keys[byLength], d.keys[byMod])
}

const operand = dataEnd - 64 // where rdi and others point to

// state makes the registers and memory before an instruction.
func state(r *rand.Rand, code []byte, inst *Inst) *cpuRequest {
	q := &cpuRequest{Length: uint64(inst.Len), Protection: syscall.PROT_READ | syscall.PROT_WRITE, Flags: 0x202}
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
	for _, i := range []int{4, 6, 7, 15} {
		q.Regs[i] = operand
	}
	q.Regs[1] = uint64(r.IntN(40))
	for i := range q.Window {
		q.Window[i] = byte(r.Uint32())
	}
	return q
}

// completed reports whether the instruction was executed to its end.
func (a *cpuAnswer) completed(inst *Inst) bool {
	if inst.Flow != Next {
		return a.Signal == uint64(syscall.SIGTRAP)
	}
	return a.Signal == uint64(syscall.SIGSEGV) && a.RIP == uint64(inst.Len) && a.Address == codePage+4096 && a.Error&0x10 != 0
}

func TestProcessorFlags(t *testing.T) {
	n := 20000
	if s := os.Getenv("X86_SWEEP"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	seed, _ := strconv.Atoi(os.Getenv("X86_SEED"))
	r := rand.New(rand.NewPCG(3, uint64(seed)))
	c := newCPU(t)
	failures := map[string]int{}
	flags := []Flags{CF, PF, AF, ZF, SF, OF, DF}
	done := 0
	for range n {
		code := sample(r)
		var inst Inst
		if Decode(code, &inst) != nil || inst.Flow != Next && inst.Flow != JumpCond && inst.Flow != JumpCount || skipOnCPU(code, &inst) || inst.Prefixes&PrefixFS != 0 {
			continue
		}
		if inst.Map == Map0F && inst.Opcode == 0x31 || inst.Map == Map0F && inst.Opcode == 0xc7 && inst.Encoding == Legacy && inst.ModRM >= 0xc0 {
			continue // rdtsc, rdrand
		}
		if inst.Map == Map0F && inst.Opcode == 0x01 && inst.Encoding == Legacy && inst.ModRM == 0xf9 {
			continue // rdtscp
		}
		q := state(r, code, &inst)
		if inst.Flow != Next {
			q.Flags |= uint64(TF)
		}
		base := Flags(0)
		if r.IntN(2) == 0 {
			base = Arithmetic
		}
		q.Flags |= uint64(base)
		answers := make([]cpuAnswer, 1+len(flags))
		for k := range answers {
			p := *q
			if k > 0 {
				p.Flags ^= uint64(flags[k-1])
			}
			c.do(&p, func(a *cpuAnswer) {
				answers[k] = *a
				if k < len(answers)-1 {
					return
				}
				if !answers[0].completed(&inst) {
					return
				}
				done++
				fail := func(format string, args ...any) {
					key := classOf(code) + ": " + fmt.Sprintf(format, args...)
					if failures[key]++; failures[key] == 1 {
						t.Errorf("% x: %s; flags in %x", code[:inst.Len], key, q.Flags)
					}
				}
				touched := inst.FlagsWritten | inst.FlagsUndefined
				for k := range answers {
					in := q.Flags
					if k > 0 {
						in ^= uint64(flags[k-1])
					}
					changed := Flags(in^answers[k].Flags) & (Arithmetic | DF)
					if bad := changed &^ touched; bad != 0 {
						fail("changes %x", bad)
					}
					if k == 0 {
						continue
					}
					f := flags[k-1]
					differ := Flags(answers[0].Flags^answers[k].Flags) & (Arithmetic | DF) &^ inst.FlagsUndefined
					if inst.FlagsRead&f == 0 {
						if inst.FlagsWritten&f == 0 {
							differ &^= f
						}
						if differ != 0 {
							fail("output %x depends on %x, which is not read", differ, f)
						}
						a, b := answers[0], answers[k]
						a.Flags, b.Flags = 0, 0
						if inst.Opcode == 0x9c { // TF..
							continue
						}
						if a != b {
							fail("depends on %x", f)
						}
					}
				}
			})
		}
	}
	c.flush()
	t.Log(done, "instructions")
}

func TestProcessorAccess(t *testing.T) {
	n := 20000
	if s := os.Getenv("X86_SWEEP"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	seed, _ := strconv.Atoi(os.Getenv("X86_SEED"))
	r := rand.New(rand.NewPCG(4, uint64(seed)))
	c := newCPU(t)
	failures := map[string]int{}
	done := 0
	for range n {
		code := sample(r)
		var inst Inst
		if Decode(code, &inst) != nil || inst.Flow != Next || skipOnCPU(code, &inst) || inst.Prefixes&(PrefixFS|PrefixGS|PrefixAddrSize) != 0 {
			continue
		}
		if !inst.HasMemory() || inst.RM() != 7 && inst.RM() != 15 || inst.HasSIB {
			continue
		}
		if inst.Encoding == EVEX && code[inst.PrefixOff+3]&7 > 4 || inst.Encoding == XOP {
			continue
		}
		if inst.Encoding == VEX && inst.Map == 2 && (inst.Opcode &^ 3 == 0x2c || inst.Opcode &^ 2 == 0x8c) {
			continue
		}
		if inst.Encoding == Legacy && inst.Map == Map0F && (inst.Opcode == 0x1a || inst.Opcode == 0x1b || inst.Opcode <= 1) {
			continue
		}
		q := state(r, code, &inst)
		at := uint64(operand)
		place := func(q *cpuRequest, at uint64) {
			q.Regs[7], q.Regs[15] = at-uint64(inst.Displacement()), at-uint64(inst.Displacement())
		}
		place(q, at)
		if inst.Address(&q.Regs, 0) != at {
			t.Fatalf("% x: address %x", code, inst.Address(&q.Regs, 0))
		}
		fail := func(a *cpuAnswer, format string, args ...any) {
			key := classOf(code) + ": " + fmt.Sprintf(format, args...)
			if failures[key]++; failures[key] == 1 {
				t.Errorf("% x: %s: signal %d code %d address %x error %x rip %d", code[:inst.Len], key, a.Signal, int32(a.Code), a.Address, a.Error, a.RIP)
			}
		}
		inPage := func(a *cpuAnswer) bool { // fault on the data
			return a.Signal == uint64(syscall.SIGSEGV) && int32(a.Code) != 128 && a.Address-dataPage < 16*4096
		}
		supported := func(a *cpuAnswer) bool {
			return a.Signal != uint64(syscall.SIGILL) && !(a.Signal == uint64(syscall.SIGSEGV) && int32(a.Code) == 128)
		}
		none := *q
		none.Protection = syscall.PROT_NONE
		read := *q
		read.Protection = syscall.PROT_READ
		c.do(&none, func(a *cpuAnswer) {
			if !supported(a) {
				return
			}
			done++
			if inPage(a) != (inst.Access != 0) && inst.Implicit == NoImplicit {
				fail(a, "access %d, no memory", inst.Access)
			}
			if inPage(a) && inst.Implicit == NoImplicit && (a.Address < at || a.Address >= at+uint64(max(1, inst.Size)) && inst.Size != 0) {
				fail(a, "address")
			}
		})
		c.do(&read, func(a *cpuAnswer) {
			if !supported(a) {
				return
			}
			if (inPage(a) && a.Error&2 != 0) != (inst.Access&Writes != 0) && inst.Implicit == NoImplicit {
				fail(a, "access %d, no writing", inst.Access)
			}
		})
		if inst.Size == 0 || inst.Implicit != NoImplicit {
			continue
		}
		fits, exceeds := *q, *q
		place(&fits, dataEnd-uint64(inst.Size))
		place(&exceeds, dataEnd-uint64(inst.Size)+1)
		c.do(&fits, func(a *cpuAnswer) {
			if inPage(a) {
				fail(a, "size %d too small", inst.Size)
			}
		})
		c.do(&exceeds, func(a *cpuAnswer) {
			if supported(a) && !(inPage(a) && a.Address == dataEnd) && a.Signal != uint64(syscall.SIGBUS) {
				fail(a, "size %d too big", inst.Size)
			}
		})
	}
	c.flush()
	t.Log(done, "instructions", bits.Len(uint(done)))
}
