// Package disasm shows instructions to people, in Intel's syntax.
//
// The text is golang.org/x/arch's, which has taken some instructions for others
// in the past. So it is shown only where that decoder agrees with ours, which is
// tested against processors, about all that ours knows of operands.
package disasm

import (
	"fmt"
	"strings"

	"golang.org/x/arch/x86/x86asm"

	"stepback/internal/x86"
)

// MaxLen is the length of the longest instruction.
const MaxLen = 15

// unknown are frequent instructions that x86asm lacks.
var unknown = map[string]string{
	"\xf3\x0f\x1e\xfa": "endbr64",
	"\x0f\x01\xee":     "rdpkru",
	"\x0f\x01\xef":     "wrpkru",
}

// polish mends what x86asm writes.
var polish = strings.NewReplacer("[]", "[0x0]", "_xmm", "", ", ptr [", ", [")

// Instruction shows the first instruction of code, which is at pc, and returns
// its length. symbol describes the addresses that it names, "" for no
// description. What cannot be shown is bytes: the whole instruction, or a byte that
// begins none.
func Instruction(code []byte, pc uint64, symbol func(addr uint64) string) (text string, n int) {
	if len(code) == 0 {
		return "", 0
	}
	var in x86.Inst
	if x86.Decode(code, &in) != nil {
		return bytesText(code[:1]), 1
	}
	code = code[:in.Len]
	if text, ok := unknown[string(code)]; ok {
		return text, len(code)
	}
	shown, err := x86asm.Decode(code, 64)
	if err != nil || !settle(&in, &shown) {
		return bytesText(code), len(code)
	}
	text = x86asm.IntelSyntax(shown, pc, nil)
	text = polish.Replace(text)
	switch {
	case relative(&shown):
		if name := symbol(in.Target(pc)); name != "" {
			text += " <" + name + ">"
		}
	case in.RIPRelative:
		to := in.Address(new([16]uint64), pc+uint64(in.Len))
		text += fmt.Sprintf(" # %#x", to)
		if name := symbol(to); name != "" {
			text += " <" + name + ">"
		}
	}
	return text, len(code)
}

// settle reports whether the decoders have read the same operands, and corrects
// what x86asm is known to get wrong: the sign of displacements, and rip as the
// base of vector instructions.
func settle(in *x86.Inst, shown *x86asm.Inst) bool {
	if shown.Len != int(in.Len) {
		return false
	}
	memory := false
	for i, arg := range shown.Args {
		switch arg := arg.(type) {
		case x86asm.Rel:
			if int64(arg) != in.Imm {
				return false
			}
		case x86asm.Mem:
			if !in.HasMemory() {
				continue // of a string instruction, or an address as immediate
			}
			memory = true
			if in.RIPRelative && arg.Base == 0 && arg.Index == 0 {
				arg.Base = x86asm.RIP
			}
			if int32(arg.Disp) != int32(in.Displacement()) || (arg.Base == x86asm.RIP) != in.RIPRelative {
				return false
			}
			arg.Disp = in.Displacement()
			shown.Args[i] = arg
		}
	}
	return memory == in.HasMemory()
}

// relative reports whether the operand is a branch's target.
func relative(shown *x86asm.Inst) bool {
	_, is := shown.Args[0].(x86asm.Rel)
	return is
}

func bytesText(code []byte) string {
	list := make([]string, len(code))
	for i, b := range code {
		list[i] = fmt.Sprintf("%#02x", b)
	}
	return ".byte " + strings.Join(list, ", ")
}
