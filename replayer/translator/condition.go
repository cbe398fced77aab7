package translator

import (
	"slices"

	"stepback/replayer/condition"
)

// A guard is code of ours that may fault where the program does not.
type guard struct {
	from, to uint64 // [from, to)
	beyond   uint64 // where a fault goes
}

// Guarded reports whether a task that faulted at host did so in a condition or
// a comparison of ours. It goes on at beyond, with the registers that State gives.
func (c *Cache) Guarded(host uint64) (beyond uint64, ok bool) {
	in := func(list []guard) bool {
		i := slices.IndexFunc(list, func(g guard) bool { return host >= g.from && host < g.to })
		if i < 0 {
			return false
		}
		beyond = list[i].beyond
		return true
	}
	if in(c.cutGuards) {
		return beyond, true
	}
	for _, list := range c.guards {
		if in(list) {
			return beyond, true
		}
	}
	return 0, false
}

func (e *emitter) guard(g guard) {
	if e.b.cut {
		e.cutGuards = append(e.cutGuards, g)
		return
	}
	e.guards[e.b.pc] = append(e.guards[e.b.pc], g)
}

// mayFault reports whether the evaluation of an expression may.
func mayFault(x *condition.Expr) bool {
	n, _ := x.Op.Width()
	return n > 0 || x.Op >= condition.DivU && x.Op <= condition.ModS || slices.ContainsFunc(x.Args, func(a condition.Expr) bool { return mayFault(&a) })
}

// The room that conditions take, at most.
const (
	perOperation = 48
	perCondition = 64
)

// MaxCondition is of how many operations the conditions of a break may be made.
const MaxCondition = 300

// conditionsAt are the conditions of a break at pc; none: it always counts.
func (c *Cache) conditionsAt(pc uint64) []*condition.Expr {
	list := c.breaks[pc]
	for _, x := range list {
		if x == nil {
			return nil
		}
	}
	return list
}

// unlessHolds emits the evaluation of conditions, of which one must hold, before
// instruction i at pc. It returns where the displacement of the jump is that is
// taken if none does.
func (e *emitter) unlessHolds(i int, pc uint64, list []*condition.Expr) (no int) {
	e.here = pc
	e.store(savedRax, rax)
	e.store(savedRcx, rcx)
	e.store(savedRdx, rdx)
	e.bytes(0x9f)             // lahf
	e.bytes(0x0f, 0x90, 0xc0) // seto al
	e.store(savedFlags, rax)
	e.mark(i, pc, evaluating)
	var yes []int
	for _, x := range list {
		g := guard{from: e.pc()}
		e.evaluate(x, 0)
		g.to = e.pc()
		e.bytes(0x48, 0x85, 0xc0) // test rax, rax
		yes = append(yes, e.forward(notZero))
		g.beyond = e.pc()
		if mayFault(x) {
			e.guard(g)
		}
	}
	e.restoreAll()
	e.mark(i, pc, 0)
	e.bytes(0xe9)
	e.imm32(0)
	no = len(e.buf) - 4
	for _, at := range yes {
		e.retarget(at, e.pc())
	}
	e.mark(i, pc, evaluating)
	e.restoreAll()
	e.mark(i, pc, 0)
	return no
}

// restoreAll restores what unlessHolds saved.
func (e *emitter) restoreAll() {
	e.load(rax, savedFlags)
	e.bytes(0x04, 0x7f) // add al, 127: the overflow flag
	e.bytes(0x9e)       // sahf: the others
	e.load(rax, savedRax)
	e.load(rcx, savedRcx)
	e.load(rdx, savedRdx)
}

// forward emits a conditional jump whose displacement, at the returned place, is
// to be set.
func (e *emitter) forward(cond byte) int {
	e.bytes(0x0f, 0x80|cond)
	e.imm32(0)
	return len(e.buf) - 4
}

// loadCode is the opcode of a load into rax from [rax], by condition.Op.
var loadCode = map[condition.Op]string{
	condition.LoadU8:  "\x0f\xb6\x00",
	condition.LoadU16: "\x0f\xb7\x00",
	condition.LoadU32: "\x8b\x00",
	condition.Load64:  "\x48\x8b\x00",
	condition.LoadS8:  "\x48\x0f\xbe\x00",
	condition.LoadS16: "\x48\x0f\xbf\x00",
	condition.LoadS32: "\x48\x63\x00",
}

// arithmetic is the code that makes rax the result for the arguments in rax and rcx.
var arithmetic = map[condition.Op]string{
	condition.Negate:     "\x48\xf7\xd8",
	condition.Complement: "\x48\xf7\xd0",
	condition.IsZero:     "\x48\x85\xc0\x0f\x94\xc0\x0f\xb6\xc0", // test rax, rax; sete al; movzx eax, al
	condition.Add:        "\x48\x01\xc8",
	condition.Sub:        "\x48\x29\xc8",
	condition.Mul:        "\x48\x0f\xaf\xc1",
	condition.DivU:       "\x31\xd2\x48\xf7\xf1",             // xor edx, edx; div rcx
	condition.ModU:       "\x31\xd2\x48\xf7\xf1\x48\x89\xd0", // mov rax, rdx
	condition.DivS:       "\x48\x99\x48\xf7\xf9",             // cqo; idiv rcx
	condition.ModS:       "\x48\x99\x48\xf7\xf9\x48\x89\xd0",
	condition.And:        "\x48\x21\xc8",
	condition.Or:         "\x48\x09\xc8",
	condition.Xor:        "\x48\x31\xc8",
	condition.Shl:        "\x48\xd3\xe0",
	condition.ShrU:       "\x48\xd3\xe8",
	condition.ShrS:       "\x48\xd3\xf8",
	condition.Equal:      "\x48\x39\xc8\x0f\x94\xc0\x0f\xb6\xc0", // cmp rax, rcx; sete al; movzx eax, al
	condition.NotEqual:   "\x48\x39\xc8\x0f\x95\xc0\x0f\xb6\xc0",
	condition.LessU:      "\x48\x39\xc8\x0f\x92\xc0\x0f\xb6\xc0",
	condition.LessEqualU: "\x48\x39\xc8\x0f\x96\xc0\x0f\xb6\xc0",
	condition.LessS:      "\x48\x39\xc8\x0f\x9c\xc0\x0f\xb6\xc0",
	condition.LessEqualS: "\x48\x39\xc8\x0f\x9e\xc0\x0f\xb6\xc0",
}

// evaluate emits code that makes rax the value of an expression. It uses rcx, rdx and
// the scratch page's words from number depth on.
func (e *emitter) evaluate(x *condition.Expr, depth int) {
	switch x.Op {
	case condition.Constant, condition.Register, condition.ThreadID, condition.ProcessID, condition.Address:
		e.value(x, rax)
		return
	case condition.AndThen, condition.OrElse:
		e.evaluate(&x.Args[0], depth)
		e.bytes(0x48, 0x85, 0xc0) // test rax, rax
		cond := byte(zero)
		if x.Op == condition.OrElse {
			cond = notZero
		}
		decided := e.forward(cond)
		e.evaluate(&x.Args[1], depth)
		e.bytes(0x48, 0x85, 0xc0)
		e.retarget(decided, e.pc())
		e.bytes(0x0f, 0x95, 0xc0) // setne al
		e.bytes(0x0f, 0xb6, 0xc0) // movzx eax, al
		return
	}
	if code, ok := loadCode[x.Op]; ok {
		e.evaluate(&x.Args[0], depth)
		e.bytes([]byte(code)...)
		return
	}
	if len(x.Args) == 2 {
		right := &x.Args[1]
		if len(right.Args) == 0 {
			e.evaluate(&x.Args[0], depth)
			e.value(right, rcx)
		} else {
			// The left one first, for its fault counts even if the right one is not there.
			e.evaluate(&x.Args[0], depth)
			e.store(conditionAt+8*uint64(depth), rax)
			e.evaluate(right, depth+1)
			e.bytes(0x48, 0x89, 0xc1) // mov rcx, rax
			e.load(rax, conditionAt+8*uint64(depth))
		}
	} else {
		e.evaluate(&x.Args[0], depth)
	}
	e.bytes([]byte(arithmetic[x.Op])...)
}

// value puts the value of an expression without arguments into a register
// below r8, of which evaluate's others are kept.
func (e *emitter) value(x *condition.Expr, to byte) {
	saved := [...]uint64{rax: savedRax, rcx: savedRcx, rdx: savedRdx}
	switch {
	case x.Op == condition.ThreadID:
		e.load(to, threadAt)
	case x.Op == condition.ProcessID:
		e.load(to, processAt)
	case x.Op == condition.Address:
		e.load(to, addressAt)
	case x.Op == condition.Constant:
		e.constant(to, x.N)
	case x.N == condition.RIP:
		e.constant(to, e.here)
	case x.N < uint64(len(saved)):
		e.load(to, saved[x.N])
	default:
		from := byte(x.N)
		e.bytes(0x48|from>>1&4, 0x89, 0xc0|from<<3&0x38|to) // mov to, from
	}
}
