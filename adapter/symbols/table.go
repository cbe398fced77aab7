package symbols

import (
	"cmp"
	"debug/elf"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Table is the symbols of one ELF file, at the addresses for which it was
// linked.
type Table struct {
	list  []symbol // by address, one for each
	reach []uint64 // the highest end of the symbols up to this one
	names map[string]symbol
}

type symbol struct {
	name    string
	addr    uint64
	end     uint64 // addr if the symbol has no size
	limit   uint64 // end of its section, or of the symbol that it lies in
	typ     elf.SymType
	binding elf.SymBind
}

// readTable reads .symtab and .dynsym of a file and of its separate debug file.
func readTable(files ...*elf.File) (*Table, error) {
	t := &Table{names: map[string]symbol{}}
	for _, f := range files {
		for _, read := range []func() ([]elf.Symbol, error){f.Symbols, f.DynamicSymbols} {
			list, err := read()
			if err != nil && !errors.Is(err, elf.ErrNoSymbols) {
				return nil, fmt.Errorf("reading the symbols: %w", err)
			}
			for _, s := range list {
				t.add(f, s)
			}
		}
	}
	t.finish()
	return t, nil
}

// finish makes the list ready for Lookup.
func (t *Table) finish() {
	// Of several names for an address, the best one comes first.
	slices.SortFunc(t.list, func(a, b symbol) int { return cmp.Or(cmp.Compare(a.addr, b.addr), a.compare(b)) })
	t.list = slices.CompactFunc(t.list, func(a, b symbol) bool { return a.addr == b.addr })
	t.list = slices.Clip(t.list)
	high := uint64(0)
	for i, s := range t.list {
		if s.end == s.addr && high > s.addr { // a label inside a function
			t.list[i].limit = min(s.limit, high)
		}
		high = max(high, s.end)
		t.reach = append(t.reach, high)
	}
}

// symbolTypes are those of symbols that name a place in memory.
var symbolTypes = []elf.SymType{elf.STT_FUNC, elf.STT_GNU_IFUNC, elf.STT_OBJECT, elf.STT_COMMON, elf.STT_NOTYPE}

// add takes a symbol if it names a place in memory.
func (t *Table) add(f *elf.File, s elf.Symbol) {
	typ := elf.ST_TYPE(s.Info)
	if s.Name == "" || s.Section == elf.SHN_UNDEF || int(s.Section) >= len(f.Sections) || !slices.Contains(symbolTypes, typ) {
		return
	}
	n := symbol{
		name: s.Name, addr: s.Value, end: s.Value + s.Size, limit: f.Sections[s.Section].Addr + f.Sections[s.Section].Size,
		typ: typ, binding: elf.ST_BIND(s.Info),
	}
	if n.end < n.addr {
		n.end = math.MaxUint64
	}
	t.list = append(t.list, n)
	if old, ok := t.names[n.name]; !ok || n.compare(old) < 0 {
		t.names[n.name] = n
	}
}

// compare orders symbols by how much they tell to people.
func (s symbol) compare(o symbol) int {
	first := func(a, b bool) int { // true before false
		switch {
		case a == b:
			return 0
		case a:
			return -1
		}
		return 1
	}
	underscores := func(name string) int { return len(name) - len(strings.TrimLeft(name, "_")) }
	return cmp.Or(
		first(s.end > s.addr, o.end > o.addr),
		first(s.typ != elf.STT_NOTYPE, o.typ != elf.STT_NOTYPE),
		cmp.Compare(underscores(s.name), underscores(o.name)),
		first(s.binding == elf.STB_GLOBAL, o.binding == elf.STB_GLOBAL),
		first(s.binding == elf.STB_WEAK, o.binding == elf.STB_WEAK),
		cmp.Compare(s.name, o.name),
	)
}

// Lookup finds the symbol that an address belongs to: the innermost that
// holds it, or else the nearest before it in its section that has no size, as
// labels of assembly code.
func (t *Table) Lookup(addr uint64) (name string, offset uint64, ok bool) {
	near, found := slices.BinarySearchFunc(t.list, addr, func(s symbol, a uint64) int { return cmp.Compare(s.addr, a) })
	if !found {
		near--
	}
	for i := near; i >= 0 && t.reach[i] > addr; i-- {
		if s := t.list[i]; addr < s.end {
			return s.name, addr - s.addr, true
		}
	}
	if near >= 0 {
		if s := t.list[near]; s.end == s.addr && addr < s.limit {
			return s.name, addr - s.addr, true
		}
	}
	return "", 0, false
}

// Address finds a symbol by its name.
func (t *Table) Address(name string) (addr uint64, ok bool) {
	s, ok := t.names[name]
	return s.addr, ok
}
