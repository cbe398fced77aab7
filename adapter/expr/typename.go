package expr

import (
	"slices"
	"strings"

	"stepback/adapter/types"
	"stepback/adapter/values"
)

// basics are C's own types: how their words are written in order, and what they
// are if the program has none of them.
var basics = map[string]*types.Type{
	"void": values.VoidType, "char": values.Char, "char signed": types.Base(types.Char, "signed char", 1, true),
	"char unsigned": types.Base(types.Char, "unsigned char", 1, false), "short": types.Base(types.Int, "short", 2, true),
	"short unsigned": types.Base(types.Int, "unsigned short", 2, false), "int": values.Int, "unsigned": values.UInt, "long": values.Long, "long unsigned": values.ULong,
	"long long": types.Base(types.Int, "long long", 8, true), "long long unsigned": types.Base(types.Int, "unsigned long long", 8, false),
	"float": values.Float, "double": values.Double, "double long": values.LongFloat, "_Bool": types.Base(types.Bool, "_Bool", 1, false), "bool": values.Bool,
	"__int128": types.Base(types.Int, "__int128", 16, true), "__int128 unsigned": types.Base(types.Int, "unsigned __int128", 16, false),
	"wchar_t": types.Base(types.Char, "wchar_t", 4, true), "char16_t": types.Base(types.Char, "char16_t", 2, false),
	"char32_t": types.Base(types.Char, "char32_t", 4, false), "char8_t": types.Base(types.Char, "char8_t", 1, false),
}

// words are those that basic types are made of.
var words = map[string]bool{
	"void": true, "char": true, "short": true, "int": true, "long": true, "float": true, "double": true, "signed": true, "unsigned": true,
	"_Bool": true, "bool": true, "__int128": true, "wchar_t": true, "char16_t": true, "char32_t": true, "char8_t": true,
}

var tags = map[string]bool{"struct": true, "class": true, "union": true, "enum": true}

var qualifiers = map[string]bool{"const": true, "volatile": true, "restrict": true, "_Atomic": true}

// typeName reads a type as it stands in a cast; nil: there is none, and nothing
// was read.
func (p *parser) typeName() (*types.Type, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	start := p.tok
	if p.scope.Lang() == types.Rust && (p.is("*") || p.is("&")) {
		t := p.pointed()
		if t == nil {
			p.back(start)
		}
		return t, nil
	}
	base, err := p.baseType()
	if err != nil || base == nil {
		p.back(start)
		return nil, err
	}
	t, err := p.declarator(base)
	if err != nil {
		return nil, err
	}
	if t == nil {
		p.back(start)
	}
	return t, nil
}

// baseType reads the part of a type before stars and brackets.
func (p *parser) baseType() (*types.Type, error) {
	var basic, quals []string
	var found *types.Type
	for p.tok.kind == tokenName || p.is("::") {
		word := p.tok.text
		switch {
		case qualifiers[word]:
			quals = append(quals, word)
			p.next()
		case words[word] && found == nil:
			basic = append(basic, word)
			p.next()
		case found != nil || basic != nil:
			return nil, nil
		case tags[word]:
			pos := p.tok.pos
			p.next()
			name, ok := p.typePath()
			if !ok {
				return nil, errorAt(p.tok.pos, "the name of the %s is missing", word)
			}
			if found = p.scope.Type(name, word); found == nil {
				return nil, errorAt(pos, "there is no type %s %s", word, name)
			}
		default:
			name, ok := p.typePath()
			if !ok {
				return nil, nil
			}
			if !strings.Contains(name, "::") { // a variable hides a type
				if v, err := p.scope.Lookup(name); err == nil && v.Type.Kind != types.Func {
					return nil, nil
				}
			}
			if found = p.scope.Type(name, ""); found == nil {
				return nil, nil
			}
		}
	}
	if basic != nil {
		found = p.basic(basic)
	}
	if found == nil {
		return nil, nil
	}
	return qualified(found, quals), nil
}

func qualified(t *types.Type, quals []string) *types.Type {
	for _, q := range quals {
		t = &types.Type{Kind: types.Qualified, Qualifier: q, Elem: t, Size: -1, Lang: t.Lang}
	}
	return t
}

// basic finds one of C's own types by its words, in any order.
func (p *parser) basic(words []string) *types.Type {
	if len(words) > 1 {
		words = slices.DeleteFunc(words, func(w string) bool { return w == "int" || w == "signed" && !slices.Contains(words, "char") })
	}
	slices.Sort(words)
	key := strings.Join(words, " ")
	switch key {
	case "", "signed":
		key = "int"
	}
	if t := basics[key]; t != nil && p.scope.Lang() != types.Rust {
		return t
	}
	return p.scope.Type(key, "")
}

// typePath reads a qualified name with the arguments of templates.
func (p *parser) typePath() (string, bool) {
	text := ""
	if p.is("::") {
		text = "::"
		p.next()
	}
	for {
		if p.tok.kind != tokenName {
			return "", false
		}
		text += p.tok.text
		p.next()
		text = p.template(text)
		if !p.is("::") {
			return text, true
		}
		text += "::"
		p.next()
	}
}

// declarator reads the stars, brackets and parentheses behind a type; nil: they
// are none of a type.
func (p *parser) declarator(t *types.Type) (*types.Type, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	for {
		switch {
		case p.accept("*"):
			t = types.PointerTo(t)
		case p.accept("&"):
			t = &types.Type{Kind: types.Reference, Size: 8, Elem: t, Lang: t.Lang}
		case p.accept("&&"):
			t = &types.Type{Kind: types.RvalueReference, Size: 8, Elem: t, Lang: t.Lang}
		case p.tok.kind == tokenName && qualifiers[p.tok.text]:
			t = qualified(t, []string{p.tok.text})
			p.next()
		default:
			return p.suffixes(t)
		}
	}
}

// suffixes reads what stands behind the place of the name: (*)[4], (*)(int).
func (p *parser) suffixes(t *types.Type) (*types.Type, error) {
	// What is in the parentheses is made of the type with what is behind them.
	inner := token{}
	if p.is("(") {
		start := p.tok
		p.next()
		if p.is("*") || p.is("&") {
			inner = p.tok
			for depth := 1; depth > 0; p.next() {
				switch {
				case p.tok.kind == tokenEnd || p.tok.kind == tokenBad:
					return nil, nil
				case p.is("("):
					depth++
				case p.is(")"):
					depth--
				}
			}
		} else {
			p.back(start)
		}
	}
	t, err := p.dimensions(t)
	if err != nil || t == nil || inner.text == "" {
		return t, err
	}
	after := p.tok
	p.back(inner)
	if t, err = p.declarator(t); err != nil || t == nil {
		return t, err
	}
	if !p.is(")") {
		return nil, nil
	}
	p.back(after)
	return t, nil
}

func (p *parser) dimensions(t *types.Type) (*types.Type, error) {
	if p.accept("[") {
		n := int64(-1)
		if p.tok.kind == tokenNumber {
			v, err := p.number(p.tok)
			if err != nil {
				return nil, err
			}
			if n, err = v.Int(); err != nil || n < 0 || n > 1<<40 {
				return nil, errorAt(p.tok.pos, "%s is no length of an array", p.tok.text)
			}
			p.next()
		}
		if !p.accept("]") {
			return nil, nil
		}
		elem, err := p.dimensions(t)
		if elem == nil {
			return nil, err
		}
		return types.ArrayOf(elem, n), nil
	}
	start := p.tok
	if !p.accept("(") {
		return t, nil
	}
	f := &types.Type{Kind: types.Func, Size: 1, Elem: t, Prototyped: true, Lang: t.Lang}
	for !p.is(")") {
		if p.accept("...") {
			f.Variadic = true
			break
		}
		arg, err := p.typeName()
		if err != nil {
			return nil, err
		}
		if arg == nil {
			p.back(start) // int(x) is a cast
			return t, nil
		}
		if arg.Kind != types.Void {
			f.Params = append(f.Params, arg)
		}
		if !p.accept(",") {
			break
		}
	}
	if !p.accept(")") {
		p.back(start)
		return t, nil
	}
	return f, nil
}

// rustType reads the type behind as.
func (p *parser) rustType() (*types.Type, error) {
	pos := p.tok.pos
	if t := p.pointed(); t != nil {
		return t, nil
	}
	return nil, errorAt(pos, "there is no such type")
}

// pointed reads a type of Rust; nil: there is none.
func (p *parser) pointed() *types.Type {
	if p.depth++; p.depth > maxNesting {
		return nil
	}
	defer func() { p.depth-- }()
	if p.accept("*") || p.accept("&") {
		if p.word("const") || p.word("mut") {
			p.next()
		}
		if t := p.pointed(); t != nil {
			return types.PointerTo(t)
		}
		return nil
	}
	name, ok := p.typePath()
	if !ok {
		return nil
	}
	if t := p.scope.Type(name, ""); t != nil {
		return t
	}
	return rustBasics[name]
}

var rustBasics = map[string]*types.Type{
	"i8": rustInt("i8", 1, true), "i16": rustInt("i16", 2, true), "i32": rustInt("i32", 4, true), "i64": rustInt("i64", 8, true), "isize": rustInt("isize", 8, true),
	"u8": rustInt("u8", 1, false), "u16": rustInt("u16", 2, false), "u32": rustInt("u32", 4, false), "u64": rustInt("u64", 8, false), "usize": rustInt("usize", 8, false),
	"f32": values.Float, "f64": values.Double, "bool": values.Bool, "char": types.Base(types.Char, "char32_t", 4, false),
}

func rustInt(name string, size int64, signed bool) *types.Type {
	t := types.Base(types.Int, name, size, signed)
	t.Lang = types.Rust
	return t
}
