package symbols

import (
	"path"
	"slices"
)

// sources is the units by the base names of the files in their line tables. Only
// the headers of the tables are read.
func (n *info) sources() map[string][]*unit {
	if n.names != nil {
		return n.names
	}
	n.names = map[string][]*unit{}
	var t lineTable
	n.tables(&t, func(u *unit) {
		for _, f := range t.files {
			name := f.name
			for i := len(name) - 1; i >= 0; i-- {
				if name[i] == '/' {
					name = name[i+1:]
					break
				}
			}
			list := n.names[string(name)]
			if len(name) > 0 && (len(list) == 0 || list[len(list)-1] != u) {
				n.names[string(name)] = append(list, u)
			}
		}
	})
	return n.names
}

// tables reads the headers of all line tables into t.
func (n *info) tables(t *lineTable, visit func(*unit)) {
	seen := map[uint64]bool{}
	for _, u := range n.units {
		v, ok := u.root.value(atLineTable)
		if !ok || v.n >= uint64(len(n.line)) || seen[v.n] {
			continue
		}
		seen[v.n] = true
		if t.header(u, v.n) {
			visit(u)
		}
	}
}

// Sources is the paths of all sources that the modules were compiled from, sorted.
func (s *Space) Sources() (paths []string) {
	seen := map[string]bool{}
	for i := range s.Modules {
		n, err := s.Modules[i].info()
		if err != nil {
			continue
		}
		var t lineTable
		n.tables(&t, func(*unit) {
			for _, f := range t.files {
				if p := t.path(f); len(f.name) > 0 && path.Base(p)[0] != '<' { // <built-in>, <artificial>
					seen[p] = true
				}
			}
		})
	}
	for p := range seen {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	return paths
}
