package values

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"stepback/adapter/types"
)

// Options say how a value is shown. The zero value shows it as gdb does.
type Options struct {
	// Format is a letter of gdb's: x hexadecimal, d signed, u unsigned, o octal, t
	// binary, c character, s string, a address, f floating point; 0 for what the type says.
	Format byte
	// Limit is how many elements are shown of an array or string, 200 if it is 0, and
	// Repeats how often something is repeated to be written once, 10.
	Limit, Repeats int
	// Depth is how deep structs are shown in others, 20 if it is 0; what lies
	// deeper is {...}.
	Depth int
	// Top shows the type of a pointer before it, as gdb's print does.
	Top bool
	// View finds another way to show a value, nil for none.
	View func(Value) *View
}

func (o *Options) limit() int   { return or(o.Limit, 200) }
func (o *Options) repeats() int { return or(o.Repeats, 10) }
func (o *Options) depth() int   { return or(o.Depth, 20) }

func or(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

// maxText is the longest text of a value. Structs of arrays of structs could
// make it as long as they like.
const maxText = 1 << 16

// printer writes one value.
type printer struct {
	strings.Builder
	o      Options
	target Target
	shared map[string]bool // the virtual bases that were written
}

// Format shows the value.
func (v Value) Format(o Options) string {
	p := &printer{o: o, target: v.target}
	if o.Top {
		p.prefix(v)
	}
	p.value(v, 0)
	return p.String()
}

// prefix writes the type of a pointer or reference before it, but for plain
// strings.
func (p *printer) prefix(v Value) {
	t := v.Type
	if p.o.Format != 0 && p.o.Format != 's' || v.why != nil {
		return
	}
	q := t.StripQualifiers()
	if t.Lang == types.Rust {
		if q.Kind == types.Pointer && q.Elem.Kind != types.Func {
			fmt.Fprintf(p, "(%s) ", t)
		}
		return
	}
	switch t.Strip().Kind {
	case types.Reference, types.RvalueReference:
		fmt.Fprintf(p, "(%s) ", t)
	case types.Pointer:
		if q.Kind == types.Pointer && q.Elem.StripQualifiers().Name == "char" {
			return
		}
		fmt.Fprintf(p, "(%s) ", t)
	}
}

// fail writes why there is no value.
func (p *printer) fail(err error) {
	if errors.Is(err, ErrOptimizedOut) {
		p.WriteString("<optimized out>")
		return
	}
	fmt.Fprintf(p, "<error: %v>", err)
}

// value writes a value that lies in depth others.
func (p *printer) value(v Value, depth int) {
	if p.Len() > maxText {
		p.WriteString("...")
		return
	}
	if v.why != nil {
		p.fail(v.why)
		return
	}
	if p.o.View != nil && (p.o.Format == 0 || p.o.Format == 's') {
		if view := p.o.View(v); view != nil {
			p.view(view, depth)
			return
		}
	}
	t := v.Type.Strip()
	if t.Incomplete() {
		p.WriteString("<incomplete type>")
		return
	}
	switch t.Kind {
	case types.Void:
		if t.Lang == types.Rust {
			p.WriteString(t.Name)
			return
		}
		p.WriteString("void")
	case types.Array:
		p.array(v, t, depth)
	case types.Struct, types.Union:
		if depth > p.o.depth() {
			p.WriteString("{...}")
			return
		}
		if t.Lang == types.Rust {
			p.rustStruct(v, t, depth)
			return
		}
		p.fields(v, t, depth)
	case types.Reference, types.RvalueReference:
		p.reference(v, depth)
	case types.Func:
		fmt.Fprintf(p, "{%s} %#x", v.Type, v.Addr)
		p.symbol(v.Addr)
	case types.Unknown:
		p.WriteString("<unknown type>")
	default:
		p.scalar(v, t)
	}
}

// scalar writes a value that has no parts.
func (p *printer) scalar(v Value, t *types.Type) {
	data, err := v.Bytes()
	if err != nil {
		p.fail(err)
		return
	}
	if p.o.Format != 0 && p.formatted(v, t, data) {
		return
	}
	if t.Kind == types.Float {
		p.WriteString(floatText(data))
		return
	}
	if len(data) > 8 && t.Kind == types.Int && v.BitSize == 0 {
		p.WriteString(wide(data, t.Signed, 10))
		return
	}
	n, err := v.Uint()
	if err != nil {
		p.fail(err)
		return
	}
	switch t.Kind {
	case types.Bool:
		switch n {
		case 0:
			p.WriteString("false")
		case 1:
			p.WriteString("true")
		default:
			fmt.Fprint(p, n)
		}
	case types.Char:
		prefix, _ := charPrefix(v.Type)
		fmt.Fprintf(p, "%s %s", number(n, t), quoteChar(n&(1<<(8*uint(len(data)))-1), len(data), prefix))
	case types.Int:
		if prefix, is := charPrefix(v.Type); is {
			fmt.Fprintf(p, "%s %s", number(n, t), quoteChar(n&(1<<(8*uint(len(data)))-1), len(data), prefix))
			return
		}
		p.WriteString(number(n, t))
	case types.Enum:
		p.enum(n, t)
	case types.Complex:
		half := len(data) / 2
		fmt.Fprintf(p, "%s + %si", floatText(data[:half]), floatText(data[half:]))
	case types.Pointer:
		p.pointer(v, t, n)
	case types.MemberPointer:
		p.memberPointer(v, t, data)
	default:
		p.WriteString("<unknown type>")
	}
}

func number(n uint64, t *types.Type) string {
	if t.IsSigned() {
		return strconv.FormatInt(int64(n), 10)
	}
	return strconv.FormatUint(n, 10)
}

// wide writes a number of more than 64 bits.
func wide(data []byte, signed bool, base int) string {
	be := bytes.Clone(data)
	slices.Reverse(be)
	n := new(big.Int).SetBytes(be)
	if signed && be[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(be))))
	}
	return n.Text(base)
}

// enum writes the name of a value, or the names of its bits if the names are
// names of bits.
func (p *printer) enum(n uint64, t *types.Type) {
	list := t.Enumerators()
	flags := true
	seen := uint64(0)
	for _, e := range list {
		if uint64(e.Value) == n {
			p.WriteString(e.Name)
			return
		}
		bits := uint64(e.Value)
		if e.Value < 0 || bits&seen != 0 || bits&(bits-1) != 0 {
			flags = false
		}
		seen |= bits
	}
	if !flags || t.Lang == types.Rust {
		p.WriteString(number(n, t))
		return
	}
	var names []string
	rest := n
	for _, e := range list {
		if bits := uint64(e.Value); bits != 0 && rest&bits == bits {
			names = append(names, e.Name)
			rest &^= bits
		}
	}
	if rest != 0 {
		names = append(names, fmt.Sprintf("unknown: %#x", rest))
	}
	if len(names) == 0 {
		p.WriteString("0")
		return
	}
	p.WriteString("(" + strings.Join(names, " | ") + ")")
}

// formatted writes a scalar in the format that was asked for; false: the format
// means nothing for it.
func (p *printer) formatted(v Value, t *types.Type, data []byte) bool {
	n, err := v.Uint()
	if err != nil {
		return false
	}
	size := 8 * int(min(t.Bytes(), 8))
	unsigned := n
	if size < 64 {
		unsigned &= 1<<size - 1
	}
	if len(data) > 8 && t.Kind == types.Int {
		switch p.o.Format {
		case 'x':
			p.WriteString("0x" + wide(data, false, 16))
		case 'o':
			p.WriteString("0" + wide(data, false, 8))
		case 't':
			p.WriteString(wide(data, false, 2))
		default:
			return false
		}
		return true
	}
	switch p.o.Format {
	case 'x':
		fmt.Fprintf(p, "%#x", unsigned)
	case 'z':
		fmt.Fprintf(p, "0x%0*x", (size+3)/4, unsigned)
	case 'o':
		if unsigned == 0 {
			p.WriteString("0")
		} else {
			fmt.Fprintf(p, "0%o", unsigned)
		}
	case 't':
		fmt.Fprintf(p, "%b", unsigned)
	case 'u':
		fmt.Fprintf(p, "%d", unsigned)
	case 'd':
		if size < 64 {
			n = uint64(int64(unsigned<<(64-size)) >> (64 - size))
		}
		fmt.Fprintf(p, "%d", int64(n))
	case 'c':
		width := len(data)
		if width != 2 && width != 4 || t.Kind != types.Char {
			width = 1
		}
		signed := int64(int8(unsigned))
		if t.Is(types.Char) {
			signed = int64(n)
		}
		if !t.IsSigned() {
			signed = int64(uint8(unsigned))
		}
		fmt.Fprintf(p, "%d %s", signed, quoteChar(unsigned&(1<<(8*width)-1), width, ""))
	case 'a':
		fmt.Fprintf(p, "%#x", unsigned)
		p.symbol(unsigned)
	case 'f':
		if size != 32 && size != 64 || !t.Is(types.Float) {
			return false
		}
		p.WriteString(floatText(data))
	default:
		return false
	}
	return true
}
