package symbols

import (
	"strings"

	"github.com/ianlancetaylor/demangle"
)

// maxName is the length of a demangled name, as a power of 2.
const maxName = 14

// demangled is the name of C++ or Rust that a linker's symbol stands for, without
// parameters and Rust's hash; "" if it is another language's.
func demangled(symbol string) string { return demangledWith(symbol, demangle.NoParams) }

func demangledWith(symbol string, options ...demangle.Option) string {
	if !strings.HasPrefix(symbol, "_Z") && !strings.HasPrefix(symbol, "_R") {
		return ""
	}
	name, err := demangle.ToString(symbol, append(options, demangle.MaxLength(maxName))...)
	if err != nil {
		return ""
	}
	if self, trait, rest := rustSelf(name); self != "" && trait == "" {
		return self + rest // as the older mangling has it
	}
	return name
}

// rustSelf takes apart <Self as Trait>::method and <Self>::method, as Rust names
// the functions of implementations. self is "" if it is another kind of name.
func rustSelf(name string) (self, trait, rest string) {
	if !strings.HasPrefix(name, "<") {
		return "", "", ""
	}
	depth, as := 0, -1
	for i := range len(name) {
		switch {
		case name[i] == '<':
			depth++
		case name[i] == '>' && (i == 0 || name[i-1] != '-'): // no arrow of a function's type
			if depth--; depth > 0 {
				continue
			}
			self, rest = name[1:i], name[i+1:]
			if as > 0 {
				self, trait = name[1:as], name[as+len(" as "):i]
			}
			if !strings.HasPrefix(rest, "::") {
				return "", "", ""
			}
			return self, trait, rest
		case depth == 1 && as < 0 && strings.HasPrefix(name[i:], " as "):
			as = i
		}
	}
	return "", "", ""
}
