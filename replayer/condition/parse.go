package condition

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Parse reads a condition in the syntax of C: numbers, registers ($rax), $tid
// and $pid, memory by its type and address (u32[$rbp-8], s8[0x404010]), the
// operators of integers, and parentheses. Numbers are signed, as C's long is; a
// + behind an operator takes them as unsigned (/+ %+ >>+ <+ <=+ >+ >=+).
func Parse(text string) (*Expr, error) {
	p := parser{text: text}
	e, err := p.binary(0)
	if err == nil && p.skip() != "" {
		err = fmt.Errorf("%q is too much", p.rest())
	}
	if err == nil {
		err = e.Check()
	}
	if err != nil {
		return nil, fmt.Errorf("condition %q: %w", text, err)
	}
	return &e, nil
}

// An operator of two arguments. swap: they are exchanged.
type operator struct {
	text string
	op   Op
	swap bool
}

// operators by how strongly they bind, as in C; of those with a common
// beginning, the longest comes first.
var operators = [][]operator{
	{{"||", OrElse, false}},
	{{"&&", AndThen, false}},
	{{"|", Or, false}},
	{{"^", Xor, false}},
	{{"&", And, false}},
	{{"==", Equal, false}, {"!=", NotEqual, false}},
	{
		{"<=+", LessEqualU, false}, {">=+", LessEqualU, true}, {"<=", LessEqualS, false}, {">=", LessEqualS, true},
		{"<+", LessU, false}, {">+", LessU, true}, {"<", LessS, false}, {">", LessS, true},
	},
	{{"<<", Shl, false}, {">>+", ShrU, false}, {">>", ShrS, false}},
	{{"+", Add, false}, {"-", Sub, false}},
	{{"*", Mul, false}, {"/+", DivU, false}, {"/", DivS, false}, {"%+", ModU, false}, {"%", ModS, false}},
}

// longer are operators of which others are the beginning.
var longer = []string{"||", "&&", "<<", ">>"}

var unary = map[byte]Op{'-': Negate, '~': Complement, '!': IsZero}

// names are the words behind a dollar sign.
var names = func() map[string]Expr {
	m := map[string]Expr{"tid": {Op: ThreadID}, "pid": {Op: ProcessID}, "rip": {Op: Register, N: RIP}, "pc": {Op: Register, N: RIP}, "sp": {Op: Register, N: RSP}, "fp": {Op: Register, N: RBP}}
	for i, name := range strings.Fields("rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15") {
		m[name] = Expr{Op: Register, N: uint64(i)}
	}
	return m
}()

var loads = map[string]Op{
	"u8": LoadU8, "u16": LoadU16, "u32": LoadU32, "u64": Load64, "s8": LoadS8, "s16": LoadS16, "s32": LoadS32, "s64": Load64,
}

type parser struct {
	text  string
	at    int
	depth int
}

func (p *parser) rest() string { return p.text[p.at:] }

// skip skips white space and returns what is left.
func (p *parser) skip() string {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t') {
		p.at++
	}
	return p.rest()
}

// take takes a word if it comes next.
func (p *parser) take(word string) bool {
	rest := p.skip()
	if !strings.HasPrefix(rest, word) {
		return false
	}
	for _, l := range longer {
		if len(l) > len(word) && strings.HasPrefix(rest, l) {
			return false
		}
	}
	p.at += len(word)
	return true
}

// binary reads operators that bind as strongly as level, or more.
func (p *parser) binary(level int) (e Expr, err error) {
	if level == len(operators) {
		return p.operand()
	}
	if e, err = p.binary(level + 1); err != nil {
		return e, err
	}
	for {
		i := slices.IndexFunc(operators[level], func(o operator) bool { return p.take(o.text) })
		if i < 0 {
			return e, nil
		}
		right, err := p.binary(level + 1)
		if err != nil {
			return e, err
		}
		args := []Expr{e, right}
		if operators[level][i].swap {
			slices.Reverse(args)
		}
		e = Expr{Op: operators[level][i].op, Args: args}
	}
}

// operand reads what has no operator of two arguments outside of parentheses.
func (p *parser) operand() (e Expr, err error) {
	if p.depth++; p.depth > MaxDepth {
		return e, fmt.Errorf("it is nested deeper than %d", MaxDepth)
	}
	defer func() { p.depth-- }()
	rest := p.skip()
	if rest == "" {
		return e, fmt.Errorf("a value is missing at its end")
	}
	if op, ok := unary[rest[0]]; ok {
		p.at++
		e, err = p.operand()
		return Expr{Op: op, Args: []Expr{e}}, err
	}
	if p.take("(") {
		return p.enclosed(")")
	}
	dollar := p.take("$")
	word := p.word()
	if e, ok := names[word]; dollar && ok {
		return e, nil
	}
	if op, ok := loads[word]; !dollar && ok && p.take("[") {
		e, err = p.enclosed("]")
		return Expr{Op: op, Args: []Expr{e}}, err
	}
	n, err := strconv.ParseUint(word, 0, 64)
	if err != nil || dollar {
		return e, fmt.Errorf("%q is no value: write a number, a register such as $rax, or memory such as u32[$rsp+8]", rest)
	}
	return Expr{N: n}, nil
}

// enclosed reads up to a closing bracket.
func (p *parser) enclosed(end string) (Expr, error) {
	e, err := p.binary(0)
	if err == nil && !p.take(end) {
		err = fmt.Errorf("%s is missing before %q", end, p.rest())
	}
	return e, err
}

// word takes letters and digits.
func (p *parser) word() string {
	start := p.at
	for p.at < len(p.text) && (p.text[p.at]|0x20 >= 'a' && p.text[p.at]|0x20 <= 'z' || p.text[p.at] >= '0' && p.text[p.at] <= '9') {
		p.at++
	}
	return p.text[start:p.at]
}
