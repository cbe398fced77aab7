package values

import (
	"fmt"
	"strings"

	"stepback/adapter/types"
)

// Variant is the variant of a Rust enum that a value has; nil: its type has
// none, or it is damaged.
func (v Value) Variant() *types.Variant {
	list := v.Type.Strip().Variants()
	if list == nil {
		return nil
	}
	if list.Discriminant == nil {
		if len(list.List) > 0 {
			return &list.List[0]
		}
		return nil
	}
	d := v.Field(list.Discriminant)
	n, err := d.Uint()
	if err != nil {
		return nil
	}
	if size := d.Type.Bytes(); size < 8 && size > 0 { // the values are told with their sign
		if chosen := list.Choose(uint64(int64(n<<(64-8*size)) >> (64 - 8*size))); chosen != nil && !chosen.Default {
			return chosen
		}
		n &= 1<<(8*size) - 1
	}
	return list.Choose(n)
}

// rustSlice is the parts of a slice: &[T] or &str.
func (v Value) rustSlice() (ptr Value, n uint64, ok bool) {
	ptr, ok = v.Member("data_ptr")
	if !ok {
		return ptr, 0, false
	}
	l, ok := v.Member("length")
	if !ok {
		return ptr, 0, false
	}
	n, err := l.Uint()
	return ptr, n, err == nil
}

// rustStruct writes a struct, tuple, enum or slice of Rust.
func (p *printer) rustStruct(v Value, t *types.Type, depth int) {
	if t.Variants() != nil {
		one := v.Variant()
		if one == nil {
			fmt.Fprintf(p, "%s {<unknown variant>}", t.Name)
			return
		}
		inner := v.Field(one.Member)
		p.rustFields(inner, inner.Type.Strip(), t.Name+"::"+one.Member.Name, "", depth)
		return
	}
	if strings.HasPrefix(t.Name, "&") && strings.HasSuffix(t.Name, "str") {
		if ptr, n, ok := v.rustSlice(); ok {
			addr, _ := ptr.Uint()
			want := min(n, uint64(p.o.limit()))
			data, err := v.read(addr, int64(want))
			if err != nil {
				p.fail(err)
				return
			}
			p.WriteString(quote(data, 1, "", &p.o, want < n))
			return
		}
	}
	if ptr, n, ok := v.rustSlice(); ok && strings.HasPrefix(t.Name, "&") && ptr.Type.Is(types.Pointer) {
		addr, _ := ptr.Uint()
		p.WriteString(t.Name + " ")
		p.value(At(v.target, types.ArrayOf(ptr.Type.Strip().Elem, int64(min(n, maxBytes))), addr), depth+1)
		return
	}
	p.rustFields(v, t, t.Name, " ", depth)
}

// rustFields writes the fields behind a name and a gap: in parentheses if they
// are numbered.
func (p *printer) rustFields(v Value, t *types.Type, name, gap string, depth int) {
	members := t.Members()
	numbered := len(members) > 0
	for i := range members {
		numbered = numbered && members[i].Name == fmt.Sprintf("__%d", i)
	}
	tuple := strings.HasPrefix(t.Name, "(")
	if !tuple {
		p.WriteString(name)
	}
	if len(members) == 0 {
		if tuple {
			p.WriteString("()")
		}
		return
	}
	open, closing := "{", "}"
	if numbered || tuple {
		open, closing = "(", ")"
	}
	if !tuple {
		p.WriteString(gap)
	}
	p.WriteString(open)
	for i := range members {
		if i > 0 {
			p.WriteString(", ")
		}
		if !numbered {
			fmt.Fprintf(p, "%s: ", members[i].Name)
		}
		p.value(v.Field(&members[i]), depth+1)
	}
	p.WriteString(closing)
}
