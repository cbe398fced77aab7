package translator

// site is a pc that a branch may go to. It holds numbers, 0 for none.
type site struct {
	pc      uint64
	block   uint32 // its translation
	landing uint32
	waiting uint32 // the latest exit of direct branches, while there is no translation
}

// sites finds sites by their pc: a hash table with linear probing that keeps
// what is near in the program near in memory, for code is translated in that
// order. The zero value is empty.
type sites struct {
	list  list[site]
	slots []uint32 // numbers in the list, 0 for none; a power of two of them
}

// at returns the site of a pc, which it makes if need be.
func (s *sites) at(pc uint64) *site {
	if uint32(len(s.slots)) <= 2*s.list.n {
		s.grow()
	}
	for i := s.slot(pc); ; i = (i + 1) & (len(s.slots) - 1) {
		n := s.slots[i]
		if n == 0 {
			n = s.list.add(site{pc: pc})
			s.slots[i] = n
		}
		if at := s.list.at(n); at.pc == pc {
			return at
		}
	}
}

// slot is where the search for a pc begins: programs and libraries, each in
// order, at places of their own.
func (s *sites) slot(pc uint64) int {
	const library = 20 // bits of the address inside most of them
	return int((pc>>1 + pc>>library*0x9e3779b1) & uint64(len(s.slots)-1))
}

func (s *sites) grow() {
	if s.list.n == 0 {
		s.list.add(site{}) // 0 is none
	}
	s.slots = make([]uint32, max(2*len(s.slots), 1<<12))
	for n := uint32(1); n < s.list.n; n++ {
		i := s.slot(s.list.at(n).pc)
		for s.slots[i] != 0 {
			i = (i + 1) & (len(s.slots) - 1)
		}
		s.slots[i] = n
	}
}
