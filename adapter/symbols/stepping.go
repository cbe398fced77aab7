package symbols

import (
	"cmp"
	"slices"
)

// LineRange is the code of the line at pc, in the function or the inlined call
// that pc is in: a step over the line goes on while the program is there. own is
// the line's own code, with what lies between and is no place to stop at: code of
// no line, and rows that begin no statement. inlined is the code of calls that
// the line makes and that are inlined there. Both are sorted and without overlaps.
func (s *Space) LineRange(pc uint64) (own, inlined []Range) {
	m, u, f := s.at(pc)
	if f == nil {
		return nil, nil
	}
	addr := pc - m.Bias
	t := u.table()
	rows := t.sequenceAt(addr)
	at, ok := rowAt(rows, addr)
	if !ok {
		return nil, nil
	}
	in := f.innermost(addr)
	file, line := rows[at].file, rows[at].line
	for _, r := range in.ranges {
		rows := t.rowsIn(r)
		for i := 0; i+1 < len(rows); i++ {
			shown, ok := rowAt(rows, rows[i].addr) // of all rows with the address
			if !ok || rows[i+1].addr == rows[i].addr {
				continue
			}
			if p := rows[shown]; p.file == file && p.line == line || p.line == 0 || p.flags&isStmt == 0 {
				own = append(own, Range{max(p.addr, r.Low), min(rows[i+1].addr, r.High)})
			}
		}
	}
	own = union(own)
	for _, call := range in.calls {
		own = subtract(own, union(slices.Clone(call.ranges)))
		if call.line == int(line) && t.file(call.file) == t.file(int(file)) {
			inlined = append(inlined, call.ranges...)
		}
	}
	return m.moved(own), m.moved(union(inlined))
}

// rowsIn is the rows that cover a range: from the one at its beginning to the first one after it.
func (t *lineTable) rowsIn(r Range) []row {
	rows := t.sequenceAt(r.Low)
	before := func(r row, a uint64) int {
		if r.addr < a {
			return -1
		}
		return 1
	}
	first, _ := slices.BinarySearchFunc(rows, r.Low+1, before)
	end, _ := slices.BinarySearchFunc(rows, r.High, before)
	// Of several rows at the beginning, all.
	for first--; first > 0 && rows[first-1].addr == rows[first].addr; first-- {
	}
	return rows[max(first, 0):min(end+1, len(rows))]
}

// union sorts ranges and joins those that touch.
func union(list []Range) (joined []Range) {
	slices.SortFunc(list, func(a, b Range) int { return cmp.Or(cmp.Compare(a.Low, b.Low), cmp.Compare(a.High, b.High)) })
	for _, r := range list {
		last := len(joined) - 1
		switch {
		case r.Low >= r.High:
		case last >= 0 && r.Low <= joined[last].High:
			joined[last].High = max(joined[last].High, r.High)
		default:
			joined = append(joined, r)
		}
	}
	return joined
}

// subtract takes ranges out of others; both are as union makes them.
func subtract(list, out []Range) (left []Range) {
	for _, r := range list {
		for _, o := range out {
			if o.High <= r.Low || o.Low >= r.High {
				continue
			}
			if o.Low > r.Low {
				left = append(left, Range{r.Low, o.Low})
			}
			r.Low = max(r.Low, o.High)
		}
		if r.Low < r.High {
			left = append(left, r)
		}
	}
	return left
}

// moved is ranges at the addresses of the process.
func (m *Module) moved(list []Range) []Range {
	for i := range list {
		list[i].Low += m.Bias
		list[i].High += m.Bias
	}
	return list
}

// Statements are the addresses at which statements begin in the function at pc, inlined
// calls included, sorted: those at which a step over lines can end.
func (s *Space) Statements(pc uint64) (list []uint64) {
	m, u, f := s.at(pc)
	if f == nil {
		return nil
	}
	t := u.table()
	for _, r := range f.ranges {
		for _, row := range t.rowsIn(r) {
			if r.contains(row.addr) && row.line != 0 && row.flags&(isStmt|endSequence) == isStmt {
				list = append(list, row.addr+m.Bias)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
