package expr

import (
	"math"
	"math/big"

	"stepback/adapter/types"
	"stepback/adapter/values"
)

// common is the type that arithmetic is done in: C's usual conversions.
func common(a, b *types.Type) *types.Type {
	sa, sb := a.Strip(), b.Strip()
	if sa.Kind == types.Float || sb.Kind == types.Float {
		switch {
		case sa.Kind != types.Float:
			return sb
		case sb.Kind != types.Float || sa.Bytes() >= sb.Bytes():
			return sa
		}
		return sb
	}
	if sa.Lang == types.Rust && sa.Kind == types.Int && sb.Kind == types.Int { // its literals have the type of the other
		if sb.Lang == types.Rust && sb.Bytes() > sa.Bytes() {
			return sb
		}
		return sa
	}
	if sb.Lang == types.Rust && sb.Kind == types.Int {
		return sb
	}
	pa, pb := promoted(a), promoted(b)
	switch {
	case pa.Bytes() > pb.Bytes():
		return pa
	case pb.Bytes() > pa.Bytes():
		return pb
	case !pa.Signed:
		return pa
	}
	return pb
}

// promoted is the type that an integer is taken as.
func promoted(t *types.Type) *types.Type {
	size, signed := t.Bytes(), t.IsSigned()
	switch {
	case size > 8:
		return t.Strip()
	case size == 8 && signed:
		return values.Long
	case size == 8:
		return values.ULong
	case size == 4 && !signed && !t.Is(types.Bool):
		return values.UInt
	}
	return values.Int
}

func (e evaluator) negate(n *node, v values.Value) (values.Value, error) {
	t := v.Type.Strip()
	if t.Kind == types.Float && n.text != "~" {
		f, err := v.Big()
		if err != nil || f == nil {
			plain, err := v.Float()
			if n.text == "-" {
				plain = -plain
			}
			return values.FloatOf(e.Target(), v.Type, plain), wrap(n, err)
		}
		if n.text == "-" {
			f.Neg(f)
		}
		return e.float(v.Type, f), nil
	}
	if !v.Type.Integral() {
		return v, errorAt(n.pos, "%s of a %s means nothing", n.text, v.Type)
	}
	typ := common(v.Type, v.Type)
	if typ.Bytes() > 8 {
		return v, errorAt(n.pos, "numbers of 128 bits are shown only; cast them to long")
	}
	x, err := v.Uint()
	if err != nil {
		return v, wrap(n, err)
	}
	switch n.text {
	case "-":
		x = -x
	case "~":
		x = ^x
	}
	return values.Number(e.Target(), typ, x), nil
}

// float is a number in a type of floating-point numbers.
func (e evaluator) float(t *types.Type, f *big.Float) values.Value {
	if t.Bytes() >= 10 {
		return values.BigFloat(e.Target(), t, f)
	}
	plain, _ := f.Float64()
	return values.FloatOf(e.Target(), t, plain)
}

func (e evaluator) binary(n *node) (values.Value, error) {
	switch n.text {
	case "&&", "||":
		a, err := e.condition(n.args[0])
		if err != nil || a == (n.text == "||") {
			return e.boolean(a), err
		}
		b, err := e.condition(n.args[1])
		return e.boolean(b), err
	case "@":
		return e.slice(n)
	}
	a, err := e.fetch(n.args[0])
	if err != nil {
		return a, err
	}
	b, err := e.fetch(n.args[1])
	if err != nil {
		return b, err
	}
	pa, pb := pointer(a.Type), pointer(b.Type)
	switch {
	case pa || pb:
		return e.pointers(n, a, b)
	case a.Type.Is(types.Float) || b.Type.Is(types.Float):
		if number(a.Type) && number(b.Type) {
			return e.floats(n, a, b)
		}
	case a.Type.Integral() && b.Type.Integral():
		return e.integers(n, a, b)
	}
	return a, errorAt(n.pos, "%s of a %s and a %s means nothing", n.text, a.Type, b.Type)
}

func pointer(t *types.Type) bool { return t.Is(types.Pointer) }

func number(t *types.Type) bool { return t.Integral() || t.Is(types.Float) }

var compared = map[string]func(order int) bool{
	"==": func(o int) bool { return o == 0 }, "!=": func(o int) bool { return o != 0 }, "<": func(o int) bool { return o == -1 },
	">": func(o int) bool { return o == 1 }, "<=": func(o int) bool { return o == 0 || o == -1 }, ">=": func(o int) bool { return o == 0 || o == 1 },
}

func order[T uint64 | int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	}
	return 2 // of what is no number
}

func (e evaluator) integers(n *node, a, b values.Value) (values.Value, error) {
	t := common(a.Type, b.Type)
	if n.text == "<<" || n.text == ">>" {
		t = common(a.Type, a.Type)
	}
	if t.Bytes() > 8 {
		return a, errorAt(n.pos, "numbers of 128 bits are shown only; cast them to long")
	}
	x, err := e.converted(n.args[0], a, t)
	if err != nil {
		return a, err
	}
	right := t
	if n.text == "<<" || n.text == ">>" {
		right = common(b.Type, b.Type)
	}
	y, err := e.converted(n.args[1], b, right)
	if err != nil {
		return b, err
	}
	if is := compared[n.text]; is != nil {
		if t.Signed {
			return e.boolean(is(order(int64(x), int64(y)))), nil
		}
		return e.boolean(is(order(x, y))), nil
	}
	z, ok := integer(n.text, x, y, t)
	if !ok {
		return a, errorAt(n.pos, "division by zero")
	}
	return values.Number(e.Target(), t, z), nil
}

// converted is a number in a type, with its sign extended.
func (e evaluator) converted(n *node, v values.Value, t *types.Type) (uint64, error) {
	x, err := v.Uint()
	if err != nil {
		return 0, wrap(n, err)
	}
	return values.Number(nil, t, x).Uint()
}

func integer(sign string, x, y uint64, t *types.Type) (uint64, bool) {
	bits := uint64(t.Bytes()) * 8
	switch sign {
	case "+":
		return x + y, true
	case "-":
		return x - y, true
	case "*":
		return x * y, true
	case "&":
		return x & y, true
	case "|":
		return x | y, true
	case "^":
		return x ^ y, true
	case "<<":
		if y >= bits {
			return 0, true
		}
		return x << y, true
	case ">>":
		if t.Signed {
			return uint64(int64(x) >> min(y, 63)), true
		}
		if y >= bits {
			return 0, true
		}
		return x >> y, true
	}
	if y == 0 {
		return 0, false
	}
	switch {
	case sign == "/" && t.Signed:
		if int64(x) == math.MinInt64 && int64(y) == -1 {
			return x, true
		}
		return uint64(int64(x) / int64(y)), true
	case sign == "/":
		return x / y, true
	case t.Signed:
		if int64(y) == -1 {
			return 0, true
		}
		return uint64(int64(x) % int64(y)), true
	}
	return x % y, true
}

func (e evaluator) floats(n *node, a, b values.Value) (values.Value, error) {
	t := common(a.Type, b.Type)
	x, err := e.scalar(n.args[0], a, t)
	if err != nil {
		return x, err
	}
	y, err := e.scalar(n.args[1], b, t)
	if err != nil {
		return y, err
	}
	fx, err := x.Float()
	if err != nil {
		return x, wrap(n, err)
	}
	fy, err := y.Float()
	if err != nil {
		return y, wrap(n, err)
	}
	bx, _ := x.Big()
	by, _ := y.Big()
	exact := t.Bytes() >= 10 && bx != nil && by != nil
	if is := compared[n.text]; is != nil {
		if exact {
			return e.boolean(is(bx.Cmp(by))), nil
		}
		return e.boolean(is(order(fx, fy))), nil
	}
	if exact && (n.text != "/" || by.Sign() != 0) {
		z := new(big.Float).SetPrec(64)
		switch n.text {
		case "+":
			return e.float(t, z.Add(bx, by)), nil
		case "-":
			return e.float(t, z.Sub(bx, by)), nil
		case "*":
			return e.float(t, z.Mul(bx, by)), nil
		case "/":
			return e.float(t, z.Quo(bx, by)), nil
		}
	}
	switch n.text {
	case "+":
		fx += fy
	case "-":
		fx -= fy
	case "*":
		fx *= fy
	case "/":
		fx /= fy
	default:
		return a, errorAt(n.pos, "%s of a %s and a %s means nothing", n.text, a.Type, b.Type)
	}
	return values.FloatOf(e.Target(), t, fx), nil
}

// pointers is arithmetic with at least one pointer.
func (e evaluator) pointers(n *node, a, b values.Value) (values.Value, error) {
	x, err := a.Uint()
	if err != nil {
		return a, wrap(n.args[0], err)
	}
	y, err := b.Uint()
	if err != nil {
		return b, wrap(n.args[1], err)
	}
	pa, pb := pointer(a.Type), pointer(b.Type)
	if is := compared[n.text]; is != nil && number(a.Type) == !pa && number(b.Type) == !pb {
		return e.boolean(is(order(x, y))), nil
	}
	switch {
	case n.text == "-" && pa && pb:
		size := step(a.Type)
		if size <= 0 || size != step(b.Type) {
			return a, errorAt(n.pos, "the difference of a %s and a %s means nothing", a.Type, b.Type)
		}
		return values.Number(e.Target(), values.Long, uint64(int64(x-y)/size)), nil
	case n.text == "+" && pb && a.Type.Integral():
		a, x, y = b, y, x
		fallthrough
	case (n.text == "+" || n.text == "-") && pointer(a.Type) && !(pa && pb) && (pb || b.Type.Integral()):
		size := step(a.Type)
		if size <= 0 {
			return a, errorAt(n.pos, "the size of %s is not known", a.Type.Strip().Elem)
		}
		if n.text == "-" && !pb {
			y = -y
		} else if n.text == "-" {
			break
		}
		return values.Number(e.Target(), a.Type, x+y*uint64(size)), nil
	}
	return a, errorAt(n.pos, "%s of a %s and a %s means nothing", n.text, a.Type, b.Type)
}

// step is what 1 means that is added to a pointer; 0: it is none.
func step(t *types.Type) int64 {
	if !pointer(t) {
		return 0
	}
	elem := t.Strip().Elem
	if elem.Is(types.Void, types.Func) {
		return 1
	}
	return elem.Bytes()
}

// slice is so many elements from a place in memory on, as an array.
func (e evaluator) slice(n *node) (values.Value, error) {
	v, err := e.eval(n.args[0])
	if err != nil {
		return v, err
	}
	v = v.Referred()
	c, err := e.fetch(n.args[1])
	if err != nil {
		return c, err
	}
	count, err := c.Int()
	switch {
	case err != nil:
		return c, wrap(n.args[1], err)
	case v.Err() != nil:
		return v, wrap(n.args[0], v.Err())
	case !v.InMemory:
		return v, errorAt(n.pos, "only what is in memory can be extended with @")
	case !c.Type.Integral() || count <= 0 || count > maxSlice:
		return v, errorAt(n.args[1].pos, "%d elements cannot be shown; from 1 to %d can", count, maxSlice)
	}
	return values.At(e.Target(), types.ArrayOf(v.Type, count), v.Addr), nil
}
