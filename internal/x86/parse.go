package x86

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A line is one line of a table: a row, and the encodings that lead to it, as
// a set of values in each dimension.
type line struct {
	where [leaf]uint8
	row   row

	// What becomes row.access, row.size and row.imm.
	access Access
	size   [3]uint16
	wide   bool // of VEX and EVEX: the size is 8 with W, else 4

	condition bool // the low bits of the opcode are a condition
}

// at is the line for one opcode.
func (l *line) at(opcode int) *line {
	if !l.condition {
		return l
	}
	one := *l
	one.row.flags.read = conditions[opcode>>1&7]
	if one.row.flow == JumpCond {
		one.row.cond = uint8(opcode & 15)
	}
	return &one
}

// everything is the line that constrains nothing.
var everything = line{where: [leaf]uint8{byPrefix: 0xf, byW: 3, byLength: 0xf, byMod: 3, byReg: 0xff, byRM: 0xff}}

// families are words that stand for several lines, which differ as told. The
// word after a colon is what bc means there.
var families = map[string][]string{
	"mmx":   {"np r8", "66 r16"},
	"ps/pd": {"np W0 :bc4", "66 W1 :bc8"},
	"ss/sd": {"f3 W0 r4", "f2 W1 r8"},
	"d/q":   {"66 W0 :bc4", "66 W1 :bc8"},
	"s/d":   {"66 W0 r4", "66 W1 r8"},
}

// attrWords are the words that set attributes alone.
var attrWords = map[string]attr{
	"/r": hasModRM, "lock": lockable, "registers": registers | hasModRM, "moffs": moffs,
	"sib": needsSIB, "vsib": needsSIB | vectorSIB,
	"v": usesVector, "distinct": distinct, "k": masked, "kz": masked | zeroing, "k!": masked | mustMask,
	"er": rounding, "sae": rounding, "kreg": kRegister, "tile": kRegister | tile, "gpr": gpr,
}

var flowWords = map[string]Flow{
	"jump": Jump, "jcc": JumpCond, "count": JumpCount, "call": Call, "ret": Return, "jumpind": JumpIndirect,
	"callind": CallIndirect, "syscall": SystemCall, "trap": Trap, "far": Far, "xbegin": Transaction,
}

var implicitWords = map[string]Implicit{
	"push": StackPush, "pop": StackPop, "source": Source, "destination": Destination, "both": Both,
	"atrbx": AtRBX, "atrax": AtRAX, "atregister": AtRegister, "bitstring": BitString,
}

// immWords are the immediates: their bytes with 32-bit, 16-bit and 64-bit operands.
var immWords = map[string][3]uint8{
	"ib": {1, 1, 1}, "iw": {2, 2, 2}, "id": {4, 4, 4}, "iz": {4, 2, 4}, "iv": {4, 2, 8},
	"ib,ib": {2, 2, 2}, "iw,ib": {3, 3, 3},
}

// sizeWords are the sizes that depend on operand size, W or vector length.
var sizeWords = map[string][3]uint16{
	"v": {4, 2, 8}, "z": {4, 2, 4}, "y": {4, 4, 8}, "s": {8, 2, 8}, "far": {6, 4, 10}, "pair": {8, 8, 16},
	"env": {28, 14, 28}, "save": {108, 94, 108},
	"l": {16, 32, 64}, "l/2": {8, 16, 32}, "l/4": {4, 8, 16}, "l/8": {2, 4, 8}, "dup": {8, 32, 64},
}

// parse makes the lines that a line of text stands for, by opcode.
func parse(text string, byOpcode *[256][]*line, vector bool) {
	text, _, _ = strings.Cut(text, "#")
	words := strings.Fields(text)
	if len(words) == 0 {
		return
	}
	// words[1] is the name, for the reader alone.
	for _, words := range expand(words) {
		for _, parsed := range parseLine(words[2:]) {
			for _, finished := range finish(parsed, vector) {
				for _, opcode := range list(words[0], 16) {
					byOpcode[opcode] = append(byOpcode[opcode], finished.at(opcode))
				}
			}
		}
	}
}

// expand replaces a family among words by its members.
func expand(words []string) [][]string {
	for i, word := range words {
		members, ok := families[word]
		if !ok {
			continue
		}
		var lines [][]string
		for _, member := range members {
			member, broadcast, _ := strings.Cut(member, ":")
			line := slices.Concat(words[:i], strings.Fields(member), words[i+1:])
			if at := slices.Index(line, "bc"); at >= 0 {
				line[at] = broadcast
			}
			lines = append(lines, line)
		}
		return lines
	}
	return [][]string{words}
}

func parseLine(words []string) []line {
	l := everything
	var modRM []int
	for _, word := range words {
		switch {
		case l.constrain(word), l.describe(word):
		case word[0] == '=':
			modRM = append(modRM, list(word[1:], 16)...)
		default:
			panic(fmt.Sprintf("x86: what does %q mean, in %q?", word, words))
		}
	}
	if l.where[byMod] != 3 || l.where[byReg] != 0xff || modRM != nil {
		l.row.attr |= hasModRM
	}
	if modRM == nil {
		return []line{l}
	}
	var lines []line
	for _, b := range modRM {
		one := l
		one.where[byMod], one.where[byReg], one.where[byRM] = 2, 1<<(b>>3&7), 1<<(b&7)
		lines = append(lines, one)
	}
	return lines
}

// finish computes what the row says in the end. A size that depends on W, when
// the width is that of vectors, needs two rows.
func finish(l line, vector bool) []*line {
	if l.wide && vector {
		w0, w1 := l, l
		w0.where[byW], w1.where[byW] = l.where[byW]&1, l.where[byW]&2
		w0.wide, w1.wide = false, false
		w0.size, w1.size = [3]uint16{4, 4, 4}, [3]uint16{8, 8, 8}
		return append(finish(w0, vector), finish(w1, vector)...)
	}
	r := &l.row
	r.access[0] = l.access
	switch {
	case r.implicit == StackPush: // with registers, what is left is the stack
		r.access[1] = Writes
	case r.implicit == StackPop:
		r.access[1] = Reads
	case r.implicit != NoImplicit || r.attr&hasModRM == 0:
		r.access[1] = l.access
	}
	if r.attr&hasModRM == 0 && (r.implicit == Source || r.implicit == Destination || r.implicit == Both) {
		r.attr |= isString
	}
	for mod, access := range r.access {
		if access != 0 {
			r.size[mod] = l.size
		}
	}
	return []*line{&l}
}

// modRM says whether the line has ModRM.
func (l *line) modRM() modRM {
	switch {
	case l.row.attr&registers != 0:
		return registersModRM
	case l.row.attr&hasModRM != 0:
		return plainModRM
	}
	return noModRM
}

// constrain understands words that say where a row applies.
func (l *line) constrain(word string) bool {
	set := func(by dimension, values uint8) { l.where[by] = values }
	switch word {
	case "mem":
		set(byMod, 1)
	case "reg":
		set(byMod, 2)
	case "W0":
		set(byW, 1)
	case "W1":
		set(byW, 2)
	case "l0":
		set(byLength, 1)
	case "l1":
		set(byLength, 2)
	case "l2":
		set(byLength, 4)
	case "l12":
		set(byLength, 6)
	default:
		if word[0] == '/' && word != "/r" {
			set(byReg, 0)
			for _, reg := range list(word[1:], 8) {
				l.where[byReg] |= 1 << reg
			}
			return true
		}
		var prefixes uint8
		for p := range strings.SplitSeq(word, ",") {
			i := slices.Index([]string{"np", "66", "f3", "f2"}, p)
			if i < 0 {
				return false
			}
			prefixes |= 1 << i
		}
		set(byPrefix, prefixes)
	}
	return true
}

// describe understands words that say what a row does.
func (l *line) describe(word string) bool {
	r := &l.row
	if a, ok := attrWords[word]; ok {
		r.attr |= a
	} else if i, ok := implicitWords[word]; ok {
		r.implicit = i
	} else if i, ok := immWords[word]; ok {
		r.imm = i
	} else if f, ok := flowWords[word]; ok {
		r.flow = f
	} else if word == "f:cc" {
		l.condition = true
	} else if name, ok := strings.CutPrefix(word, "f:"); ok {
		r.flags, ok = effects[name]
		r.attr |= countWords[name]
		return ok
	} else if n, ok := strings.CutPrefix(word, "bc"); ok {
		r.broad = n[0] - '0'
	} else if n, ok := strings.CutPrefix(word, "n"); ok {
		r.unit = n[0] - '0'
	} else {
		return l.describeAccess(word)
	}
	return true
}

// describeAccess understands r, w or rw with a size: r4, wv, rwl/2, r0 if it is not known.
func (l *line) describeAccess(word string) bool {
	rest, ok := strings.CutPrefix(word, "r")
	if ok {
		l.access |= Reads
	}
	if w, ok := strings.CutPrefix(rest, "w"); ok {
		l.access |= Writes
		rest = w
	}
	if l.access == 0 {
		return false
	}
	if s, ok := sizeWords[rest]; ok {
		l.size, l.wide = s, rest == "y"
		return true
	}
	n, err := strconv.ParseUint(rest, 10, 16)
	l.size = [3]uint16{uint16(n), uint16(n), uint16(n)}
	return err == nil
}

// list reads a list of numbers and ranges: 00,28,40-4f.
func list(text string, base int) []int {
	var numbers []int
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		first, err1 := strconv.ParseUint(from, base, 8)
		last, err2 := strconv.ParseUint(to, base, 8)
		if err1 != nil || err2 != nil {
			panic(fmt.Sprintf("x86: %q is not a list of numbers", text))
		}
		for n := first; n <= last; n++ {
			numbers = append(numbers, int(n))
		}
	}
	return numbers
}
