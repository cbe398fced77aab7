package values

import (
	"bytes"
	"fmt"
	"strings"

	"stepback/adapter/types"
)

// array writes an array: as a string if it is of characters.
func (p *printer) array(v Value, t *types.Type, depth int) {
	n := t.Count
	if n < 0 {
		n = 0
		if t.Lang == types.C || t.Lang == types.CPlusPlus {
			if v.InMemory {
				fmt.Fprintf(p, "%#x", v.Addr)
				p.symbol(v.Addr)
				return
			}
		}
	}
	each := t.Step()
	if each <= 0 {
		fmt.Fprintf(p, "{%s}", strings.Repeat(", ", 0))
		return
	}
	open, closing := "{", "}"
	if t.Lang == types.Rust {
		open, closing = "[", "]"
	}
	// More than twice the limit is never looked at, but to count what is repeated.
	have := min(n, maxBytes/each)
	data, err := v.part(types.ArrayOf(t.Elem, have), 0).elements(have * each)
	if err != nil && (v.known == nil || v.InMemory) {
		p.fail(err)
		return
	}
	prefix, char := charPrefix(t.Elem)
	if char && n > 0 && (p.o.Format == 0 || p.o.Format == 's') && t.Lang != types.Rust && err == nil {
		p.charArray(data, int(each), prefix)
		return
	}
	p.WriteString(open)
	shown, i := 0, int64(0)
	for i < have && shown < p.o.limit() && p.Len() <= maxText {
		if i > 0 {
			p.WriteString(", ")
		}
		same := int64(1)
		if data != nil {
			one := data[i*each : (i+1)*each]
			for i+same < have && bytes.Equal(one, data[(i+same)*each:(i+same+1)*each]) {
				same++
			}
		}
		p.value(v.Index(i), depth+1)
		if same > int64(p.o.repeats()) {
			fmt.Fprintf(p, " <repeats %d times>", same)
			shown += p.o.repeats()
			i += same
			continue
		}
		shown++
		i++
	}
	if i < n {
		p.WriteString("...")
	}
	p.WriteString(closing)
}

// elements reads size bytes, of which some may be unknown: then it is an error.
func (v Value) elements(size int64) ([]byte, error) {
	if v.InMemory && v.why == nil {
		return v.read(v.Addr, size)
	}
	return v.Bytes()
}

// charArray writes an array of characters without the zero at its end.
func (p *printer) charArray(data []byte, width int, prefix string) {
	if n := len(data) - width; n >= 0 && bytes.Equal(data[n:], make([]byte, width)) && (len(data)/width <= p.o.limit() || allZeroFrom(data, p.o.limit()*width)) {
		data = data[:n]
	}
	p.WriteString(quote(data, width, prefix, &p.o, false))
}

// allZeroFrom reports whether nothing but zeros comes behind the limit.
func allZeroFrom(data []byte, limit int) bool {
	return len(bytes.Trim(data[min(limit, len(data)):], "\x00")) == 0
}

// fields writes a struct, class or union of C or C++.
func (p *printer) fields(v Value, t *types.Type, depth int) {
	members := t.Members()
	p.WriteString("{")
	n, own := 0, 0
	for i := range members {
		m := &members[i]
		if !m.Base {
			own++
			continue
		}
		if m.Virtual != nil { // all who inherit it have the same
			if p.shared[m.Name] {
				continue
			}
			if p.shared == nil {
				p.shared = map[string]bool{}
			}
			p.shared[m.Name] = true
			if depth == 0 {
				defer clear(p.shared)
			}
		}
		p.comma(&n)
		fmt.Fprintf(p, "<%s> = ", m.Name)
		p.value(v.Field(m), depth+1)
	}
	for i := range members {
		m := &members[i]
		if m.Base {
			continue
		}
		p.comma(&n)
		if m.Static {
			p.WriteString("static ")
		}
		if m.Name != "" {
			fmt.Fprintf(p, "%s = ", m.Name)
		}
		if m.Static && m.Type.Is(types.Struct, types.Union) && depth > 2 { // it may hold itself
			p.WriteString("{...}")
			continue
		}
		p.value(v.Field(m), depth+1)
	}
	if own == 0 {
		p.comma(&n)
		p.WriteString("<No data fields>")
	}
	p.WriteString("}")
}

// comma separates what is written from what was before.
func (p *printer) comma(n *int) {
	if *n > 0 {
		p.WriteString(", ")
	}
	*n++
}
