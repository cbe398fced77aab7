package replayer

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/internal/tracee"
	"stepback/replayer/translator"
)

// codeSpace is an address space as the translator sees it: that of the task
// that runs.
type codeSpace struct {
	k     *task
	image *image
	// refused: code was not read because other tasks share the cache and each
	// could change it.
	refused bool
}

func (c *codeSpace) ReadCode(addr uint64, page *[memmap.PageSize]byte) (ok, writable bool) {
	m, found := c.k.maps.Find(addr)
	if !found || m.Prot&unix.PROT_EXEC == 0 {
		return false, false
	}
	writable = m.Prot&unix.PROT_WRITE != 0 || m.Shared
	if writable && !m.Shared && c.image.tasks > 1 {
		c.refused = true
		return false, false
	}
	if c.k.stopped.ReadMem(addr, page[:]) != nil {
		return false, false // behind the end of its file
	}
	return true, writable
}

// reach is how far from code its translation may lie.
const reach = 1 << 31 * 7 / 8

// Place takes the middle of the largest gap: what the program maps later is
// mostly next to what it has.
func (c *codeSpace) Place(near, size uint64) (uint64, error) {
	const guard = 16 << 20
	low, high := uint64(tracee.AreaEnd), uint64(userEnd)
	if near > reach+low {
		low = near - reach
	}
	high = min(high, near+reach)
	var best, room uint64
	c.gaps(func(start, end uint64) {
		start, end = max(start, low), min(end, high)
		if start < end && end-start > room {
			room = end - start
			best = memmap.PageDown(start + (end-start)/2 - size/2)
		}
	})
	if room < size+2*guard {
		return 0, fmt.Errorf("there is no room of %d MiB within 2 GiB of it", size>>20)
	}
	return best, nil
}

// PlaceLow takes the lowest gap.
func (c *codeSpace) PlaceLow(size uint64) (uint64, error) {
	const guard, lowest = 64 << 10, 1 << 20
	var at uint64
	c.gaps(func(start, end uint64) {
		start, end = max(start+guard, lowest), min(end, math.MaxInt32)
		if at == 0 && start < end && end-start >= size+guard {
			at = start
		}
	})
	if at == 0 {
		return 0, errors.New("there is no room below 2 GiB")
	}
	return at, nil
}

// gaps calls f for every range where nothing is mapped.
func (c *codeSpace) gaps(f func(start, end uint64)) {
	used := c.k.maps.Clone()
	used.Add(memmap.Mapping{Start: tracee.AreaStart, End: tracee.AreaEnd})
	if c.k.code != nil && c.k.code.image != nil && c.k.code.cache != nil {
		for _, r := range c.k.code.cache.Regions() {
			used.Add(memmap.Mapping{Start: r.Base, End: r.Base + r.Size})
		}
	}
	at := uint64(0)
	for _, m := range used.All() {
		if m.Start > at {
			f(at, m.Start)
		}
		at = max(at, m.End)
	}
	if at < userEnd {
		f(at, userEnd)
	}
}

// maxRegions is how many regions a cache may have before it is begun anew:
// arenas of 32 MiB each.
const maxRegions = 32

// prepare gives the task a cache if it has none, and makes it the one that the
// cache reads code from.
func (x *translated) prepare(k *task) error {
	if k.code == nil {
		k.code = newView()
	}
	// Programs that make code all the time leave much behind.
	if k.code.image != nil && (len(k.code.cache.Regions()) > maxRegions || overgrown(k)) {
		if err := x.separate(k); err != nil {
			return err
		}
	}
	if k.code.image == nil {
		space := &codeSpace{k: k}
		cache, err := translator.New(space, x.opts.Translator)
		if err != nil {
			return err
		}
		k.code.image = &image{cache: cache, space: space, tasks: 1}
		space.image = k.code.image
		k.code.mapped = 0
	}
	k.code.space.k, k.code.space.refused = k, false
	return nil
}

// overgrown reports whether the cache, which grows where the task that runs has
// room, has grown where this one has something.
func overgrown(k *task) bool {
	for _, r := range k.code.cache.Regions()[k.code.mapped:] {
		if len(k.maps.Overlapping(r.Base, r.Base+r.Size)) > 0 {
			return true
		}
	}
	return false
}

// sync maps those regions of the cache into the task that it lacks, and
// write-protects the pages that were translated from.
func (x *translated) sync(k *task) error {
	v := k.code
	regions := v.cache.Regions()
	for ; v.mapped < len(regions); v.mapped++ {
		r := regions[v.mapped]
		prot := uint64(unix.PROT_READ)
		if r.Code {
			prot |= unix.PROT_EXEC
		}
		if err := x.mapShared(k, r.File, r.Base, r.Size, prot); err != nil {
			return fmt.Errorf("mapping the code cache: %w", err)
		}
	}
	for _, page := range v.cache.Fresh() {
		v.image.changes++
		if len(v.cache.Translated(page, page+memmap.PageSize)) == 0 {
			continue
		}
		if m, ok := k.maps.Find(page); !ok {
			continue
		} else if !m.Shared {
			if err := x.protect(k, page, m.Prot); err != nil {
				return err
			}
		} else if err := x.views(m.Object, m.Offset+page-m.Start, func(other *task, addr uint64, m memmap.Mapping) error {
			if m.Prot&unix.PROT_WRITE == 0 {
				return nil
			}
			return x.protect(other, addr, m.Prot)
		}); err != nil {
			return err
		}
	}
	return nil
}

// protect makes the program's stores to a page fault.
func (x *translated) protect(k *task, page uint64, prot uint32) error {
	if k.code == nil {
		k.code = newView()
	}
	if _, err := x.factory.call(k, unix.SYS_MPROTECT, page, memmap.PageSize, uint64(prot&^unix.PROT_WRITE)); err != nil {
		return fmt.Errorf("protecting translated code: %w", err)
	}
	k.code.protected[page] = struct{}{}
	return nil
}

// views calls f for each address at which a task has a page of a shared object.
func (x *translated) views(object uint32, offset uint64, f func(k *task, addr uint64, m memmap.Mapping) error) error {
	for _, k := range x.world.tasks {
		for _, m := range k.maps.All() {
			if m.Object != object || !m.Shared || offset < m.Offset || offset-m.Offset >= m.End-m.Start {
				continue
			}
			if err := f(k, m.Start+offset-m.Offset, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// restored is told that a shared object changes, or gets a new mapping: what was
// translated from it is dropped.
func (x *translated) restored(object uint32) error {
	for _, k := range x.world.tasks {
		if k.code == nil {
			continue
		}
		for _, m := range slices.Clone(k.maps.All()) {
			if m.Object == object {
				if err := x.rewrite(k, m.Start, m.End); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// mapShared maps a file of the engine's into the task.
func (x *translated) mapShared(k *task, f *os.File, addr, size, prot uint64) error {
	fd, err := x.factory.descriptor(k, source{file: f}, f)
	if err != nil {
		return err
	}
	_, err = x.factory.call(k, unix.SYS_MMAP, addr, size, prot, unix.MAP_SHARED|unix.MAP_FIXED, fd, 0)
	return err
}

// unprotect lets the program write to a page, if it is one that it
// could write but for its translations, which are dropped.
func (x *translated) unprotect(k *task, page uint64) (bool, error) {
	if _, ok := k.code.protected[page]; !ok {
		return false, nil
	}
	if m, ok := k.maps.Find(page); ok && m.Shared {
		return true, x.views(m.Object, m.Offset+page-m.Start, func(other *task, addr uint64, m memmap.Mapping) error {
			return x.rewrite(other, addr, addr+memmap.PageSize)
		})
	}
	if err := x.rewrite(k, page, page+memmap.PageSize); err != nil {
		return false, err
	}
	return true, nil
}

// rewrite is told that memory of the task is about to be written.
func (x *translated) rewrite(k *task, start, end uint64) error {
	v := k.code
	if v == nil {
		return nil
	}
	if v.image != nil {
		for _, page := range v.cache.Translated(start, end) {
			v.image.changes++
			if m, ok := k.maps.Find(page); ok && !m.Shared && v.tasks > 1 {
				return x.separate(k)
			}
			v.cache.Invalidate(page, page+memmap.PageSize)
		}
	}
	return x.releaseAll(k, start, end)
}

// releaseAll takes the write protection from the pages in [start, end).
func (x *translated) releaseAll(k *task, start, end uint64) error {
	for page := range k.code.protected {
		if page < memmap.PageDown(start) || page >= end {
			continue
		}
		if err := x.release(k, page); err != nil {
			return err
		}
	}
	return nil
}

// release takes the write protection from a page.
func (x *translated) release(k *task, page uint64) error {
	if _, ok := k.code.protected[page]; !ok {
		return nil
	}
	delete(k.code.protected, page)
	m, ok := k.maps.Find(page)
	if !ok {
		return nil
	}
	if _, err := x.factory.call(k, unix.SYS_MPROTECT, page, memmap.PageSize, uint64(m.Prot)); err != nil {
		return fmt.Errorf("lifting the protection of code at %#x: %w", page, err)
	}
	return nil
}

// remap is told that the mappings in [start, end) are about to change.
func (x *translated) remap(k *task, start, end uint64, exec bool) error {
	v := k.code
	if v == nil || v.image == nil {
		return nil
	}
	if v.cache.Touches(start, end) {
		return x.separate(k)
	}
	if err := x.releaseAll(k, start, end); err != nil {
		return err
	}
	for _, m := range k.maps.Overlapping(start, end) {
		exec = exec || m.Prot&unix.PROT_EXEC != 0
	}
	if !exec {
		return nil
	}
	v.image.changes++
	if v.tasks > 1 {
		return x.separate(k)
	}
	v.cache.Invalidate(start, end)
	return nil
}

// separate takes the task away from its cache; it gets a new one when it runs.
func (x *translated) separate(k *task) error {
	v := k.code
	for page := range v.protected {
		// Other tasks may have translations of shared memory.
		if m, ok := k.maps.Find(page); ok && m.Shared {
			continue
		}
		if err := x.release(k, page); err != nil {
			return err
		}
	}
	for _, r := range v.cache.Regions()[:v.mapped] {
		if _, err := x.factory.call(k, unix.SYS_MUNMAP, r.Base, r.Size); err != nil {
			return fmt.Errorf("unmapping the code cache: %w", err)
		}
	}
	x.forget(k)
	return nil
}

// forget ends the task's part in its cache.
func (x *translated) forget(k *task) {
	v := k.code
	if v == nil || v.image == nil {
		return
	}
	v.tasks--
	if v.space.k == k {
		v.space.k = nil
	}
	v.image.close()
	v.image, v.mapped = nil, 0
}

// close gives back the cache when nobody has it any more.
func (i *image) close() {
	if i.tasks == 0 && i.saved == 0 {
		i.cache.Close()
	}
}

// saved is told that the copy of a task is kept.
func (x *translated) saved(k, saved *task) {
	v := k.code
	if v == nil {
		return
	}
	saved.code = &view{image: v.image, mapped: v.mapped, protected: maps.Clone(v.protected)}
	if v.image != nil {
		v.image.saved++
		saved.code.changes = v.image.changes
	}
}

// dropped is told that a saved task ends.
func (x *translated) dropped(saved *task) {
	if v := saved.code; v != nil && v.image != nil {
		v.image.saved--
		v.image.close()
	}
}

// resumed makes the image right for the copy of a saved task. In the meantime,
// code may have changed that it has as it was.
func (x *translated) resumed(saved, k *task) error {
	v := saved.code
	if v == nil {
		return nil
	}
	k.code = &view{image: v.image, mapped: v.mapped, protected: maps.Clone(v.protected)}
	for page := range k.code.protected {
		if m, ok := k.maps.Find(page); ok && m.Object != 0 {
			delete(k.code.protected, page) // it was mapped anew, perhaps
		}
	}
	if v.image == nil {
		return nil
	}
	v.image.tasks++
	if overgrown(k) {
		return x.separate(k)
	}
	if v.changes == v.image.changes && !runsObjects(k) {
		return nil
	}
	v.image.changes++
	v.space.k = k
	for _, page := range v.cache.Check() {
		m, ok := k.maps.Find(page)
		if _, done := k.code.protected[page]; !ok || done {
			continue
		}
		if err := x.protect(k, page, m.Prot); err != nil {
			return err
		}
	}
	return nil
}

// runsObjects reports whether the task can execute a shared object.
func runsObjects(k *task) bool {
	for _, m := range k.maps.All() {
		if m.Object != 0 && m.Prot&unix.PROT_EXEC != 0 {
			return true
		}
	}
	return false
}

// forked is told that the child is a copy of the parent.
func (x *translated) forked(parent, child *task) {
	v := parent.code
	if v == nil {
		return
	}
	child.code = &view{image: v.image, mapped: v.mapped, protected: maps.Clone(v.protected)}
	if v.image != nil {
		v.tasks++
	}
}

// copied is told that the copy of a task runs while the task stands still. What is
// translated from shared memory would be that of both, though the memory is not.
func (x *translated) copied(k, c *task) error {
	x.forked(k, c)
	if c.code != nil && c.code.image != nil && runsObjects(c) {
		return x.separate(c)
	}
	return nil
}
