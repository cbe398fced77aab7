package symbols

import (
	"debug/dwarf"
	"slices"
)

// A tree is the functions of a unit that have code, with the calls in them that
// the compiler has inlined.
type tree struct {
	list  []*instance // functions
	spans []span[*instance]
	// scopes are what names are in: namespaces, classes, functions. decls are the
	// offsets of all DIEs of functions, and parents the scope of each.
	scopes  []scope
	decls   []int
	parents []int32
	size    int // all ranges
}

type scope struct {
	off    int
	parent int32 // -1 for the unit
}

// An instance is a function, or an inlined call of one.
type instance struct {
	unit   *unit
	off    int       // of its DIE
	caller *instance // nil for a function of its own
	ranges []Range
	calls  []*instance // inlined
	entry  uint64
	file   int // of the call, as line and column
	line   int
	column int
}

// maxInstances is how many ranges of functions and inlined calls are kept.
const maxInstances = 1 << 20

// functions reads the unit's functions.
func (u *unit) functions() *tree {
	if u.tree != nil {
		return u.tree
	}
	if u.instances > maxInstances {
		u.instances = 0
		for _, o := range u.units {
			o.tree = nil
		}
	}
	t := &tree{}
	type open struct { // by depth
		scope int32
		of    *instance // that calls belong to
	}
	stack := []open{{scope: -1}}
	u.walk(func(d *die, depth int) {
		if t.size > 4*maxInstances { // it is damaged
			return
		}
		stack = stack[:min(depth+1, len(stack))]
		in := stack[len(stack)-1]
		switch d.tag {
		case dwarf.TagSubprogram:
			t.decls, t.parents = append(t.decls, d.off), append(t.parents, in.scope)
			in = open{t.addScope(d.off, in.scope), u.instance(d, nil)}
			if in.of != nil {
				t.list = append(t.list, in.of)
				t.size += len(in.of.ranges)
			}
		case dwarf.TagInlinedSubroutine:
			if in.of != nil {
				if call := u.instance(d, in.of); call != nil {
					in.of.calls = append(in.of.calls, call)
					in.of = call
					t.size += len(call.ranges)
				}
			}
		case dwarf.TagNamespace, dwarf.TagModule, dwarf.TagStructType, dwarf.TagClassType, dwarf.TagUnionType, dwarf.TagEnumerationType:
			in.scope = t.addScope(d.off, in.scope)
		}
		if d.children {
			stack = append(stack, in)
		}
	})
	for _, f := range t.list {
		for _, r := range f.ranges {
			t.spans = append(t.spans, span[*instance]{Range: r, of: f})
		}
	}
	sortSpans(t.spans)
	u.tree = t
	u.instances += t.size
	return t
}

func (t *tree) addScope(off int, parent int32) int32 {
	t.scopes = append(t.scopes, scope{off, parent})
	return int32(len(t.scopes) - 1)
}

// instance makes an instance of a DIE; nil if it has no code.
func (u *unit) instance(d *die, caller *instance) *instance {
	i := &instance{unit: u, off: d.off, caller: caller, ranges: u.rangesOf(d)}
	if len(i.ranges) == 0 {
		return nil
	}
	// The function begins where its first range does: parts that are seldom used follow.
	i.entry = i.ranges[0].Low
	if v, ok := d.value(atEntry); ok {
		if entry, ok := u.address(v); ok {
			i.entry = entry
		} else { // DWARF 5 §2.18: an offset from the DIE's base address
			i.entry += v.n
		}
	}
	i.file, i.line, i.column = int(d.number(atCallFile)), int(d.number(atCallLine)), int(d.number(atCallColumn))
	return i
}

func (i *instance) contains(pc uint64) bool {
	return slices.ContainsFunc(i.ranges, func(r Range) bool { return r.contains(pc) })
}

// innermost is the inlined call, or the function itself, that an address of the
// function belongs to.
func (i *instance) innermost(pc uint64) *instance {
	for {
		n := slices.IndexFunc(i.calls, func(c *instance) bool { return c.contains(pc) })
		if n < 0 {
			return i
		}
		i = i.calls[n]
	}
}

// function is the function that an inlined call was inlined into at last.
func (i *instance) function() *instance {
	for i.caller != nil {
		i = i.caller
	}
	return i
}

// all visits the instance and the calls in it.
func (i *instance) all(visit func(*instance)) {
	visit(i)
	for _, c := range i.calls {
		c.all(visit)
	}
}

// find finds the function with an address, and its unit.
func (n *info) find(pc uint64) (*unit, *instance) {
	s, ok := findSpan(n.spans, pc)
	if !ok {
		return nil, nil
	}
	f, _ := findSpan(s.of.functions().spans, pc)
	return s.of, f.of
}
