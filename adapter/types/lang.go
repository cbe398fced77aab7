package types

import "strings"

// Lang is what a unit is written in, as far as it matters for how types and
// values look.
type Lang uint8

// The languages. C is also assembly code and all that is not known.
const (
	C Lang = iota
	CPlusPlus
	Rust
)

// langs are the DW_LANG_* of the others.
var langs = map[int64]Lang{
	0x04: CPlusPlus, 0x1a: CPlusPlus, 0x21: CPlusPlus, 0x2b: CPlusPlus, 0x3a: CPlusPlus, // C++ 98, 11, 14, 17, 20
	0x1c: Rust,
}

// closeTemplates writes the ends of nested templates as all compilers once did,
// so that a name is the same whichever made it.
func closeTemplates(name string) string {
	if !strings.Contains(name, ">>") || strings.HasPrefix(name, "operator") {
		return name
	}
	for strings.Contains(name, ">>") {
		name = strings.ReplaceAll(name, ">>", "> >")
	}
	return name
}

// canonical is a name of the unit as it is shown.
func (u *Unit) canonical(name string) string {
	if u.Lang != CPlusPlus {
		return name
	}
	return closeTemplates(name)
}
