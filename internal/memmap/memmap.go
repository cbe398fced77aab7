// Package memmap keeps the list of mappings of one address space, as the
// kernel keeps its virtual memory areas: sorted, without overlap.
package memmap

import "slices"

// PageSize is the size of a page of memory.
const PageSize = 4096

// PageDown and PageUp round an address to a page's boundary.
func PageDown(a uint64) uint64 { return a &^ (PageSize - 1) }

// PageUp rounds up; see PageDown.
func PageUp(a uint64) uint64 { return (a + PageSize - 1) &^ (PageSize - 1) }

// FileID names a file of this machine while it is in use.
type FileID struct{ Dev, Ino uint64 }

// Mapping is a range of memory with one source.
type Mapping struct {
	Start, End uint64 // End is the first address behind it
	Prot       uint32 // PROT_*
	Shared     bool   // MAP_SHARED
	Object     uint32 // shared object behind it, 0 for none
	File       FileID // file behind it, zero for anonymous memory
	Offset     uint64 // of Start in the object or file
	AtFork     uint32 // MADV_DONTFORK or MADV_WIPEONFORK; 0: a fork has a copy

	Name string   // what /proc/PID/maps calls it: the file's path, [stack], [heap]
	Blob [32]byte // hash of the file's content, where that is kept; zero for none
}

// Map is the list of mappings. The zero value is empty.
type Map struct {
	list   []Mapping
	shared int // mappings with Shared set
}

// search returns the index of the first mapping that ends behind addr.
func (m *Map) search(addr uint64) int {
	i, _ := slices.BinarySearchFunc(m.list, addr, func(e Mapping, a uint64) int {
		if e.End <= a {
			return -1
		}
		return 1
	})
	return i
}

// Find returns the mapping that holds addr.
func (m *Map) Find(addr uint64) (Mapping, bool) {
	if i := m.search(addr); i < len(m.list) && m.list[i].Start <= addr {
		return m.list[i], true
	}
	return Mapping{}, false
}

// Overlapping returns the mappings that touch [start, end), whole. The slice
// is the map's own: it is valid until the next change.
func (m *Map) Overlapping(start, end uint64) []Mapping {
	i := m.search(start)
	j := i
	for j < len(m.list) && m.list[j].Start < end {
		j++
	}
	return m.list[i:j]
}

// All returns the mappings; see Overlapping.
func (m *Map) All() []Mapping { return m.list }

// TouchesShared reports whether any byte of [start, end) is shared memory.
func (m *Map) TouchesShared(start, end uint64) bool {
	if m.shared == 0 {
		return false
	}
	for _, e := range m.Overlapping(start, end) {
		if e.Shared {
			return true
		}
	}
	return false
}

// split makes a mapping begin at addr when one goes across it.
func (m *Map) split(addr uint64) {
	i := m.search(addr)
	if i == len(m.list) || m.list[i].Start >= addr {
		return
	}
	right := m.list[i]
	right.Offset += addr - right.Start
	right.Start = addr
	m.list[i].End = addr
	m.list = slices.Insert(m.list, i+1, right)
	m.count(right, 1)
}

func (m *Map) count(e Mapping, n int) {
	if e.Shared {
		m.shared += n
	}
}

// cut removes [start, end) and returns what was there.
func (m *Map) cut(start, end uint64) []Mapping {
	if start >= end {
		return nil
	}
	m.split(start)
	m.split(end)
	i, j := m.search(start), m.search(start)
	for j < len(m.list) && m.list[j].Start < end {
		m.count(m.list[j], -1)
		j++
	}
	gone := slices.Clone(m.list[i:j])
	m.list = slices.Delete(m.list, i, j)
	return gone
}

// Add puts a mapping in the place of whatever was there.
func (m *Map) Add(e Mapping) {
	if e.Start >= e.End {
		return
	}
	m.cut(e.Start, e.End)
	m.list = slices.Insert(m.list, m.search(e.Start), e)
	m.count(e, 1)
}

// Remove unmaps [start, end).
func (m *Map) Remove(start, end uint64) { m.cut(start, end) }

// Protect changes the protection of what is mapped in [start, end).
func (m *Map) Protect(start, end uint64, prot uint32) {
	for _, e := range m.cut(start, end) {
		e.Prot = prot
		m.Add(e)
	}
}

// SetAtFork changes what forks get of what is mapped in [start, end).
func (m *Map) SetAtFork(start, end uint64, advice uint32) {
	for _, e := range m.cut(start, end) {
		e.AtFork = advice
		m.Add(e)
	}
}

// Move is mremap: the mapping at old becomes newLen bytes long, at addr. With
// keep the old place stays mapped (MREMAP_DONTUNMAP).
func (m *Map) Move(old, oldLen, addr, newLen uint64, keep bool) {
	first, ok := m.Find(old)
	if !ok {
		return
	}
	moved := first
	moved.Offset += old - first.Start
	moved.Start, moved.End = addr, addr+newLen
	if oldLen != 0 && !keep { // an old length of 0 duplicates a shared mapping
		m.cut(old, old+oldLen)
	}
	m.Add(moved)
}

// Clone copies the map, for fork.
func (m *Map) Clone() Map {
	return Map{list: slices.Clone(m.list), shared: m.shared}
}
