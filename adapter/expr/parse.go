package expr

import (
	"strings"

	"stepback/adapter/types"
	"stepback/adapter/values"
)

// node is an operation with its operands.
type node struct {
	kind nodeKind
	pos  int
	text string       // a name, the sign of an operator
	typ  *types.Type  // of casts, and of sizeof a type
	lit  values.Value // of literals
	args []*node
}

type nodeKind uint8

const (
	literal nodeKind = iota
	name
	register
	unary
	infix
	conditional
	index
	field
	arrow
	cast
	sizeOf
	call
)

// levels are the operators with two operands, by how strongly they bind.
var levels = [][]string{
	{"||"}, {"&&"}, {"|"}, {"^"}, {"&"}, {"==", "!="}, {"<", ">", "<=", ">="}, {"<<", ">>"}, {"@"}, {"+", "-"}, {"*", "/", "%"},
}

// changes are the operators that would change something.
var changes = map[string]bool{
	"=": true, "+=": true, "-=": true, "*=": true, "/=": true, "%=": true, "&=": true, "|=": true, "^=": true, "<<=": true, ">>=": true,
	"++": true, "--": true,
}

// maxNesting bounds how deeply expressions are nested.
const maxNesting = 200

type parser struct {
	text  string
	tok   token
	depth int
	scope Scope
}

func (p *parser) next() { p.tok = lex(p.text, p.tok.pos+len(p.tok.text)) }

// back goes back to a token.
func (p *parser) back(t token) { p.tok = t }

func (p *parser) is(sign string) bool { return p.tok.kind == tokenSign && p.tok.text == sign }

func (p *parser) word(text string) bool { return p.tok.kind == tokenName && p.tok.text == text }

// accept takes a sign if it is next.
func (p *parser) accept(sign string) bool {
	if !p.is(sign) {
		return false
	}
	p.next()
	return true
}

func (p *parser) expect(sign, behind string) error {
	if p.accept(sign) {
		return nil
	}
	return errorAt(p.tok.pos, "%q is missing behind %s", sign, behind)
}

// end checks that nothing is left.
func (p *parser) end() error {
	t := p.tok
	switch {
	case t.kind == tokenEnd:
		return nil
	case t.kind == tokenSign && changes[t.text]:
		return errorAt(t.pos, "%s would change the program, and history cannot change; compare with ==", t.text)
	case t.kind == tokenSign && t.text == ",":
		return errorAt(t.pos, "a comma is no operator here; behind the last one stands a format: x, d, u, o, b, c, s, a or f")
	case t.kind == tokenBad:
		return p.bad()
	}
	return errorAt(t.pos, "%q is not expected here", t.text)
}

func (p *parser) bad() error {
	if strings.HasSuffix(p.tok.text, `"`) || strings.HasSuffix(p.tok.text, "'") {
		return errorAt(p.tok.pos, "the quote is not closed")
	}
	return errorAt(p.tok.pos, "%q means nothing here", p.tok.text)
}

// deeper counts how deep the parser is.
func (p *parser) deeper() error {
	if p.depth++; p.depth > maxNesting {
		return errorAt(p.tok.pos, "the expression is nested deeper than %d", maxNesting)
	}
	return nil
}

func (p *parser) expression() (*node, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	c, err := p.binary(0)
	if err != nil || !p.is("?") {
		return c, err
	}
	pos := p.tok.pos
	p.next()
	yes, err := p.expression()
	if err != nil {
		return nil, err
	}
	if err := p.expect(":", "the part of ? for true"); err != nil {
		return nil, err
	}
	no, err := p.expression()
	return &node{kind: conditional, pos: pos, args: []*node{c, yes, no}}, err
}

func (p *parser) binary(level int) (*node, error) {
	if level == len(levels) {
		return p.rustCast()
	}
	left, err := p.binary(level + 1)
	for err == nil {
		sign := ""
		for _, s := range levels[level] {
			if p.is(s) {
				sign = s
			}
		}
		if sign == "" {
			break
		}
		n := &node{kind: infix, pos: p.tok.pos, text: sign}
		p.next()
		var right *node
		if right, err = p.binary(level + 1); err == nil {
			n.args = []*node{left, right}
			left = n
		}
	}
	return left, err
}

// rustCast reads x as T.
func (p *parser) rustCast() (*node, error) {
	n, err := p.unary()
	for err == nil && p.word("as") && p.scope.Lang() == types.Rust {
		pos := p.tok.pos
		p.next()
		var t *types.Type
		if t, err = p.rustType(); err == nil {
			n = &node{kind: cast, pos: pos, typ: t, args: []*node{n}}
		}
	}
	return n, err
}

func (p *parser) unary() (*node, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	t := p.tok
	switch {
	case t.kind == tokenSign && (t.text == "++" || t.text == "--"):
		return nil, p.end()
	case t.kind == tokenSign && len(t.text) == 1 && strings.Contains("-+!~*&", t.text):
		p.next()
		if t.text == "&" && p.scope.Lang() == types.Rust && p.word("mut") {
			p.next()
		}
		arg, err := p.unary()
		return &node{kind: unary, pos: t.pos, text: t.text, args: []*node{arg}}, err
	case t.kind == tokenSign && t.text == "&&": // two of them mean nothing
		return nil, errorAt(t.pos, "&& has nothing on its left")
	case p.word("sizeof") || p.word("alignof"):
		return p.sizeof()
	case p.is("("):
		p.next()
		if typ, err := p.typeName(); err != nil {
			return nil, err
		} else if typ != nil && p.accept(")") {
			arg, err := p.unary()
			return &node{kind: cast, pos: t.pos, typ: typ, args: []*node{arg}}, err
		}
		p.back(t)
	}
	return p.postfix()
}

func (p *parser) sizeof() (*node, error) {
	n := &node{kind: sizeOf, pos: p.tok.pos}
	p.next()
	t := p.tok
	if p.accept("(") {
		typ, err := p.typeName()
		if err != nil {
			return nil, err
		}
		if typ != nil && p.accept(")") {
			n.typ = typ
			return n, nil
		}
		p.back(t)
	}
	arg, err := p.unary()
	n.args = []*node{arg}
	return n, err
}

func (p *parser) postfix() (*node, error) {
	n, err := p.primary()
	for err == nil && p.tok.kind == tokenSign {
		t := p.tok
		switch t.text {
		case "[":
			p.next()
			var i *node
			if i, err = p.expression(); err == nil {
				n = &node{kind: index, pos: t.pos, args: []*node{n, i}}
				err = p.expect("]", "the index")
			}
		case "(":
			n, err = p.call(n)
		case ".", "->":
			n, err = p.member(n)
		case "++", "--":
			return nil, p.end()
		default:
			return n, nil
		}
	}
	if err == nil && p.tok.kind == tokenNumber && strings.HasPrefix(p.tok.text, ".") { // the first field of a tuple
		return p.member(n)
	}
	return n, err
}

func (p *parser) call(function *node) (*node, error) {
	n := &node{kind: call, pos: p.tok.pos, args: []*node{function}}
	p.next()
	for !p.is(")") {
		arg, err := p.expression()
		if err != nil {
			return nil, err
		}
		n.args = append(n.args, arg)
		if !p.accept(",") {
			break
		}
	}
	return n, p.expect(")", "the arguments")
}

// member reads what stands behind a dot or an arrow.
func (p *parser) member(of *node) (*node, error) {
	n := &node{kind: field, pos: p.tok.pos, args: []*node{of}}
	if p.is("->") {
		n.kind = arrow
		p.next()
	} else {
		p.tok = token{tokenSign, ".", p.tok.pos}
		p.next()
	}
	if p.tok.kind == tokenNumber { // of a tuple; 0.1 are two of them
		digits := strings.IndexFunc(p.tok.text, func(r rune) bool { return r < '0' || r > '9' })
		if digits > 0 {
			p.tok.text = p.tok.text[:digits]
		}
		n.text = "__" + p.tok.text
	} else if p.tok.kind == tokenName {
		n.text = p.tok.text
	} else {
		return nil, errorAt(p.tok.pos, "the name of a member is missing")
	}
	p.next()
	if n.text == "_vptr" && (p.is(".") || p.tok.kind == tokenRegister) { // the compilers' name of a pointer to virtual functions
		n.text += p.tok.text
		if p.accept("."); p.tok.kind == tokenName {
			n.text += p.tok.text
		}
		p.next()
	}
	for p.is("::") { // x.Base::member
		p.next()
		if p.tok.kind != tokenName {
			return nil, errorAt(p.tok.pos, "the name of a member is missing")
		}
		n.text += "::" + p.tok.text
		p.next()
	}
	if p.postfixTuple() {
		return p.member(n)
	}
	return n, nil
}

// postfixTuple reports whether .1 comes next, which is lexed as a number.
func (p *parser) postfixTuple() bool {
	return p.tok.kind == tokenNumber && strings.HasPrefix(p.tok.text, ".")
}

func (p *parser) primary() (*node, error) {
	t := p.tok
	switch t.kind {
	case tokenEnd:
		return nil, errorAt(t.pos, "an operand is missing at the end")
	case tokenBad:
		return nil, p.bad()
	case tokenNumber, tokenString:
		p.next()
		return p.literal(t)
	case tokenChar:
		p.next()
		if p.is("::") { // 'file.c'::x
			return p.path(t, strings.Trim(t.text, "'"))
		}
		return p.literal(t)
	case tokenRegister:
		p.next()
		return &node{kind: register, pos: t.pos, text: t.text[1:]}, nil
	case tokenName:
		return p.named()
	}
	switch t.text {
	case "(":
		p.next()
		n, err := p.expression()
		if err != nil {
			return nil, err
		}
		if p.is(",") || p.tok.kind == tokenSign && changes[p.tok.text] {
			return nil, p.end()
		}
		return n, p.expect(")", "the expression")
	case "::":
		return p.path(t, "")
	}
	return nil, errorAt(t.pos, "an operand is missing before %q", t.text)
}
