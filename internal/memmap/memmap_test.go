package memmap

import (
	"math/rand"
	"slices"
	"testing"
)

// TestAgainstPages compares random changes with a model that keeps every page.
func TestAgainstPages(t *testing.T) {
	const pages = 64
	type page struct {
		mapped bool
		prot   uint32
		shared bool
		off    uint64
	}
	rng := rand.New(rand.NewSource(1))
	for round := range 200 {
		var m Map
		var model [pages]page
		for step := range 60 {
			a := rng.Intn(pages)
			n := 1 + rng.Intn(pages-a)
			start, end := uint64(a)*PageSize, uint64(a+n)*PageSize
			switch rng.Intn(4) {
			case 0, 1:
				e := Mapping{Start: start, End: end, Prot: uint32(rng.Intn(8)), Shared: rng.Intn(2) == 0, Offset: uint64(rng.Intn(9)) * PageSize}
				m.Add(e)
				for i := range n {
					model[a+i] = page{true, e.Prot, e.Shared, e.Offset + uint64(i)*PageSize}
				}
			case 2:
				m.Remove(start, end)
				for i := range n {
					model[a+i] = page{}
				}
			case 3:
				prot := uint32(rng.Intn(8))
				m.Protect(start, end, prot)
				for i := range n {
					if model[a+i].mapped {
						model[a+i].prot = prot
					}
				}
			}
			anyShared := false
			for i, want := range model {
				addr := uint64(i) * PageSize
				got, ok := m.Find(addr + 5)
				if ok != want.mapped || ok && (got.Prot != want.prot || got.Shared != want.shared || got.Offset+addr-got.Start != want.off) {
					t.Fatalf("round %d step %d page %d: got %+v %v, want %+v", round, step, i, got, ok, want)
				}
				anyShared = anyShared || want.shared
			}
			if m.TouchesShared(0, pages*PageSize) != anyShared {
				t.Fatalf("round %d step %d: TouchesShared is %v", round, step, !anyShared)
			}
			for i := 1; i < len(m.list); i++ {
				if m.list[i-1].End > m.list[i].Start {
					t.Fatalf("round %d step %d: overlap", round, step)
				}
			}
		}
	}
}

func TestMove(t *testing.T) {
	var m Map
	m.Add(Mapping{Start: 0x10000, End: 0x14000, Offset: 0x1000, Shared: true})
	m.Move(0x11000, 0x1000, 0x40000, 0x3000, false)
	if _, ok := m.Find(0x11000); ok {
		t.Error("the old place is still mapped")
	}
	got, ok := m.Find(0x42fff)
	if !ok || got.Offset != 0x2000 || got.Start != 0x40000 || got.End != 0x43000 {
		t.Errorf("the new place is %+v, %v", got, ok)
	}
	m.Move(0x40000, 0x3000, 0x50000, 0x3000, true)
	if _, ok := m.Find(0x40000); !ok {
		t.Error("MREMAP_DONTUNMAP unmapped the old place")
	}
}

// What forks get belongs to the mapping: it moves with it, and ends with it.
func TestSetAtFork(t *testing.T) {
	var m Map
	m.Add(Mapping{Start: 0x1000, End: 0x5000, Prot: 3})
	m.SetAtFork(0x2000, 0x3000, 10)
	m.Move(0x2000, 0x1000, 0x9000, 0x1000, false)
	m.SetAtFork(0x4000, 0x5000, 18)
	m.Add(Mapping{Start: 0x4000, End: 0x5000, Prot: 1})
	want := []Mapping{
		{Start: 0x1000, End: 0x2000, Prot: 3}, {Start: 0x3000, End: 0x4000, Prot: 3, Offset: 0x2000},
		{Start: 0x4000, End: 0x5000, Prot: 1}, {Start: 0x9000, End: 0xa000, Prot: 3, Offset: 0x1000, AtFork: 10},
	}
	if got := m.All(); !slices.Equal(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}
