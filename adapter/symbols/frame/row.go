package frame

import "fmt"

// The registers that are followed, by their numbers in DWARF (System V psABI for
// x86-64, figure 3.36): the general ones, and the return address, which is rip
// in the caller.
const (
	RBX = 3
	RBP = 6
	RSP = 7
	RIP = 16

	NumRegs = 17
)

// RuleKind says what a Rule is.
type RuleKind uint8

// The kinds of rules (DWARF 5 §6.4.1).
const (
	Unspecified   RuleKind = iota // nothing is said
	Undefined                     // the value is lost
	SameValue                     // it was not changed
	Offset                        // it is in memory at CFA + N
	ValOffset                     // it is CFA + N
	Register                      // it is in the register Reg, plus N where it is the CFA
	Expression                    // it is in memory where Expr says
	ValExpression                 // it is what Expr says
)

// Rule is how a register of the caller, or the CFA, is found.
type Rule struct {
	Kind RuleKind
	N    int64
	Reg  uint64
	Expr []byte // the CFA is on the stack when it begins, unless it is the CFA's
}

// Row is what holds for the pcs from Start up to End.
type Row struct {
	Start, End uint64
	CFA        Rule // of kind Register or Expression
	Regs       [NumRegs]Rule
	ArgsSize   uint64 // bytes of arguments that the callee pops; no rule needs it
}

// String is the rule as readelf shows it.
func (r Rule) String() string {
	switch r.Kind {
	case SameValue:
		return "s"
	case Offset:
		return fmt.Sprintf("c%+d", r.N)
	case ValOffset:
		return fmt.Sprintf("v%+d", r.N)
	case Register:
		return fmt.Sprintf("r%d%+d", r.Reg, r.N)
	case Expression:
		return "exp"
	case ValExpression:
		return "vexp"
	}
	return "u"
}
