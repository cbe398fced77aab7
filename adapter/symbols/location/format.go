package location

import (
	"fmt"
	"strings"

	"stepback/adapter/symbols/cursor"
)

// Format is an expression as text, one operation after the other. offsetSize is
// that of the unit, 4 or 8.
func Format(expr []byte, offsetSize int) string {
	var list []string
	c := &cursor.Cursor{Data: expr}
	for c.More() {
		code := byte(c.Uint(1))
		o := &ops[code]
		if o.do == nil {
			list = append(list, fmt.Sprintf("unknown operation %#02x", code))
			break
		}
		text := o.name
		for i, a := range readOperands(c, o.operands, offsetSize) {
			switch {
			case a.block == nil && strings.ContainsRune("bhiqs", rune(o.operands[i])):
				text += fmt.Sprintf(" %d", int64(a.n))
			case a.block == nil:
				text += fmt.Sprintf(" %d", a.n)
			case strings.HasSuffix(o.name, "entry_value"):
				text += " (" + Format(a.block, offsetSize) + ")"
			default:
				text += fmt.Sprintf(" %x", a.block)
			}
		}
		list = append(list, text)
	}
	if c.Err != nil {
		list = append(list, c.Err.Error())
	}
	return strings.Join(list, "; ")
}
