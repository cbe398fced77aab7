package scopes

import (
	"fmt"
	"slices"
	"strings"

	"stepback/adapter/types"
	"stepback/adapter/values"
)

// parts are names for the lower bytes of registers.
var parts = func() map[string]struct {
	of          string
	size, shift int64
} {
	m := map[string]struct {
		of          string
		size, shift int64
	}{}
	for _, r := range Registers[:16] {
		if n, ok := strings.CutPrefix(r, "r"); ok && n[0] >= '0' && n[0] <= '9' {
			m[r+"d"] = struct {
				of          string
				size, shift int64
			}{r, 4, 0}
			m[r+"w"], m[r+"l"] = m[r+"d"], m[r+"d"]
			for suffix, size := range map[string]int64{"w": 2, "l": 1} {
				p := m[r+suffix]
				p.size = size
				m[r+suffix] = p
			}
			continue
		}
		add := func(name string, size, shift int64) {
			m[name] = struct {
				of          string
				size, shift int64
			}{r, size, shift}
		}
		add("e"+r[1:], 4, 0)
		add(r[1:], 2, 0)
		if strings.HasSuffix(r, "x") {
			add(r[1:2]+"l", 1, 0)
			add(r[1:2]+"h", 1, 8)
		} else {
			add(r[1:]+"l", 1, 0)
		}
	}
	delete(m, "sp") // the names of whole registers
	delete(m, "bp")
	return m
}()

// Register is the value of a register by its name: rax, eax, ax, al, pc, sp, fp.
func (s *Scope) Register(name string) (values.Value, error) {
	if s.Frame == nil {
		return values.Value{}, fmt.Errorf("there is no thread whose register %s is", name)
	}
	whole := name
	switch name {
	case "pc":
		whole = "rip"
	case "sp":
		whole = "rsp"
	case "fp":
		whole = "rbp"
	}
	p, part := parts[name]
	if part {
		whole = p.of
	}
	i := slices.Index(Registers, whole)
	if i < 0 {
		return values.Value{}, fmt.Errorf("there is no register %s", name)
	}
	n, ok := s.Frame.Register(i)
	if whole == "rip" {
		n, ok = s.Frame.PC(), true
	}
	t := values.Long
	switch {
	case !ok:
		return values.Missing(t, fmt.Errorf("%s is not known in this frame", name)), nil
	case part:
		n >>= p.shift
		t = types.Base(types.Int, map[int64]string{4: "int", 2: "int16_t", 1: "int8_t"}[p.size], p.size, true)
	case whole == "rip":
		t = types.PointerTo(&types.Type{Kind: types.Func, Size: 1, Elem: values.VoidType})
	case whole == "rsp" || whole == "rbp":
		t = types.PointerTo(values.VoidType)
	}
	v := values.Number(s.Process, t, n)
	v.Register = name
	return v, nil
}

// Target is the process.
func (s *Scope) Target() values.Target { return s.Process }

// Call calls a function in a copy of the process.
func (s *Scope) Call(function values.Value, args []values.Value) (values.Value, error) {
	if s.Caller == nil {
		return values.Value{}, fmt.Errorf("functions cannot be called here")
	}
	return s.Caller(function, args)
}
