package expr_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"stepback/adapter/expr"
	"stepback/adapter/scopes"
	"stepback/adapter/types"
	"stepback/adapter/values"
)

// memory has 64 bytes at 0x1000 that are pointers into it.
type memory struct{}

func (memory) Read(addr uint64, p []byte) (n int, err error) {
	for n < len(p) && addr+uint64(n) >= 0x1000 && addr+uint64(n) < 0x1040 {
		word := binary.LittleEndian.AppendUint64(nil, 0x1000+addr%7)
		p[n] = word[(addr+uint64(n))%8]
		n++
	}
	return n, nil
}
func (memory) Symbol(uint64) string { return "" }
func (memory) Static(*types.Member) (values.Value, error) {
	return values.Value{}, errors.New("none")
}

// anything is a scope with some names of each kind.
type anything struct{ lang types.Lang }

var (
	item = &types.Type{Kind: types.Struct, Name: "item", Tag: "struct", Size: 16}
	open = &types.Type{Kind: types.Array, Size: -1, Count: -1, Elem: values.Int}
)

func (anything) Lookup(name string) (values.Value, error) {
	for _, t := range []*types.Type{values.Int, values.Double, item, open, types.PointerTo(values.Int), types.PointerTo(item), types.ArrayOf(values.Char, 8)} {
		if strings.HasPrefix(name, string(rune('a'+len(t.String())%7))) {
			return values.At(memory{}, t, 0x1000), nil
		}
	}
	return values.Value{}, errors.New("no such name")
}

func (anything) Type(name, tag string) *types.Type {
	if name == "item" {
		return item
	}
	return nil
}

func (a anything) Lang() types.Lang { return a.lang }
func (anything) Register(string) (values.Value, error) {
	return values.Number(memory{}, values.Long, 3), nil
}
func (anything) Target() values.Target { return memory{} }
func (anything) Call(values.Value, []values.Value) (values.Value, error) {
	return values.Value{}, errors.New("no calls")
}
func (a anything) Static(name string) (scopes.Static, error) {
	v, err := a.Lookup(name)
	return scopes.Static{Type: v.Type}, err
}

// FuzzEval evaluates, shows and compiles whatever text: it has a value, or an
// error that says where.
func FuzzEval(f *testing.F) {
	for _, text := range []string{
		"1+2*3", "a.b->c[1]", "(int)f", "sizeof(struct item)", "*p@3", "(char (*)[4])x", "$rax", "'a'", `"text\x41"`, "a ? b : c", "x,x", "::x", "f.c::x",
		"std::vector<int, std::allocator<int> >::x", "static_cast<int>(a)", "a.0.1", "x as u64", "int(3)", "f(a, b)", "a = 1", "!~-+*&a", "1e400", "0x", "'", "((((", "2[a]", "a@b@c", "0-b",
	} {
		for lang := range 3 {
			f.Add(text, byte(lang))
		}
	}
	f.Fuzz(func(t *testing.T, text string, lang byte) {
		s := anything{types.Lang(lang % 3)}
		e, err := expr.Parse(text, s)
		var wrong *expr.Error
		if err != nil {
			if !errors.As(err, &wrong) || wrong.Column < 1 || wrong.Column > len(text)+1 || wrong.Msg == "" {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if v, err := e.Eval(s); err == nil {
			v.Format(values.Options{Top: true, Format: e.Format})
			v.Children(text, 0, 3, nil)
		} else if !errors.As(err, &wrong) || wrong.Msg == "" {
			t.Errorf("%q: %v", text, err)
		}
		if c, err := e.Compile(s); err == nil && c.Check() != nil {
			t.Errorf("%q: %v", text, c.Check())
		}
	})
}

// Errors say what is wrong and where.
func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":           "an operand is missing at the end (column 1)",
		"1 +":        "an operand is missing at the end (column 4)",
		"1 2":        `"2" is not expected here (column 3)`,
		"nope":       "no such name (column 1)",
		"1 + (2":     `")" is missing behind the expression (column 7)`,
		"f = 3":      "= would change the program, and history cannot change; compare with == (column 3)",
		"f++":        "++ would change the program, and history cannot change; compare with == (column 2)",
		"--f":        "-- would change the program, and history cannot change; compare with == (column 1)",
		"1, 2":       "a comma is no operator here; behind the last one stands a format: x, d, u, o, b, c, s, a or f (column 2)",
		"'ab'":       "'ab' is not one character (column 1)",
		`"open`:      "the quote is not closed (column 1)",
		"1 / 0":      "division by zero (column 3)",
		"*1":         "int is no pointer (column 1)",
		"1.5 & 2":    "& of a double and a int means nothing (column 5)",
		"(struct a)": "there is no type struct a (column 2)",
		"0x1g":       `"0x1g" is no number (column 1)`,
		"5.x":        `"5.x" is no number (column 1)`,
		"1 # 2":      `"#" is not expected here (column 3)`,
	} {
		if _, _, err := expr.Eval(text, anything{}); err == nil || err.Error() != want {
			t.Errorf("%q: %v\nwant %s", text, err, want)
		}
	}
}
