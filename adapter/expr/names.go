package expr

import (
	"strings"

	"stepback/adapter/types"
	"stepback/adapter/values"
)

// casts are those of C++. All are as C's.
var casts = map[string]bool{"static_cast": true, "reinterpret_cast": true, "const_cast": true, "dynamic_cast": true}

func (p *parser) named() (*node, error) {
	t := p.tok
	if casts[t.text] {
		return p.namedCast()
	}
	switch t.text {
	case "true", "false":
		p.next()
		n := uint64(0)
		if t.text == "true" {
			n = 1
		}
		typ := values.Bool
		if p.scope.Lang() == types.C {
			typ = values.Int
			if v, err := p.scope.Lookup(t.text); err == nil {
				return &node{kind: literal, pos: t.pos, lit: v}, nil
			}
		}
		return &node{kind: literal, pos: t.pos, lit: values.Number(p.scope.Target(), typ, n)}, nil
	case "nullptr":
		p.next()
		return &node{kind: literal, pos: t.pos, lit: values.Number(p.scope.Target(), types.PointerTo(values.VoidType), 0)}, nil
	}
	if typ, err := p.constructed(); typ != nil || err != nil {
		return typ, err
	}
	p.next()
	return p.path(t, t.text)
}

// constructed reads a cast written as a call: int(x).
func (p *parser) constructed() (*node, error) {
	t := p.tok
	if _, err := p.scope.Lookup(t.text); err == nil && p.scope.Lang() != types.C {
		return nil, nil
	}
	typ, err := p.typeName()
	if err != nil || typ == nil || !p.is("(") || typ.Kind == types.Func {
		p.back(t)
		return nil, nil
	}
	p.next()
	arg, err := p.expression()
	if err != nil {
		return nil, err
	}
	return &node{kind: cast, pos: t.pos, typ: typ, args: []*node{arg}}, p.expect(")", "the value to cast")
}

func (p *parser) namedCast() (*node, error) {
	t := p.tok
	p.next()
	if err := p.expect("<", t.text); err != nil {
		return nil, err
	}
	typ, err := p.typeName()
	if err != nil {
		return nil, err
	}
	if typ == nil {
		return nil, errorAt(p.tok.pos, "the type of %s is not known", t.text)
	}
	if err := p.expect(">", "the type"); err != nil {
		return nil, err
	}
	if err := p.expect("(", t.text); err != nil {
		return nil, err
	}
	arg, err := p.expression()
	if err != nil {
		return nil, err
	}
	return &node{kind: cast, pos: t.pos, typ: typ, args: []*node{arg}}, p.expect(")", "the value to cast")
}

// path reads what follows the first part of a qualified name.
func (p *parser) path(first token, text string) (*node, error) {
	text = p.template(text)
	for p.is("::") {
		p.next()
		if p.is("~") {
			p.next()
			text += "::~" + p.tok.text
		} else {
			text += "::" + p.tok.text
		}
		if p.tok.kind != tokenName {
			return nil, errorAt(p.tok.pos, "a name is missing behind ::")
		}
		p.next()
		text = p.template(text)
	}
	return &node{kind: name, pos: first.pos, text: text}, nil
}

// template adds the arguments of a template to a name, if something has that
// name; else < is an operator.
func (p *parser) template(text string) string {
	if !p.is("<") || p.scope.Lang() == types.C {
		return text
	}
	depth := 0
	for i := p.tok.pos; i < len(p.text); i++ {
		switch p.text[i] {
		case '<':
			depth++
		case '>':
			depth--
		}
		if depth > 0 {
			continue
		}
		full := text + spaces(p.text[p.tok.pos:i+1])
		path := full
		if j := i + 1; strings.HasPrefix(strings.TrimLeft(p.text[j:], " "), "::") || p.known(path) {
			p.tok = lex(p.text, i+1)
			return full
		}
		break
	}
	return text
}

func (p *parser) known(name string) bool {
	if p.scope.Type(name, "") != nil {
		return true
	}
	_, err := p.scope.Lookup(name)
	return err == nil
}

// spaces writes the arguments of a template with the spaces that compilers write.
func spaces(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	for _, r := range [][2]string{{" ,", ","}, {", ", ","}, {",", ", "}, {"< ", "<"}, {" >", ">"}, {" *", "*"}, {"*", " *"}, {"* *", "**"}, {" &", "&"}, {"&", " &"}} {
		text = strings.ReplaceAll(text, r[0], r[1])
	}
	for strings.Contains(text, ">>") {
		text = strings.ReplaceAll(text, ">>", "> >")
	}
	return text
}
