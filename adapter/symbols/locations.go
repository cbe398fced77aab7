package symbols

import (
	"cmp"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A Location is an address that a breakpoint on a line belongs at.
type Location struct {
	Addr     uint64
	Position Position // its line is another than was asked for if that has no code
	Function string   // that it is in, or is inlined
	// Entered is how many of the innermost frames at Addr begin there while the line
	// is that of a caller: an empty line before an inlined call.
	Entered int
}

// Locations is where breakpoints on a line belong, by address: in each function
// and each inlined call that has code of the line, at the lowest address at which
// a statement of it begins, but after the function's prologue. Functions may be
// in several parts; each part counts. If the line has no code, those of the next
// line that has, in the same function, are taken.
//
// The file is the one whose path has most in common with the given one, from its
// end: the program may have been compiled elsewhere.
func (s *Space) Locations(path string, line int) (list []Location) {
	found := s.lines(path)
	exact := func(want uint32) []match {
		var hits []match
		for _, f := range found {
			hits = append(hits, f.rows(want)...)
		}
		return hits
	}
	hits := exact(uint32(line))
	if len(hits) == 0 {
		next := uint32(0)
		for _, f := range found {
			if n := f.next(uint32(line)); n != 0 && (next == 0 || n < next) {
				next = n
			}
		}
		if next == 0 {
			return nil
		}
		hits = slices.DeleteFunc(exact(next), func(h match) bool { return !h.declaredBefore(line) })
	}
	type part struct { // of a function
		in  *instance
		low uint64
	}
	best := map[part]match{}
	for _, h := range hits {
		p := part{h.in, h.part()}
		if old, ok := best[p]; !ok || h.row.addr < old.row.addr {
			best[p] = h
		}
	}
	for _, h := range best {
		list = append(list, h.location())
	}
	slices.SortFunc(list, func(a, b Location) int {
		return cmp.Or(cmp.Compare(a.Addr, b.Addr), cmp.Compare(a.Entered, b.Entered), cmp.Compare(a.Function, b.Function))
	})
	return slices.CompactFunc(list, func(a, b Location) bool { return a.Addr == b.Addr })
}

// BreakableLines is the lines from first to last that have code, sorted.
func (s *Space) BreakableLines(path string, first, last int) (lines []int) {
	seen := map[uint32]bool{}
	for _, f := range s.lines(path) {
		f.each(func(r *row) {
			if int(r.line) >= first && int(r.line) <= last && r.line != 0 {
				seen[r.line] = true
			}
		})
	}
	for line := range seen {
		lines = append(lines, int(line))
	}
	slices.Sort(lines)
	return lines
}

// fileLines is the lines of a source in one line table.
type fileLines struct {
	module *Module
	table  *lineTable
	file   uint32
}

// each visits the rows of the source that begin statements.
func (f fileLines) each(visit func(*row)) {
	for i := range f.table.rows {
		if r := &f.table.rows[i]; r.file == f.file && r.flags&(isStmt|endSequence) == isStmt {
			visit(r)
		}
	}
}

// next is the first line after one that has code; 0 if there is none.
func (f fileLines) next(line uint32) (next uint32) {
	f.each(func(r *row) {
		if r.line > line && (next == 0 || r.line < next) {
			next = r.line
		}
	})
	return next
}

// A match is a row that a breakpoint may be for.
type match struct {
	fileLines
	row row
	in  *instance // nil if it is in no function, as code in assembly language
	// entered is how many inlined calls inside of in begin at the address.
	entered int
}

func (f fileLines) rows(line uint32) (hits []match) {
	rows := f.table.rows
	for i := range rows {
		r := &rows[i]
		if r.line != line || r.file != f.file || r.flags&(isStmt|endSequence) != isStmt {
			continue
		}
		h := match{fileLines: f, row: *r}
		if _, in := f.table.unit.find(r.addr); in != nil {
			h.in = in.innermost(r.addr)
			if i+1 < len(rows) && rows[i+1].addr == r.addr {
				h.settle()
			}
		}
		hits = append(hits, h)
	}
	return hits
}

// settle finds the function of a row without instructions: of those that begin at
// the address, and the one that they are inlined into, the last one that is
// declared before the line.
func (h *match) settle() {
	best, entered := 0, 0
	for i := h.in; i != nil; i = i.caller {
		if line := h.declared(i); line > best && line <= int(h.row.line) {
			best, h.in, h.entered = line, i, entered
		}
		if !slices.ContainsFunc(i.ranges, func(r Range) bool { return r.Low == h.row.addr }) {
			break
		}
		entered++
	}
}

// declared is the line of a function's declaration, if that is in the same file; or 0.
func (h *match) declared(in *instance) int {
	n := in.unit.naming(in.off)
	if n.declared == nil || n.declared.table().file(n.file) != h.table.file(int(h.file)) {
		return 0
	}
	return n.line
}

// declaredBefore says whether the function begins at the line or before it.
func (h *match) declaredBefore(line int) bool {
	if h.in == nil {
		return true
	}
	first := h.declared(h.in)
	return first != 0 && first <= line
}

// part is where the function's part begins that the row is in: the compiler may
// have moved what is seldom used elsewhere.
func (h match) part() uint64 {
	if h.in == nil {
		return h.row.addr
	}
	for _, r := range h.in.function().ranges {
		if r.contains(h.row.addr) {
			return r.Low
		}
	}
	return 0
}

func (h match) location() Location {
	l := Location{Addr: h.row.addr, Position: h.table.position(&h.row), Entered: h.entered}
	if h.in != nil {
		l.Function = h.in.unit.naming(h.in.off).name
		if body := h.in.body(); h.in.entry <= l.Addr && l.Addr < body {
			l.Addr, l.Entered = body, 0
		}
	}
	l.Addr += h.module.Bias
	return l
}

// lines finds a source in all modules.
func (s *Space) lines(wanted string) (found []fileLines) {
	type candidate struct {
		fileLines
		path string
	}
	var list []candidate
	base := path.Base(wanted)
	for i := range s.Modules {
		m := &s.Modules[i]
		n, err := m.info()
		if err != nil {
			continue
		}
		for _, u := range n.sources()[base] {
			t := u.table()
			if t == nil {
				continue
			}
			for i, p := range t.paths {
				if path.Base(p) == base && t.same[i] == int32(i) {
					list = append(list, candidate{fileLines{m, t, uint32(i)}, p})
				}
			}
		}
	}
	score := map[string]int{}
	best := 0
	for _, c := range list {
		if _, ok := score[c.path]; !ok {
			score[c.path] = alike(wanted, c.path)
			best = max(best, score[c.path])
		}
	}
	for _, c := range list {
		if score[c.path] == best {
			found = append(found, c.fileLines)
		}
	}
	return found
}

// samePath is more than any number of names that paths have in common.
const samePath = 1 << 20

// alike is how many names two paths have in common at their ends.
func alike(a, b string) (n int) {
	a, b = path.Clean(a), path.Clean(b)
	if a == b {
		return samePath
	}
	if resolved, err := filepath.EvalSymlinks(a); err == nil && path.IsAbs(b) {
		if other, err := filepath.EvalSymlinks(b); resolved == b || err == nil && resolved == other {
			return samePath
		}
	}
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	for n < len(x) && n < len(y) && x[len(x)-1-n] == y[len(y)-1-n] {
		n++
	}
	return n
}
