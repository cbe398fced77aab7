// Package expr evaluates expressions in the syntax of C, with what gdb adds to
// it and what C++ and Rust write otherwise: names of other scopes (::x,
// file.c::x, ns::Class::x), casts, array slices (*p@n), registers ($rax),
// function calls in a copy of the process, and a letter behind a comma for the format (x,x).
//
// Parse makes a tree of a text, in which types have been found by their names.
// The tree is evaluated (eval.go) to a value of the process, or compiled
// (compile.go) to a condition that the replay engine evaluates by itself. What changes
// something is refused: history cannot change.
package expr

import (
	"fmt"
	"strings"

	"stepback/adapter/types"
	"stepback/adapter/values"
)

// Scope is what the names in an expression mean.
type Scope interface {
	// Lookup finds a variable, function or enumerator by its name, which may be
	// qualified.
	Lookup(name string) (values.Value, error)
	// Type finds a type; nil: there is none. tag is "struct", "class", "union" or
	// "enum" if one declared with it is meant.
	Type(name, tag string) *types.Type
	Lang() types.Lang
	// Register is the value of a register.
	Register(name string) (values.Value, error)
	// Target is the process.
	Target() values.Target
	// Call calls a function in a copy of the process.
	Call(function values.Value, args []values.Value) (values.Value, error)
}

// Error says what is wrong with an expression, and where.
type Error struct {
	Column int // in bytes, from 1
	Msg    string
	Err    error // that was the reason, or nil
}

func (e *Error) Error() string { return fmt.Sprintf("%s (column %d)", e.Msg, e.Column) }

func (e *Error) Unwrap() error { return e.Err }

func errorAt(pos int, format string, args ...any) *Error {
	e := &Error{Column: pos + 1, Msg: fmt.Sprintf(format, args...)}
	for _, a := range args {
		if err, ok := a.(error); ok {
			e.Err = err
		}
	}
	return e
}

// Expr is an expression that was parsed in a scope.
type Expr struct {
	Text   string
	Format byte // the letter behind the last comma, as in values.Options; 0: none
	root   *node
}

// formats are the letters of formats, and what gdb calls them.
var formats = map[byte]byte{
	'x': 'x', 'd': 'd', 'u': 'u', 'o': 'o', 'b': 't', 't': 't', 'c': 'c', 's': 's', 'a': 'a', 'f': 'f', 'z': 'z',
}

// maxLen is the longest text of an expression.
const maxLen = 1 << 14

// Parse parses an expression. Types in it are looked for in the scope.
func Parse(text string, s Scope) (*Expr, error) {
	if len(text) > maxLen {
		return nil, errorAt(0, "the expression is longer than %d characters", maxLen)
	}
	e := &Expr{Text: text}
	if i := strings.LastIndexByte(text, ','); i >= 0 {
		if letter := strings.TrimSpace(text[i+1:]); len(letter) == 1 && formats[letter[0]] != 0 {
			e.Format = formats[letter[0]]
			text = text[:i]
		}
	}
	p := &parser{text: text, scope: s}
	p.next()
	root, err := p.expression()
	if err != nil {
		return nil, err
	}
	if err := p.end(); err != nil {
		return nil, err
	}
	e.root = root
	return e, nil
}

// Eval parses and evaluates an expression.
func Eval(text string, s Scope) (v values.Value, format byte, err error) {
	e, err := Parse(text, s)
	if err != nil {
		return values.Value{}, 0, err
	}
	v, err = e.Eval(s)
	return v, e.Format, err
}
