package recorder

import (
	"stepback/internal/memmap"
	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// memoryEvidence are the hashes of all pages that the process of t has made its
// own, and of the shared ones that it can write. Scratch memory, which replay
// does not have, is not in the space's list of mappings.
func (r *recorder) memoryEvidence(t *thread) (*trace.Evidence, error) {
	var e trace.Evidence
	page := make([]byte, memmap.PageSize)
	for _, m := range t.space.maps.All() {
		own, err := tracee.PrivatePages(t.tid, m.Start, m.End)
		if err != nil {
			return nil, err
		}
		for i, is := range own {
			addr := m.Start + uint64(i)*memmap.PageSize
			if (is || m.Shared) && t.stopped.ReadMem(addr, page) == nil {
				e.Pages = append(e.Pages, trace.PageHash{Addr: addr, Hash: memmap.Hash(page)})
			}
		}
	}
	return &e, nil
}
