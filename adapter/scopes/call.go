package scopes

import (
	"fmt"
	"math"

	"stepback/adapter/types"
	"stepback/adapter/values"
	"stepback/replayer"
)

// PrepareCall is a call of a function with arguments as the ABI passes them. The
// caller adds the thread and the limits.
func PrepareCall(function values.Value, args []values.Value) (replayer.Call, error) {
	c := replayer.Call{Func: function.Addr}
	for i, a := range args {
		switch t := a.Type.Strip(); {
		case t.Kind == types.Float && t.Bytes() <= 8:
			f, err := a.Float()
			if err != nil {
				return c, err
			}
			if t.Bytes() == 4 { // in the lower half of the register
				f = math.Float64frombits(uint64(math.Float32bits(float32(f))))
			}
			c.Floats = append(c.Floats, f)
		case a.Type.Integral() && t.Bytes() <= 8, t.Kind == types.Pointer:
			n, err := a.Uint()
			if err != nil {
				return c, err
			}
			c.Args = append(c.Args, n)
		case t.Kind == types.Reference || t.Kind == types.RvalueReference:
			n, err := a.Uint()
			if err != nil {
				return c, err
			}
			c.Args = append(c.Args, n)
		default:
			return c, fmt.Errorf("argument %d is a %s; only numbers and pointers can be passed", i+1, a.Type)
		}
	}
	return c, nil
}

// CallResult is what a function returned.
func (p *Process) CallResult(function values.Value, r replayer.CallResult) (values.Value, error) {
	t := function.Type.Strip().Elem
	switch s := t.Strip(); {
	case s.Kind == types.Void:
		return values.Of(p, t, nil, nil), nil
	case s.Kind == types.Float && s.Bytes() == 4:
		return values.Number(p, t, math.Float64bits(r.Xmm0)), nil
	case s.Kind == types.Float && s.Bytes() == 8:
		return values.FloatOf(p, t, r.Xmm0), nil
	case t.Integral() && s.Bytes() <= 8, s.Kind == types.Pointer, s.Kind == types.Reference, s.Kind == types.RvalueReference:
		return values.Number(p, t, r.Rax), nil
	}
	return values.Value{}, fmt.Errorf("the function returns a %s; only numbers and pointers can be shown", t)
}
