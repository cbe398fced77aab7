package x86

import (
	"fmt"
	"math/rand/v2"
	"os"
	"sort"
	"strconv"
	"syscall"
	"testing"
)

func skipOnCPU(code []byte, i *Inst) bool {
	switch {
	case i.Flow == Far, i.Flow == SystemCall:
		return true
	case i.Encoding == Legacy && i.Map == Map0F:
		switch i.Opcode {
		case 0x34, 0xb2, 0xb4, 0xb5, 0xa1, 0xa9, 0x37: // sysenter, lss.., pop fs
			return true
		case 0x01:
			return i.ModRM == 0xc1 || i.ModRM == 0xd9 || i.ModRM == 0xd4
		case 0xae: // wrfsbase
			return i.ModRM >= 0xd0 && i.ModRM <= 0xdf && i.Prefixes&PrefixRep != 0
		}
	case i.Encoding == Legacy && i.Map == OneByte:
		return i.Opcode == 0x8e
	}
	return false
}

func TestSweep(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("X86_SWEEP"))
	if n == 0 {
		t.Skip()
	}
	seed, _ := strconv.Atoi(os.Getenv("X86_SEED"))
	r := rand.New(rand.NewPCG(1, uint64(seed)))
	c := newCPU(t)
	type class struct {
		what          string
		enc           Encoding
		m             Map
		op            uint8
		pp, w, l, mod uint8
	}
	seen := map[class]string{}
	count := map[class]int{}
	executed := 0
	next := func() []byte { return sample(r) }
	if os.Getenv("X86_LEGACY") != "" {
		i := 0
		n = 1 << 21
		next = func() []byte {
			i++
			v := i
			m := v & 3
			v >>= 2
			p := v & 3
			v >>= 2
			w := v & 1
			v >>= 1
			op := byte(v)
			v >>= 8
			modrm := byte(v)
			var code []byte
			if p != 0 {
				code = append(code, []byte{0, 0x66, 0xf3, 0xf2}[p])
			}
			if w != 0 {
				code = append(code, 0x48)
			}
			code = append(code, [][]byte{{}, {0xf}, {0xf, 0x38}, {0xf, 0x3a}}[m]...)
			code = append(code, op, modrm)
			for len(code) < 16 {
				code = append(code, 0x24)
			}
			return code
		}
	}
	for range n {
		code := next()
		var inst Inst
		err := Decode(code, &inst)
		if err == ErrTooLong || skipOnCPU(code, &inst) {
			continue
		}
		d := decoder{code: code, inst: new(Inst)}
		d.decode()
		in := *d.inst
		cl := class{enc: in.Encoding, m: in.Map, op: in.Opcode, pp: d.keys[byPrefix], w: d.keys[byW], l: d.keys[byLength], mod: d.keys[byMod]}
		note := func(what string, a *cpuAnswer) {
			cl.what = what
			count[cl]++
			if seen[cl] == "" {
				seen[cl] = fmt.Sprintf("% x  (%d: signal %d code %d rip %d error %x)", code, inst.Len, a.Signal, int32(a.Code), a.RIP, a.Error)
			}
		}
		req := cpuRequest{Flags: 0x202, Protection: 3, Length: 15}
		if err == nil {
			req.Length = uint64(inst.Len)
		}
		if inst.Flow != Next {
			req.Flags |= 0x100
		}
		for i := range req.Regs {
			req.Regs[i] = dataEnd - 64
		}
		copy(req.Code[:], code)
		short := req
		short.Length--
		fetch := func(a *cpuAnswer) bool {
			return a.Signal == uint64(syscall.SIGSEGV) && a.RIP == 0 && a.Address == codePage+4096
		}
		c.do(&req, func(a *cpuAnswer) {
			ud := a.Signal == uint64(syscall.SIGILL) && a.RIP == 0
			switch {
			case err != nil:
				if !ud && !fetch(a) {
					note("CPU executes", a)
				}
			case ud:
				note("unsupported", a)
			case fetch(a):
				note("longer", a)
			default:
				executed++
				if short.Length > 0 {
					c.do(&short, func(a *cpuAnswer) {
						if !fetch(a) {
							note("shorter", a)
						}
					})
				}
			}
		})
	}
	c.flush()
	c.flush()
	var all []class
	for cl := range count {
		all = append(all, cl)
	}
	sort.Slice(all, func(i, j int) bool { return fmt.Sprint(all[i]) < fmt.Sprint(all[j]) })
	for _, cl := range all {
		fmt.Printf("%s enc%d map%x op%02x pp%d W%d L%d mod%d x%d %s\n", cl.what, cl.enc, cl.m, cl.op, cl.pp, cl.w, cl.l, cl.mod, count[cl], seen[cl])
	}
	t.Log("executed", executed)
}
