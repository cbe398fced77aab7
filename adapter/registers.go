package adapter

import (
	"fmt"
	"slices"

	"stepback/adapter/scopes"
	"stepback/internal/tracee"
)

// registerOrder is the order in which people read registers.
var registerOrder = []string{
	"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
	"rip", "eflags", "fs_base", "gs_base", "cs", "ss", "ds", "es", "fs", "gs", "orig_rax",
}

// registerAliases are gdb's names for registers that all processors have.
var registerAliases = map[string]string{"pc": "rip", "sp": "rsp", "fp": "rbp"}

// registerValue is a register of a thread by its name.
func registerValue(t *Thread, name string) (Value, bool) {
	real := name
	if alias, ok := registerAliases[name]; ok {
		real = alias
	}
	i := slices.Index(tracee.RegNames[:], real)
	if i < 0 {
		return Value{}, false
	}
	n := t.Regs.Words()[i]
	v := Value{Name: name, Text: fmt.Sprintf("%#x", n), Expression: "$" + name, Address: n, Type: "long"}
	if p := t.Space.Lookup(n); p.Symbol != "" {
		v.Text += " <" + p.String() + ">"
	}
	return v, true
}

// registers is the scope with the registers of a frame: all of the thread's, or in a caller
// those that are still known.
func registers(f *frame) Value {
	t := f.thread
	if f.Number > 0 {
		return callersRegisters(f)
	}
	return Value{Name: "Registers", Named: len(registerOrder), Parts: func(start, count int) ([]Value, error) {
		var list []Value
		for _, name := range page(registerOrder, start, count) {
			v, _ := registerValue(t, name)
			list = append(list, v)
		}
		return list, nil
	}}
}

func callersRegisters(f *frame) Value {
	var list []Value
	m := &threadFrame{f.thread, f.Number}
	for i, name := range scopes.Registers {
		n, ok := m.Register(i)
		if name == "rip" {
			n, ok = f.PC, true
		}
		v := Value{Name: name, Text: "<not saved>", Type: "long"}
		if ok {
			v = Value{Name: name, Text: fmt.Sprintf("%#x", n), Expression: "$" + name, Address: n, Type: "long"}
		}
		list = append(list, v)
	}
	return Value{Name: "Registers", Named: len(list), Parts: func(start, count int) ([]Value, error) {
		return page(list, start, count), nil
	}}
}

// page is a part of a list; a count of 0 is all.
func page[T any](list []T, start, count int) []T {
	start = min(max(start, 0), len(list))
	if count <= 0 || count > len(list)-start {
		count = len(list) - start
	}
	return list[start : start+count]
}
