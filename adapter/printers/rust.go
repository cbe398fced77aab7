package printers

import (
	"fmt"
	"strings"

	"stepback/adapter/types"
	"stepback/adapter/values"
)

// deep finds a member with a name at any depth: the standard library wraps its
// fields, each version in other ways.
func deep(v values.Value, name string, depth int) (values.Value, bool) {
	members := v.Type.Strip().Members()
	for i := range members {
		if members[i].Name == name {
			return v.Field(&members[i]), true
		}
	}
	for i := range members {
		if depth > 0 && members[i].Type.Is(types.Struct) {
			if f, ok := deep(v.Field(&members[i]), name, depth-1); ok {
				return f, true
			}
		}
	}
	return v, false
}

// pointee is the address that a Unique or NonNull has.
func pointee(v values.Value, name string) (uint64, bool) {
	p, ok := deep(v, name, 6)
	for range 6 {
		if !ok || p.Type.Is(types.Pointer) {
			break
		}
		members := p.Type.Strip().Members()
		if len(members) == 0 {
			return 0, false
		}
		p = p.Field(&members[0])
	}
	n, err := p.Uint()
	return n, ok && err == nil
}

func rustString(v values.Value, _ string) *values.View {
	vec, ok := v.Member("vec")
	if !ok {
		return nil
	}
	addr, ok := pointee(vec, "ptr")
	n, sized := word(vec, "len")
	if !ok || !sized || n > most {
		return nil
	}
	return &values.View{Text: values.Quote(v.Target(), values.Char, addr, n, values.Options{}), Plain: true}
}

func rustVec(v values.Value, _ string) *values.View {
	elem := argument(v, 0)
	addr, ok := pointee(v, "ptr")
	n, sized := word(v, "len")
	if elem == nil || !ok || !sized {
		return nil
	}
	return sequence(v, fmt.Sprintf("Vec(size=%d)", n), elem, addr, n)
}

func rustSlice(v values.Value) *values.View {
	p, ok := v.Member("data_ptr")
	n, sized := word(v, "length")
	addr, err := p.Uint()
	if !ok || !sized || err != nil || !p.Type.Is(types.Pointer) {
		return nil
	}
	return sequence(v, fmt.Sprintf("&[_](size=%d)", n), p.Type.Strip().Elem, addr, n)
}

// rustShared is an Rc or Arc.
func rustShared(v values.Value, name string) *values.View {
	p, ok := deep(v, "pointer", 3)
	if !ok || !p.Type.Is(types.Pointer) || p.Err() != nil {
		return nil
	}
	box := p.Deref()
	inner, found := box.Member("value")
	if !found {
		inner, found = box.Member("data")
	}
	count := func(name string) (int64, bool) {
		c, ok := box.Member(name)
		for range 4 {
			members := c.Type.Strip().Members()
			if !ok || len(members) == 0 {
				break
			}
			c = c.Field(&members[0])
		}
		n, err := c.Int()
		return n, ok && err == nil
	}
	strong, a := count("strong")
	weak, b := count("weak")
	if !found || !a || !b {
		return nil
	}
	short := name[strings.LastIndex(name, ":")+1:]
	return some(fmt.Sprintf("%s(strong=%d, weak=%d)", short, strong, weak-1), values.Child{Name: "value", Value: inner})
}

// maxBuckets is how many buckets of a hash table are looked at.
const maxBuckets = 1 << 22

// rustMap is a HashMap or HashSet: its elements lie before the bytes that tell
// which there are.
func rustMap(v values.Value, name string) *values.View {
	raw, ok := deep(v, "bucket_mask", 8)
	mask, err := raw.Uint()
	items, sized := deep(v, "items", 8)
	n, bad := items.Uint()
	control, found := pointee(v, "ctrl")
	key, value := argument(v, 0), argument(v, 1)
	if !ok || !sized || !found || err != nil || bad != nil || key == nil || mask+1 > maxBuckets || n > mask+1 {
		return nil
	}
	isMap := strings.HasSuffix(name, "Map")
	elem, second := key, int64(0)
	if isMap {
		if value == nil {
			return nil
		}
		pair := pairType(v)
		if pair == nil {
			return nil
		}
		elem, second = pair, -1
	}
	size := uint64(elem.Bytes())
	short := name[strings.LastIndex(name, ":")+1:]
	w := &values.View{Text: fmt.Sprintf("%s(size=%d)", short, n), Map: isMap, N: int(n)}
	w.Children = func(from, to int) (list []values.Child) {
		bytes := make([]byte, mask+1)
		got, _ := v.Target().Read(control, bytes)
		i := 0
		for bucket, b := range bytes[:max(got, 0)] {
			if b&0x80 != 0 {
				continue
			}
			if i >= from && i < to {
				list = append(list, values.Child{Name: number(i), Value: values.At(v.Target(), elem, control-uint64(bucket+1)*size)})
			}
			i++
		}
		return list
	}
	if second == 0 {
		return w
	}
	each := w.Children
	w.N = 2 * int(n)
	w.Children = func(from, to int) (list []values.Child) {
		for i, c := range each(from/2, (to+1)/2) {
			for half := range 2 {
				f, _ := c.Value.Member(fmt.Sprintf("__%d", half))
				if at := from/2*2 + 2*i + half; at >= from && at < to {
					list = append(list, values.Child{Name: c.Name, Value: f})
				}
			}
		}
		return list
	}
	return w
}

// pairType is the type of a map's elements: the argument of its table.
func pairType(v values.Value) *types.Type {
	for range 8 {
		t := v.Type.Strip()
		if list := t.Templates(); strings.Contains(t.Name, "RawTable<") && len(list) > 0 {
			return list[0].Type
		}
		members := t.Members()
		next := -1
		for i := range members {
			if members[i].Name == "base" || members[i].Name == "table" || members[i].Name == "map" {
				next = i
			}
		}
		if next < 0 {
			return nil
		}
		v = v.Field(&members[next])
	}
	return nil
}
