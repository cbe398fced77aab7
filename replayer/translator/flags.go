package translator

import "stepback/internal/x86"

// overwritesFlags reports whether the instruction gives all arithmetic flags
// values that do not depend on what they were.
func overwritesFlags(i *x86.Inst) bool {
	written := i.FlagsWritten
	if isLogic(i) {
		// The manual leaves AF undefined for these. All processors clear it;
		// tests/debuggees/translate/flags would notice one that does not.
		written |= x86.AF
	}
	return i.FlagsRead&x86.Arithmetic == 0 && written&x86.Arithmetic == x86.Arithmetic
}

// isLogic reports whether the instruction is and, or, xor or test.
func isLogic(i *x86.Inst) bool {
	if i.Encoding != x86.Legacy || i.Map != x86.OneByte {
		return false
	}
	op := i.Opcode
	switch {
	case op < 0x40:
		return op&7 < 6 && (op>>3 == 1 || op>>3 == 4 || op>>3 == 6)
	case op == 0x80, op == 0x81, op == 0x83:
		group := i.ModRM >> 3 & 7
		return group == 1 || group == 4 || group == 6
	case op == 0x84, op == 0x85, op == 0xa8, op == 0xa9:
		return true
	case op == 0xf6, op == 0xf7:
		return i.ModRM>>3&7 < 2
	}
	return false
}

// noClock is the place of the clock in a block where no instruction
// overwrites the flags.
const noClock = -1

// clockPlace chooses the instruction before which the block counts its steps:
// one that overwrites the flags, which the counting destroys. In between, the
// state has no flags. If the instruction can fault, they are lost there, so one
// without a memory operand is better.
func clockPlace(list []decoded) int {
	place := noClock
	for i := range list {
		inst := &list[i].Inst
		if list[i].ends || !overwritesFlags(inst) {
			continue
		}
		if !inst.HasMemory() && inst.Access == 0 {
			return i
		}
		if place == noClock {
			place = i
		}
	}
	return place
}
