package symbols

import (
	"bytes"
	"cmp"
	"debug/dwarf"
	"path"
	"slices"
	"strings"
)

// A query is a function's name as people write it.
type query struct {
	file      string // "" is any
	name      string // without spaces and without parameters
	short     string // its last part, without the parameters of a template
	templates bool   // it has parameters of a template
	params    string // with parentheses; "" is any
}

// parseQuery reads file.c:name, ns::Class::method, f<int>, f(int).
func parseQuery(s string) query {
	var q query
	s = strings.TrimSpace(s)
	if i := strings.IndexByte(s, ':'); i > 0 && i+1 < len(s) && s[i+1] != ':' {
		q.file, s = s[:i], s[i+1:]
	}
	s = strings.TrimPrefix(compact(s), "::")
	q.name = s
	if i := paramsAt(s); i > 0 {
		q.name, q.params = s[:i], s[i:]
	}
	q.templates = strings.Contains(withoutOperators(q.name), "<")
	q.short = showOperators.Replace(lastPart(withoutTemplates(q.name)))
	return q
}

// compact is a name without the spaces that writers put in differently.
func compact(name string) string {
	var b strings.Builder
	word := func(c byte) bool {
		return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
	}
	for i := range len(name) {
		between := i > 0 && i+1 < len(name)
		if name[i] != ' ' || between && (word(name[i-1]) && word(name[i+1]) || name[i-1] == '<' && name[i+1] == '<') {
			b.WriteByte(name[i])
		}
	}
	return b.String()
}

// paramsAt is where the parameters begin; -1 if there are none.
func paramsAt(name string) int {
	from := strings.LastIndex(name, "operator()") + 1
	if from > 0 {
		from += len("operator()") - 1
	}
	for i := from; i < len(name); i++ {
		if name[i] == '(' && !strings.HasPrefix(name[i:], "(anonymous") {
			return i
		}
	}
	return -1
}

// operators are the names of functions in which < and > are no brackets, longer
// ones first. While templates are looked for, letters that no name has stand for them.
var operators = []string{"operator<=>", "operator<<=", "operator<<", "operator<=", "operator<", "operator>>=", "operator>>", "operator>=", "operator->*", "operator->", "operator>"}

var hideOperators, showOperators = func() (hide, show *strings.Replacer) {
	var pairs, back []string
	for i, o := range operators {
		letter := "operator" + string(rune(i+1))
		pairs, back = append(pairs, o, letter), append(back, letter, o)
	}
	return strings.NewReplacer(pairs...), strings.NewReplacer(back...)
}()

func withoutOperators(name string) string { return hideOperators.Replace(name) }

// withoutTemplates is a name without the parameters of templates. Rust's
// <T as Trait>::method keeps its first part, which is no such parameter.
func withoutTemplates(name string) string {
	var b strings.Builder
	depth := 0
	name = withoutOperators(name)
	for i, c := range []byte(name) {
		switch {
		case c == '<' && i > 0:
			depth++
		case c == '>' && depth > 0 && name[i-1] == '-': // an arrow
		case c == '>' && depth > 0:
			depth--
		case depth == 0:
			b.WriteByte(c)
		}
	}
	return strings.TrimRight(b.String(), " :") // of operator< <T>, and of Rust's f::<T>
}

func lastPart(name string) string {
	if i := strings.LastIndex(name, "::"); i >= 0 {
		return name[i+2:]
	}
	return name
}

// matches says whether a function is meant: its name, or the end of it.
func (q *query) matches(name, linkage string) bool {
	names := []string{name}
	if self, trait, rest := rustSelf(name); self != "" { // one may say Self::method or Trait::method
		names = append(names, self+rest, trait+rest)
	}
	if !slices.ContainsFunc(names, q.names) {
		return false
	}
	if q.params == "" {
		return true
	}
	full := compact(demangledWith(linkage))
	i := paramsAt(full)
	return i > 0 && full[i:] == q.params
}

// names says whether a name is the query's or ends with it.
func (q *query) names(name string) bool {
	name = compact(name)
	if q.templates {
		return within(withoutOperators(q.name), withoutOperators(name))
	}
	want, plain := withoutTemplates(q.name), withoutTemplates(name)
	return within(want, plain) || within(want, strings.ReplaceAll(plain, "(anonymous namespace)::", ""))
}

// within says whether a name ends with another, from the beginning of a part on.
func within(end, name string) bool {
	rest, ok := strings.CutSuffix(name, end)
	return ok && (rest == "" || strings.HasSuffix(rest, "::"))
}

// FunctionsNamed finds functions by a name as people write it: main,
// ns::Class::method or its end, file.c:name, an instance of a template or, by
// the name without its parameters, all of them; f(int) is the one with these
// parameters. Inlined calls are found too. By address; files without debug
// information are searched by their symbols.
func (s *Space) FunctionsNamed(name string) (list []*Function) {
	q := parseQuery(name)
	if q.short == "" {
		return nil
	}
	for i := range s.Modules {
		m := &s.Modules[i]
		n, err := m.info()
		found := 0
		if err == nil {
			for _, in := range n.named(&q) {
				list = append(list, m.function(in))
				found++
			}
		}
		if found == 0 && q.file == "" {
			list = append(list, m.symbolsNamed(&q)...)
		}
	}
	slices.SortFunc(list, func(a, b *Function) int {
		return cmp.Or(cmp.Compare(a.Entry, b.Entry), cmp.Compare(a.Name, b.Name), cmp.Compare(a.DIE, b.DIE))
	})
	// The linker keeps one of the copies that units have of an inline function; the debug information of all of them is for that one.
	return slices.CompactFunc(list, func(a, b *Function) bool { return a.Entry == b.Entry && a.Name == b.Name && a.Inlined == b.Inlined })
}

// named finds the functions and inlined calls that a query means.
func (n *info) named(q *query) (list []*instance) {
	dies := map[place]bool{}
	var look []*unit
	n.declarations(q, dies)
	if n.alt != nil {
		n.alt.declarations(q, dies)
	}
	if len(dies) == 0 {
		return nil
	}
	for _, u := range n.units {
		if u.refersFar() || containsPlace(dies, u) {
			look = append(look, u)
		}
	}
	add := func(i *instance) {
		names := i.unit.naming(i.off)
		if !slices.ContainsFunc(names.chain, func(p place) bool { return dies[p] }) || !q.matches(names.name, names.linkage) {
			return
		}
		if q.file != "" && (names.declared == nil || alike(names.declared.table().file(names.file), q.file) < strings.Count(path.Clean(q.file), "/")+1) {
			return
		}
		list = append(list, i)
	}
	for _, u := range look {
		for _, f := range u.functions().list {
			f.all(add)
		}
	}
	return list
}

func containsPlace(dies map[place]bool, u *unit) bool {
	for p := range dies {
		if p.in == u.info && p.off >= u.start && p.off < u.end {
			return true
		}
	}
	return false
}

// refersFar says whether DIEs of the unit refer to other units, as those that
// dwz or link-time optimization made.
func (u *unit) refersFar() bool { return u.abbreviations().far }

// declarations finds the DIEs of functions with the query's short name.
func (n *info) declarations(q *query, dies map[place]bool) {
	short := []byte(q.short)
	for _, u := range n.units {
		u.walk(func(d *die, _ int) {
			if d.tag != dwarf.TagSubprogram {
				return
			}
			name := u.text(d, atName)
			if !bytes.HasPrefix(name, short) {
				return
			}
			if rest := name[len(short):]; len(rest) == 0 || rest[0] == '<' || q.templates {
				dies[place{n, d.off}] = true
			}
		})
	}
}

// symbolsNamed finds functions by their symbols.
func (m *Module) symbolsNamed(q *query) (list []*Function) {
	t, err := m.Table()
	if err != nil {
		return nil
	}
	for _, s := range t.list {
		if !strings.Contains(s.name, q.short) || !m.hasCode(s.addr) {
			continue
		}
		if name := cmp.Or(demangled(s.name), s.name); q.matches(name, s.name) {
			list = append(list, m.symbolFunction(s.addr+m.Bias))
		}
	}
	return slices.DeleteFunc(list, func(f *Function) bool { return f == nil })
}
