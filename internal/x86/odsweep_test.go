package x86

import (
	"fmt"
	"math/rand/v2"
	"os"
	"sort"
	"strconv"
	"strings"
	"testing"
)

func TestODSweep(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("X86_OD"))
	if n == 0 {
		t.Skip()
	}
	seed, _ := strconv.Atoi(os.Getenv("X86_SEED"))
	r := rand.New(rand.NewPCG(2, uint64(seed)))
	var all []byte
	for range n {
		all = append(all, sample(r)...)
		for range 16 {
			all = append(all, 0x90)
		}
	}
	file := t.TempDir() + "/x"
	os.WriteFile(file, all, 0o644)
	type class struct {
		what          string
		enc           Encoding
		m             Map
		op            uint8
		pp, w, l, mod uint8
	}
	seen := map[class]string{}
	count := map[class]int{}
	var lines []listed
	check := func() {
		if len(lines) == 0 {
			return
		}
		code := all[lines[0].address&^31:][:16]
		var inst Inst
		err := Decode(code, &inst)
		d := decoder{code: code, inst: new(Inst)}
		d.decode()
		in := *d.inst
		cl := class{enc: in.Encoding, m: in.Map, op: in.Opcode, pp: d.keys[byPrefix], w: d.keys[byW], l: d.keys[byLength], mod: d.keys[byMod]}
		var text []string
		bad := false
		length := 0
		for i, l := range lines {
			text = append(text, l.text)
			if i == 0 || length < int(inst.Len) {
				length += len(l.bytes)
				if strings.Contains(l.text, "(bad)") {
					bad = true
				}
			}
			if i == 2 {
				break
			}
		}
		what := ""
		switch {
		case err == ErrTooLong:
		case err != nil && !bad:
			what = "permits"
		case err == nil && bad:
			what = "forbids"
		case err == nil && length != int(inst.Len):
			what = "length"
		}
		if what != "" {
			cl.what = what
			count[cl]++
			if seen[cl] == "" {
				seen[cl] = fmt.Sprintf("% x  (%d: %q", code, inst.Len, text)
			}
		}
	}
	objdump(t, func(l listed) {
		if l.address&31 == 0 {
			check()
			lines = lines[:0]
		}
		length := len(l.bytes)
		l.bytes = make([]byte, length)
		lines = append(lines, l)
	}, "-D", "-b", "binary", "-mi386:x86-64", file)
	check()
	var cls []class
	for cl := range count {
		cls = append(cls, cl)
	}
	sort.Slice(cls, func(i, j int) bool { return fmt.Sprint(cls[i]) < fmt.Sprint(cls[j]) })
	for _, cl := range cls {
		fmt.Printf("%s enc%d map%x op%02x pp%d W%d L%d mod%d x%d %s\n", cl.what, cl.enc, cl.m, cl.op, cl.pp, cl.w, cl.l, cl.mod, count[cl], seen[cl])
	}
}
