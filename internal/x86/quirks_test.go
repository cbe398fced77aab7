package x86

import (
	"slices"
	"strings"
)

// Where objdump and the processor disagree, and why. Each of these was tried on a processor by
// TestProcessorDefined.

// skipPrefixes splits code into prefixes, with REX, and the rest.
func skipPrefixes(code []byte) (prefix, rest []byte) {
	for i, b := range code {
		if prefixes[b] == 0 {
			return code[:i], code[i:]
		}
	}
	return code, nil
}

// ignoredREX reports whether a prefix follows a REX, which then means nothing: objdump forgets the
// prefixes before it.
func ignoredREX(code []byte) bool {
	prefix, _ := skipPrefixes(code)
	rex := slices.IndexFunc(prefix, func(b byte) bool { return b&0xf0 == 0x40 })
	return rex >= 0 && rex != len(prefix)-1
}

// lax says why objdump prints an instruction where the processor raises #UD: it looks for an
// instruction, not for everything that forbids it.
func lax(code []byte, text string) string {
	prefix, rest := skipPrefixes(code)
	words := strings.Fields(text)
	switch {
	case slices.Contains(words, "lock"):
		return "lock is allowed with few instructions, and memory"
	case strings.Contains(text, "%?"), strings.HasSuffix(text, ",%cs"):
		return "no such segment register, or none that mov may load"
	case strings.Contains(text, "frstpm"):
		return "of the 80287 only"
	case len(rest) < 4:
		return ""
	}
	mandatory := bytesContainAny(prefix, 0x66, 0xf2, 0xf3)
	switch rest[0] {
	case 0x0f:
		switch {
		case rest[1]&^1 == 0xa6:
			return "PadLock, of processors by VIA only"
		case rest[1] == 0x78:
			return "extrq has /0 only"
		case mandatory:
			return "the prefix belongs to other opcodes; objdump ignores it"
		}
	case 0x62, 0xc4, 0xc5, 0x8f:
		if mandatory || bytesContainAny(prefix, 0xf0) || len(prefix) > 0 && prefix[len(prefix)-1]&0xf0 == 0x40 {
			return "VEX, EVEX and XOP take no prefixes but segment and address size"
		}
		switch {
		case rest[0] == 0x62:
			return "objdump looks at few of the bits that EVEX reserves"
		case strings.Contains(text, "vzero"), strings.Contains(text, "mxcsr"), strings.Contains(text, "tilecfg"):
			return "objdump does not look at pp, or at ModRM.reg"
		case rest[0] == 0x8f && strings.Contains(text, "bextr"):
			return "L must be 0"
		}
	}
	return ""
}

func bytesContainAny(code []byte, some ...byte) bool {
	return slices.ContainsFunc(code, func(b byte) bool { return slices.Contains(some, b) })
}

// strict says why objdump sees no instruction where there is one.
func strict(i *Inst) string {
	opcode := int(i.Map)<<8 | int(i.Opcode)
	switch i.Encoding {
	case Legacy:
		if i.Map == Map3DNow {
			return "3DNow ignores prefixes"
		}
		switch opcode {
		case 0x0d9, 0x0dc, 0x0dd, 0x0de, 0x0df:
			return "the processor executes the aliases of x87 instructions too"
		case 0x100:
			return "lkgs is newer than objdump"
		case 0x101, 0x109:
			return "system instructions ignore prefixes that no other instruction uses"
		case 0x10d, 0x11a, 0x11b:
			return "reserved forms of prefetch, and those of MPX, do nothing"
		case 0x178, 0x179:
			return "vmread and vmwrite are undefined outside virtual machine monitors anyway"
		case 0x1ae:
			return "fences ignore r/m"
		case 0x1bc, 0x1bd:
			return "bsf and bsr ignore F2"
		case 0x2f8:
			return "urdmsr and uwrmsr are newer than objdump"
		}
	case VEX:
		switch opcode {
		case 0x141, 0x142, 0x144, 0x145, 0x146, 0x147, 0x14a, 0x14b, 0x190, 0x193, 0x198, 0x199, 0x330, 0x331, 0x332, 0x333:
			return "B does not extend a mask register in r/m: it is ignored"
		case 0x26c:
			return "AMX-COMPLEX is newer than objdump"
		case 0x2cb, 0x2cc, 0x2cd, 0x2da, 0x3de:
			return "SHA512, SM3 and SM4 are newer than objdump"
		case 0x2d2, 0x2d3:
			return "AVX-VNNI-INT16 is newer than objdump"
		}
		if i.Map == 7 {
			return "map 7 is newer than objdump"
		}
	}
	return ""
}
