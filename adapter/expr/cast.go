package expr

import (
	"stepback/adapter/types"
	"stepback/adapter/values"
)

// cast converts a value to a type.
func (e evaluator) cast(n *node, v values.Value, to *types.Type) (values.Value, error) {
	v = v.Referred()
	if v.Type.Kind == types.Unknown && v.Err() != nil {
		return v, wrap(n, v.Err())
	}
	if v.Err() != nil {
		return v, wrap(n, v.Err())
	}
	target, from := to.Strip(), v.Type.Strip()
	switch target.Kind {
	case types.Void:
		return values.Of(e.Target(), to, nil, nil), nil
	case types.Int, types.Char, types.Bool, types.Enum, types.Pointer, types.Float:
		decayed, err := e.decay(n, v)
		if err != nil {
			return v, err
		}
		return e.scalar(n, decayed, to)
	case types.Struct, types.Union:
		if from == target || from.Name == target.Name && from.Name != "" {
			return v.As(to), nil
		}
		if base, ok := v.Base(target, 0); ok {
			return base, nil
		}
		if v.InMemory {
			if offset, ok := offsetOf(target, from, 0); ok {
				return values.At(e.Target(), to, v.Addr-uint64(offset)), nil
			}
		}
	case types.Array:
		if v.InMemory && to.Bytes() <= from.Bytes() {
			return values.At(e.Target(), to, v.Addr), nil
		}
	case types.Reference, types.RvalueReference:
		if v.InMemory && target.Elem.Is(types.Struct) {
			if of, err := e.cast(n, v, target.Elem); err == nil && of.InMemory {
				return values.Number(e.Target(), to, of.Addr), nil
			}
		}
		if v.InMemory {
			return values.Number(e.Target(), to, v.Addr), nil
		}
	}
	return v, errorAt(n.pos, "a %s cannot be cast to %s", v.Type, to)
}

// scalar converts to a number or pointer.
func (e evaluator) scalar(n *node, v values.Value, to *types.Type) (values.Value, error) {
	target, from := to.Strip(), v.Type.Strip()
	switch {
	case from.Kind == types.Float && target.Kind == types.Float:
		f, err := v.Big()
		if err != nil || f == nil {
			plain, err := v.Float()
			return values.FloatOf(e.Target(), to, plain), wrap(n, err)
		}
		if target.Bytes() >= 10 {
			return values.BigFloat(e.Target(), to, f), nil
		}
		plain, _ := f.Float64()
		return values.FloatOf(e.Target(), to, plain), nil
	case from.Kind == types.Float:
		f, err := v.Float()
		if err != nil {
			return v, wrap(n, err)
		}
		if target.Kind == types.Bool {
			return values.Number(e.Target(), to, word(f != 0)), nil
		}
		if f >= 1<<63 {
			return values.Number(e.Target(), to, uint64(f)), nil
		}
		return values.Number(e.Target(), to, uint64(int64(f))), nil
	case !v.Type.Integral() && from.Kind != types.Pointer && from.Kind != types.MemberPointer:
		return v, errorAt(n.pos, "a %s cannot be cast to %s", v.Type, to)
	}
	x, err := v.Uint()
	if err != nil {
		return v, wrap(n, err)
	}
	switch {
	case target.Kind == types.Float && v.Type.IsSigned():
		return values.FloatOf(e.Target(), to, float64(int64(x))), nil
	case target.Kind == types.Float:
		return values.FloatOf(e.Target(), to, float64(x)), nil
	case target.Kind == types.Bool:
		return values.Number(e.Target(), to, word(x != 0)), nil
	case target.Kind == types.Pointer && from.Kind == types.Pointer && x != 0:
		x += uint64(e.upOrDown(v, target.Elem.Strip(), from.Elem.Strip()))
	}
	if target.Bytes() > 8 {
		if data, err := v.Bytes(); err == nil && len(data) > 8 {
			return v.As(to), nil
		}
		// The upper half is the sign of what it was.
		low := values.Number(e.Target(), values.Long, x)
		if !v.Type.IsSigned() {
			low = values.Number(e.Target(), values.ULong, x)
		}
		data, _ := low.Bytes()
		return values.Of(e.Target(), to, extend(data, target.Bytes(), v.Type.IsSigned()), nil), nil
	}
	return values.Number(e.Target(), to, x), nil
}

func extend(data []byte, size int64, signed bool) []byte {
	fill := byte(0)
	if signed && data[len(data)-1] >= 0x80 {
		fill = 0xff
	}
	out := append([]byte{}, data...)
	for int64(len(out)) < size {
		out = append(out, fill)
	}
	return out
}

func word(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// upOrDown is what is added to a pointer when it is cast to one to a base, or
// from a base to what has it.
func (e evaluator) upOrDown(v values.Value, to, from *types.Type) int64 {
	if to.Kind != types.Struct || from.Kind != types.Struct || to.Name == from.Name {
		return 0
	}
	object := v.Deref()
	if base, ok := object.Base(to, 0); ok && base.InMemory {
		return int64(base.Addr - object.Addr)
	}
	if offset, ok := offsetOf(to, from, 0); ok {
		return -offset
	}
	return 0
}

// offsetOf is where a class lies that another inherits, not virtually.
func offsetOf(derived, base *types.Type, depth int) (int64, bool) {
	members := derived.Strip().Members()
	for i := range members {
		m := &members[i]
		if !m.Base || m.Virtual != nil || depth > 32 {
			continue
		}
		if m.Type.Strip().Name == base.Name && base.Name != "" {
			return m.Offset, true
		}
		if inner, ok := offsetOf(m.Type, base, depth+1); ok {
			return m.Offset + inner, true
		}
	}
	return 0, false
}
