package location

import (
	"bytes"
	"debug/dwarf"
	"errors"
	"fmt"
)

// CallSite is what is known about a call: expressions for what it passed, to be
// evaluated in the caller's frame (DWARF 5 §3.4).
type CallSite struct {
	Parameters []Parameter
}

// Parameter is something that was passed.
type Parameter struct {
	Location []byte       // where, as a location: mostly a register
	Formal   dwarf.Offset // of the callee's DW_TAG_formal_parameter; 0: not known
	Value    []byte       // what it was
	Pointee  []byte       // what was in memory where it pointed to
}

// The tags and attributes of call sites: those of DWARF 5, and GNU's before.
var (
	callSiteTags  = [2]dwarf.Tag{0x48, 0x4109}
	parameterTags = [2]dwarf.Tag{0x49, 0x410a}
	returnPCs     = [2]dwarf.Attr{dwarf.AttrCallReturnPC, dwarf.AttrLowpc}
	values        = [2]dwarf.Attr{dwarf.AttrCallValue, 0x2111}
	pointees      = [2]dwarf.Attr{dwarf.AttrCallDataValue, 0x2112}
)

// ErrNoCallSite reports that the compiler said nothing about a call.
var ErrNoCallSite = errors.New("nothing is known about the call")

// FindCallSite finds the call that returns to an address of the file;
// ErrNoCallSite if there is none.
func FindCallSite(d *dwarf.Data, returns uint64) (*CallSite, error) {
	r := d.Reader()
	if _, err := r.SeekPC(returns - 1); errors.Is(err, dwarf.ErrUnknownPC) {
		return nil, ErrNoCallSite
	} else if err != nil {
		return nil, fmt.Errorf("looking for the call before %#x: %w", returns, err)
	}
	for depth := 1; depth > 0; {
		e, err := r.Next()
		if err != nil {
			return nil, fmt.Errorf("looking for the call before %#x: %w", returns, err)
		}
		switch {
		case e == nil:
			return nil, ErrNoCallSite
		case e.Tag == 0:
			depth--
			continue
		case isCallSite(e, returns):
			return readCallSite(r, e)
		}
		if !e.Children {
			continue
		}
		if e.Tag == dwarf.TagSubprogram && !contains(d, e, returns-1) {
			r.SkipChildren()
		} else {
			depth++
		}
	}
	return nil, ErrNoCallSite
}

// isCallSite reports whether an entry is the call that returns there.
func isCallSite(e *dwarf.Entry, returns uint64) bool {
	for i, tag := range callSiteTags {
		if pc, ok := e.Val(returnPCs[i]).(uint64); ok && e.Tag == tag && pc == returns {
			return true
		}
	}
	return false
}

// contains reports whether the code of an entry contains pc.
func contains(d *dwarf.Data, e *dwarf.Entry, pc uint64) bool {
	ranges, err := d.Ranges(e)
	if err != nil {
		return false
	}
	for _, r := range ranges {
		if r[0] <= pc && pc < r[1] {
			return true
		}
	}
	return false
}

// readCallSite reads the entries below that of a call.
func readCallSite(r *dwarf.Reader, e *dwarf.Entry) (*CallSite, error) {
	s := &CallSite{}
	for e.Children {
		p, err := r.Next()
		if err != nil {
			return nil, fmt.Errorf("the call site at %#x: %w", e.Offset, err)
		}
		if p == nil || p.Tag == 0 {
			break
		}
		if p.Tag == parameterTags[0] || p.Tag == parameterTags[1] {
			formal, _ := p.Val(dwarf.AttrCallParameter).(dwarf.Offset)
			if formal == 0 { // GNU's
				formal, _ = p.Val(dwarf.AttrAbstractOrigin).(dwarf.Offset)
			}
			s.Parameters = append(s.Parameters, Parameter{block(p, dwarf.AttrLocation), formal, block(p, values[:]...), block(p, pointees[:]...)})
		}
		if p.Children {
			r.SkipChildren()
		}
	}
	return s, nil
}

// block is the first attribute that an entry has.
func block(e *dwarf.Entry, attrs ...dwarf.Attr) []byte {
	for _, a := range attrs {
		if b, ok := e.Val(a).([]byte); ok {
			return b
		}
	}
	return nil
}

// The operations of expressions that ask for the pointee of a parameter.
const (
	opDeref     = 0x06
	opReg0      = 0x50
	opBreg0     = 0x70
	opDerefSize = 0x94
)

// Entry makes Env.Entry of the callee: values are those that the call passed, as
// far as they can still be computed in the caller.
func (s *CallSite) Entry(caller *Env) func(expr []byte) (uint64, error) {
	return func(expr []byte) (uint64, error) {
		for _, p := range s.Parameters {
			if bytes.Equal(p.Location, expr) {
				return caller.passed(p.Value)
			}
			// DW_OP_breg 0 and a read is what the register pointed to.
			if len(p.Location) == 1 && len(expr) >= 3 && expr[0] == p.Location[0]-opReg0+opBreg0 && expr[1] == 0 && (expr[2] == opDeref || expr[2] == opDerefSize) {
				return caller.passed(p.Pointee)
			}
		}
		return 0, ErrNoCallSite
	}
}

// Parameter is what the call passed for a formal parameter.
func (s *CallSite) Parameter(caller *Env, formal dwarf.Offset) (uint64, error) {
	for _, p := range s.Parameters {
		if p.Formal == formal && formal != 0 {
			return caller.passed(p.Value)
		}
	}
	return 0, ErrNoCallSite
}

// passed evaluates what was passed.
func (env *Env) passed(expr []byte) (uint64, error) {
	if expr == nil {
		return 0, ErrOptimizedOut
	}
	return env.Value(expr)
}
