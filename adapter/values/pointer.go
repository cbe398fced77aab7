package values

import (
	"encoding/binary"
	"fmt"

	"stepback/adapter/types"
)

// symbol writes what an address is known as.
func (p *printer) symbol(addr uint64) {
	if v := p.target; v != nil {
		if name := v.Symbol(addr); name != "" {
			fmt.Fprintf(p, " <%s>", name)
		}
	}
}

func (p *printer) pointer(v Value, t *types.Type, addr uint64) {
	fmt.Fprintf(p, "%#x", addr)
	p.symbol(addr)
	prefix, char := charPrefix(t.Elem)
	if !char || addr == 0 || t.Lang == types.Rust || p.o.Format != 0 && p.o.Format != 's' {
		return
	}
	width := int(t.Elem.Bytes())
	if v.target == nil || width != 1 && width != 2 && width != 4 {
		return
	}
	data, cut, err := String(v.target, addr, width, p.o.limit())
	switch {
	case err != nil && len(data) == 0:
		p.WriteString(" ")
		p.fail(err)
	case err != nil:
		fmt.Fprintf(p, " %s", quote(data, width, prefix, &p.o, false))
		p.fail(err)
	default:
		fmt.Fprintf(p, " %s", quote(data, width, prefix, &p.o, cut))
	}
}

// reference writes the address in the outermost value only, as gdb does, and what
// is there.
func (p *printer) reference(v Value, depth int) {
	addr, err := v.Uint()
	if err != nil {
		p.fail(err)
		return
	}
	to := v.Deref()
	fmt.Fprintf(p, "@%#x", addr)
	if depth > 0 {
		return
	}
	p.WriteString(": ")
	p.value(to, depth+1)
}

// memberPointer writes what a pointer to a member points to.
func (p *printer) memberPointer(v Value, t *types.Type, data []byte) {
	n := int64(binary.LittleEndian.Uint64(append(data[:len(data):len(data)], make([]byte, 8)...)))
	if t.Elem.Is(types.Func) {
		if n&1 != 0 {
			if name := t.Class.Strip().Virtual((n - 1) / 8); name != "" {
				fmt.Fprintf(p, "&virtual %s", name)
				return
			}
			fmt.Fprintf(p, "&virtual table offset %d", n-1)
			return
		}
		if n == 0 {
			p.WriteString("NULL")
			return
		}
		fmt.Fprintf(p, "(%s) %#x", v.Type, uint64(n))
		p.symbol(uint64(n))
		return
	}
	if n == -1 {
		p.WriteString("NULL")
		return
	}
	members := t.Class.Strip().Members()
	for i := range members {
		if m := &members[i]; !m.Base && !m.Static && m.Offset == n && m.BitSize == 0 {
			fmt.Fprintf(p, "&%s::%s", t.Class.Strip().Name, m.Name)
			return
		}
	}
	fmt.Fprint(p, n)
}
