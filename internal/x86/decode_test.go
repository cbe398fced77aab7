package x86

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// summary says in one line what Decode found: the parts with their offsets, then control flow, then
// memory.
func summary(i *Inst) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d", i.Len)
	if i.Encoding != Legacy || i.Prefixes&PrefixREX != 0 {
		fmt.Fprintf(&b, " %s@%d", [...]string{"rex", "vex", "evex", "xop"}[i.Encoding], i.PrefixOff)
		if i.REX != 0 {
			fmt.Fprintf(&b, "=%x", i.REX)
		}
	}
	if i.Vector != 0 {
		fmt.Fprintf(&b, " v%d", i.Vector)
	}
	fmt.Fprintf(&b, " %x:%02x@%d", uint8(i.Map), i.Opcode, i.OpcodeOff)
	if i.ModRMOff != 0 {
		fmt.Fprintf(&b, " modrm@%d=%d,%d", i.ModRMOff, i.Reg(), i.RM())
	}
	if i.DispLen != 0 {
		fmt.Fprintf(&b, " disp%d@%d=%d", i.DispLen, i.DispOff, i.Displacement())
	}
	if i.ImmLen != 0 {
		fmt.Fprintf(&b, " imm%d@%d=%d", i.ImmLen, i.ImmOff, i.Imm)
	}
	if i.RIPRelative {
		b.WriteString(" rip")
	}
	flows := [...]string{"", "jump", "jcc", "count", "call", "ret", "jump*", "call*", "syscall", "trap", "far", "xbegin"}
	if i.Flow != Next {
		fmt.Fprintf(&b, " | %s", flows[i.Flow])
		if i.Flow == JumpCond {
			fmt.Fprintf(&b, " %x", i.Cond)
		}
	}
	if i.Access != 0 || i.Implicit != NoImplicit {
		implicit := [...]string{"", " push", " pop", " source", " destination", " both", " rbx", " rax", " register", " bits"}
		fmt.Fprintf(&b, " | %s%d%s", [...]string{"-", "r", "w", "rw"}[i.Access], i.Size, implicit[i.Implicit])
	}
	if i.Repeats() {
		b.WriteString(" rep")
	} else if i.String {
		b.WriteString(" string")
	}
	return b.String()
}

// decodeCases are instructions, and their summaries.
var decodeCases = []struct{ text, code, want string }{
	// Prefixes.
	{"nop", "90", "1 0:90@0"},
	{"pause", "f390", "2 0:90@1"},
	{"add $0x1234,%ax", "6605 3412", "4 0:05@1 imm2@2=4660"},
	{"add $0x1234,%rax (66 with REX.W)", "664805 34120000", "7 rex@1=8 0:05@2 imm4@3=4660"},
	{"REX before another prefix is ignored", "486605 3412", "5 0:05@2 imm2@3=4660"},
	{"two REX: the last counts", "484105 34120000", "7 rex@1=1 0:05@2 imm4@3=4660"},
	{"15 bytes", "2e2e2e2e2e2e2e2e2e2e2e2e2e 8b00", "15 0:8b@13 modrm@14=0,0 | r4"},
	{"fs, then cs, which means nothing", "642e 8b00", "4 0:8b@2 modrm@3=0,0 | r4"},
	{"gs wins over fs", "6465 8b00", "4 0:8b@2 modrm@3=0,0 | r4"},
	{"repne wins over rep: movsd", "f3f2 0f10 00", "5 1:10@3 modrm@4=0,0 | r8"},
	{"rep counts more than 66: movss", "66f3 0f10 00", "5 1:10@3 modrm@4=0,0 | r4"},
	{"crc32 of a word", "66f2 0f38f1 00", "6 2:f1@4 modrm@5=0,0 | r2"},

	// ModRM, SIB and displacement.
	{"mov (%rax),%ecx", "8b08", "2 0:8b@0 modrm@1=1,0 | r4"},
	{"mov (%r12),%ecx", "418b0c24", "4 rex@0=1 0:8b@1 modrm@2=1,12 | r4"},
	{"mov 0x0(%r13),%ecx", "418b4d00", "4 rex@0=1 0:8b@1 modrm@2=1,13 disp1@3=0 | r4"},
	{"mov 0x12345678(%rip),%rax", "488b05 78563412", "7 rex@0=8 0:8b@1 modrm@2=0,5 disp4@3=305419896 rip | r8"},
	{"mov 0x12345678(%eip),%rax", "67488b05 78563412", "8 rex@1=8 0:8b@2 modrm@3=0,5 disp4@4=305419896 rip | r8"},
	{"mov -8(%rsp,%r9,4),%rax", "4a8b448cf8", "5 rex@0=a 0:8b@1 modrm@2=0,4 disp1@4=-8 | r8"},
	{"mov 0x10(,%rax,8),%rax", "488b04c5 10000000", "8 rex@0=8 0:8b@1 modrm@2=0,4 disp4@4=16 | r8"},
	{"mov 0x10,%eax", "8b0425 10000000", "7 0:8b@0 modrm@1=0,4 disp4@3=16 | r4"},
	{"mov -0x80000000(%rax),%al", "8a80 00000080", "6 0:8a@0 modrm@1=0,0 disp4@2=-2147483648 | r1"},

	// Immediates.
	{"movabs $-2,%rax", "48b8 feffffffffffffff", "10 rex@0=8 0:b8@1 imm8@2=-2"},
	{"mov $-2,%eax", "b8 feffffff", "5 0:b8@0 imm4@1=-2"},
	{"mov $1,%ax", "66b8 0100", "4 0:b8@1 imm2@2=1"},
	{"movabs 0x1122334455667788,%al", "a0 8877665544332211", "9 0:a0@0 disp8@1=1234605616436508552 | r1"},
	{"movabs %rax,0xf0000000 (67)", "6748a3 000000f0", "7 rex@1=8 0:a3@2 disp4@3=4026531840 | w8"},
	{"enter $0x10,$1", "c8 1000 01", "4 0:c8@0 imm3@1=65552 | w0 push"},
	{"imul $1000,8(%rax),%ax", "66694008 e803", "6 0:69@1 modrm@2=0,0 disp1@3=8 imm2@4=1000 | r2"},
	{"test $1,%dl", "f6c201", "3 0:f6@0 modrm@1=0,2 imm1@2=1"},
	{"not %dl", "f6d2", "2 0:f6@0 modrm@1=2,2"},
	{"test $-1,(%rax) in 16 bits", "66f700 ffff", "5 0:f7@1 modrm@2=0,0 imm2@3=-1 | r2"},
	{"movl $1,8(%rip)", "c70508000000 01000000", "10 0:c7@0 modrm@1=0,5 disp4@2=8 imm4@6=1 rip | w4"},
	{"extrq $1,$2,%xmm1", "660f78c1 0102", "6 1:78@2 modrm@3=0,1 imm2@4=513"},
	{"push $-1", "6aff", "2 0:6a@0 imm1@1=-1 | w8 push"},
	{"pushw $1", "6668 0100", "4 0:68@1 imm2@2=1 | w2 push"},

	// Control flow.
	{"jmp", "e9 00000080", "5 0:e9@0 imm4@1=-2147483648 | jump"},
	{"jmp, with a 66 that Intel ignores", "66e9 04000000", "6 0:e9@1 imm4@2=4 | jump"},
	{"jmp short", "ebfe", "2 0:eb@0 imm1@1=-2 | jump"},
	{"jge", "7d10", "2 0:7d@0 imm1@1=16 | jcc d"},
	{"jo near", "0f80 10000000", "6 1:80@1 imm4@2=16 | jcc 0"},
	{"bnd jne near", "f20f85 10000000", "7 1:85@2 imm4@3=16 | jcc 5"},
	{"loopne", "e0fe", "2 0:e0@0 imm1@1=-2 | count"},
	{"jecxz", "67e300", "3 0:e3@1 imm1@2=0 | count"},
	{"call", "e8 fbffffff", "5 0:e8@0 imm4@1=-5 | call | w8 push"},
	{"ret", "c3", "1 0:c3@0 | ret | r8 pop"},
	{"repz ret", "f3c3", "2 0:c3@1 | ret | r8 pop"},
	{"ret $8", "c20800", "3 0:c2@0 imm2@1=8 | ret | r8 pop"},
	{"jmp *%rax", "ffe0", "2 0:ff@0 modrm@1=4,0 | jump*"},
	{"notrack jmp *%r11", "3e41ffe3", "4 rex@1=1 0:ff@2 modrm@3=4,11 | jump*"},
	{"jmp *8(%rip)", "ff25 08000000", "6 0:ff@0 modrm@1=4,5 disp4@2=8 rip | jump* | r8"},
	{"call *%r9", "41ffd1", "3 rex@0=1 0:ff@1 modrm@2=2,9 | call* | w8 push"},
	{"call *8(%rax)", "ff5008", "3 0:ff@0 modrm@1=2,0 disp1@2=8 | call* | r8 push"},
	{"ljmp *(%rax)", "ff28", "2 0:ff@0 modrm@1=5,0 | far | r6"},
	{"rex.W lcall *(%rax)", "48ff18", "3 rex@0=8 0:ff@1 modrm@2=3,0 | far | r10 push"},
	{"syscall", "0f05", "2 1:05@1 | syscall"},
	{"int3", "cc", "1 0:cc@0 | trap"},
	{"int $0x80", "cd80", "2 0:cd@0 imm1@1=-128 | trap"},
	{"ud2", "0f0b", "2 1:0b@1 | trap"},
	{"ud1 (%rax),%ecx", "0fb908", "3 1:b9@1 modrm@2=1,0 | trap"},
	{"hlt", "f4", "1 0:f4@0 | trap"},
	{"in (%dx),%al", "ec", "1 0:ec@0 | trap"},
	{"iretq", "48cf", "2 rex@0=8 0:cf@1 | far | r0 pop"},
	{"lret", "cb", "1 0:cb@0 | far | r0 pop"},
	{"xbegin", "c7f8 00010000", "6 0:c7@0 modrm@1=7,0 imm4@2=256 | xbegin"},
	{"xbegin with 66", "66c7f8 0001", "5 0:c7@1 modrm@2=7,0 imm2@3=256 | xbegin"},
	{"uiret", "f30f01ec", "4 1:01@2 modrm@3=5,4 | far | r0 pop"},
	{"mov %cr4,%rax, its mod of memory", "0f2020", "3 1:20@1 modrm@2=4,0 | trap"},
	{"sysenter", "0f34", "2 1:34@1 | trap"},

	// Stack.
	{"push %rbp", "55", "1 0:55@0 | w8 push"},
	{"push %r12w", "664154", "3 rex@1=1 0:54@2 | w2 push"},
	{"push 8(%rax)", "ff7008", "3 0:ff@0 modrm@1=6,0 disp1@2=8 | r8 push"},
	{"push %rax, the long way", "fff0", "2 0:ff@0 modrm@1=6,0 | w8 push"},
	{"pop 8(%rax)", "8f4008", "3 0:8f@0 modrm@1=0,0 disp1@2=8 | w8 pop"},
	{"pop %rax, the long way", "8fc0", "2 0:8f@0 modrm@1=0,0 | r8 pop"},
	{"pushf", "9c", "1 0:9c@0 | w8 push"},
	{"leave", "c9", "1 0:c9@0 | r8 pop"},
	{"push %fs", "0fa0", "2 1:a0@1 | w8 push"},

	// Strings.
	{"movsb", "a4", "1 0:a4@0 | rw1 both string"},
	{"rep movsq", "f348a5", "3 rex@1=8 0:a5@2 | rw0 both rep"},
	{"repne scasb", "f2ae", "2 0:ae@1 | r0 destination rep"},
	{"rep stosl", "f3ab", "2 0:ab@1 | w0 destination rep"},
	{"lodsw", "66ad", "2 0:ad@1 | r2 source string"},
	{"cmpsq", "48a7", "2 rex@0=8 0:a7@1 | r8 both string"},

	// Memory.
	{"lea 8(%rax),%eax", "8d4008", "3 0:8d@0 modrm@1=0,0 disp1@2=8"},
	{"nopw", "660f1f440000", "6 1:1f@2 modrm@3=0,4 disp1@5=0"},
	{"prefetcht0", "0f1808", "3 1:18@1 modrm@2=1,0"},
	{"lock cmpxchg16b", "f0480fc70f", "5 rex@1=8 1:c7@3 modrm@4=1,7 | rw16"},
	{"xchg %eax,(%rdi)", "8707", "2 0:87@0 modrm@1=0,7 | rw4"},
	{"cmpb $1,(%rax)", "803801", "3 0:80@0 modrm@1=7,0 imm1@2=1 | r1"},
	{"setne (%rax)", "0f9500", "3 1:95@1 modrm@2=0,0 | w1"},
	{"cmovne (%rax),%rcx", "480f4508", "4 rex@0=8 1:45@2 modrm@3=1,0 | r8"},
	{"movzwl (%rax),%eax", "0fb700", "3 1:b7@1 modrm@2=0,0 | r2"},
	{"movslq (%rax),%rax", "486300", "3 rex@0=8 0:63@1 modrm@2=0,0 | r4"},
	{"bts %rax,(%rdi)", "480fab07", "4 rex@0=8 1:ab@2 modrm@3=0,7 | rw0 bits"},
	{"bts $1,(%rdi)", "480fba2f01", "5 rex@0=8 1:ba@2 modrm@3=5,7 imm1@4=1 | rw8"},
	{"xlat", "d7", "1 0:d7@0 | r1 rbx"},
	{"movdir64b", "660f38f807", "5 2:f8@3 modrm@4=0,7 | r64 register"},
	{"movdiri", "480f38f907", "5 rex@0=8 2:f9@3 modrm@4=0,7 | w8"},
	{"clzero", "0f01fc", "3 1:01@1 modrm@2=7,4 | w0 rax"},
	{"maskmovdqu", "660ff7c1", "4 1:f7@2 modrm@3=0,1 | w16 destination"},
	{"sgdt", "0f0100", "3 1:01@1 modrm@2=0,0 | w10"},
	{"fxsave64", "480fae00", "4 rex@0=8 1:ae@2 modrm@3=0,0 | w512"},
	{"xsavec", "0fc720", "3 1:c7@1 modrm@2=4,0 | w0"},
	{"xrstor", "0fae28", "3 1:ae@1 modrm@2=5,0 | r0"},
	{"fstp10", "db38", "2 0:db@0 modrm@1=7,0 | w10"},
	{"fnstenv", "d930", "2 0:d9@0 modrm@1=6,0 | w28"},
	{"fnsave", "dd30", "2 0:dd@0 modrm@1=6,0 | w108"},
	{"fistpll", "df38", "2 0:df@0 modrm@1=7,0 | w8"},
	{"fcomi", "dbf1", "2 0:db@0 modrm@1=6,1"},
	{"pfadd (%rdi),%mm0", "0f0f079e", "4 f:9e@3 modrm@2=0,7 | r8"},
	{"movbe %eax,(%rdi)", "0f38f107", "4 2:f1@2 modrm@3=0,7 | w4"},
	{"pmovzxbq (%rdi),%xmm1", "660f38320f", "5 2:32@3 modrm@4=1,7 | r2"},
	{"pextrb $1,%xmm0,(%rdi)", "660f3a140701", "6 3:14@3 modrm@4=0,7 imm1@5=1 | w1"},

	// VEX, XOP.
	{"vaddps (%rdi),%ymm1,%ymm2", "c5f45817", "4 vex@0 v1 1:58@2 modrm@3=2,7 | r32"},
	{"vaddss (%rdi),%xmm1,%xmm2", "c5f25817", "4 vex@0 v1 1:58@2 modrm@3=2,7 | r4"},
	{"vmovdqu %ymm8,(%r9)", "c4417e7f01", "5 vex@0=5 1:7f@3 modrm@4=8,9 | w32"},
	{"vzeroupper", "c5f877", "3 vex@0 1:77@2"},
	{"vpgatherdd %xmm1,(%rax,%xmm2,4),%xmm3", "c4e271901c90", "6 vex@0 v1 2:90@3 modrm@4=3,4 | r0"},
	{"vblendvps %ymm1,(%rdi),%ymm2,%ymm3", "c4e36d4a1f10", "6 vex@0 v2 3:4a@3 modrm@4=3,7 imm1@5=16 | r32"},
	{"andn (%rdi),%rax,%rcx", "c4e2f8f20f", "5 vex@0=8 2:f2@3 modrm@4=1,7 | r8"},
	{"cmpoxadd %eax,%ecx,(%rdi)", "c4e279e00f", "5 vex@0 2:e0@3 modrm@4=1,7 | rw4"},
	{"vfmaddps", "c4e3716807 10", "6 vex@0 v1 3:68@3 modrm@4=0,7 imm1@5=16 | r16"},
	{"kmovq %k1,(%rdi)", "c4e1f8910f", "5 vex@0=8 1:91@3 modrm@4=1,7 | w8"},
	{"bextr $0x101,(%rdi),%ecx", "8fea78100f 01010000", "9 xop@0 a:10@3 modrm@4=1,7 imm4@5=257 | r4"},
	{"vpcomb", "8fe870cc07 01", "6 xop@0 v1 8:cc@3 modrm@4=0,7 imm1@5=1 | r16"},

	// EVEX.
	{"vaddps (%rdi),%zmm1,%zmm2", "62f174485817", "6 evex@0 v1 1:58@4 modrm@5=2,7 | r64"},
	{"vaddps 0x40(%rdi),%zmm1,%zmm2", "62f17448585701", "7 evex@0 v1 1:58@4 modrm@5=2,7 disp1@6=64 | r64"},
	{"vaddps 4(%rdi){1to16},%zmm1,%zmm2", "62f17458585701", "7 evex@0 v1 1:58@4 modrm@5=2,7 disp1@6=4 | r4"},
	{"vaddps {ru},%zmm3,%zmm17,%zmm2", "62f1745058d3", "6 evex@0 v17 1:58@4 modrm@5=2,3"},
	{"vmovups %zmm1,0x1000(%rdi){%k1}", "62f17c49118f 00100000", "10 evex@0 1:11@4 modrm@5=1,7 disp4@6=4096 | w64"},
	{"vmovdqu8 %xmm1,-16(%rdi)", "62f17f087f4fff", "7 evex@0 1:7f@4 modrm@5=1,7 disp1@6=-16 | w16"},
	{"vpscatterdd %zmm1,4(%rdi,%zmm2,4){%k1}", "62f27d49a04c9701", "8 evex@0 2:a0@4 modrm@5=1,4 disp1@7=4 | w0"},
	{"vpcompressb %zmm1,1(%rdi)", "62f27d48634f01", "7 evex@0 2:63@4 modrm@5=1,7 disp1@6=1 | w64"},
	{"vmovsh 2(%rdi),%xmm1", "62f57e08104f01", "7 evex@0 5:10@4 modrm@5=1,7 disp1@6=2 | r2"},
	{"vextractf64x4 $1,%zmm1,0x20(%rdi)", "62f3fd481b4f0101", "8 evex@0=8 3:1b@4 modrm@5=1,7 disp1@6=32 imm1@7=1 | w32"},
}

func TestDecode(t *testing.T) {
	for _, c := range decodeCases {
		code := unhex(t, c.code)
		var inst Inst
		if err := Decode(code, &inst); err != nil {
			t.Errorf("%s: % x: %v", c.text, code, err)
		} else if got := summary(&inst); got != c.want {
			t.Errorf("%s: % x:\n\tgot  %s\n\twant %s", c.text, code, got, c.want)
		}
		if int(inst.Len) != len(code) {
			t.Errorf("%s: % x: %d bytes", c.text, code, inst.Len)
		}
	}
}

// unhex reads hexadecimal numbers; spaces are for the reader.
func unhex(t testing.TB, text string) []byte {
	code, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(text, err)
	}
	return code
}

// TestErrors: what is no instruction, and why.
func TestErrors(t *testing.T) {
	for _, c := range []struct {
		text, code string
		want       error
	}{
		{"nothing", "", ErrTruncated},
		{"prefixes alone", "66f3", ErrTruncated},
		{"no opcode after REX", "48", ErrTruncated},
		{"no ModRM", "8b", ErrTruncated},
		{"no SIB", "8b04", ErrTruncated},
		{"a part of the displacement", "8b80000000", ErrTruncated},
		{"a part of the immediate", "b8000000", ErrTruncated},
		{"VEX without opcode", "c5f8", ErrTruncated},
		{"EVEX without opcode", "62f17c48", ErrTruncated},
		{"16 bytes", "2e2e2e2e2e2e2e2e2e2e2e2e2e 8b4000", ErrTooLong},
		{"15 prefixes, and no more bytes", "2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e", ErrTooLong},
		{"14 prefixes", "2e2e2e2e2e2e2e2e2e2e2e2e2e2e", ErrTruncated},
		{"push %es", "06", ErrUndefined},
		{"daa", "27", ErrUndefined},
		{"pusha", "60", ErrUndefined},
		{"group 1 of long ago", "82c001", ErrUndefined},
		{"far call", "9a0000000000000000", ErrUndefined},
		{"into", "ce", ErrUndefined},
		{"aam", "d40a", ErrUndefined},
		{"REX2 of APX", "d50089c0", ErrUndefined},
		{"far jump", "ea000000000000", ErrUndefined},
		{"lea of a register", "8dc0", ErrUndefined},
		{"mov to %cs", "8ec8", ErrUndefined},
		{"mov to the seventh segment", "8ef0", ErrUndefined},
		{"lock of a register", "f001c0", ErrUndefined},
		{"lock of a mov", "f08900", ErrUndefined},
		{"lock of cmp", "f03900", ErrUndefined},
		{"lock of add to a register", "f00300", ErrUndefined},
		{"66 before VEX", "66c5f85817", ErrUndefined},
		{"REX before VEX", "48c5f85817", ErrUndefined},
		{"rep before EVEX", "f362f174485817", ErrUndefined},
		{"vvvv where there is none", "c5f02817", ErrUndefined},
		{"VEX map 4", "c4e47800c0", ErrUndefined},
		{"EVEX map 4 is of APX", "62f47c4801c0", ErrUndefined},
		{"EVEX, a reserved bit", "62f97c4858c0", ErrUndefined},
		{"EVEX, L'L=3", "62f1746858d3", ErrUndefined},
		{"EVEX, zeroing without mask", "62f174c858d3", ErrUndefined},
		{"EVEX, zeroing of memory", "62f17cc91107", ErrUndefined},
		{"EVEX, broadcast of what has no elements", "62f17c5811 07", ErrUndefined},
		{"gather without mask", "62f27d48900c97", ErrUndefined},
		{"gather without SIB", "c4e271900f", ErrUndefined},
		{"gather, mask and index the same", "c4e269901c90", ErrUndefined},
		{"jmpf of a register", "ffe8", ErrUndefined},
		{"cmpxchg8b of a register", "0fc7c8", ErrUndefined},
	} {
		var inst Inst
		code := unhex(t, c.code)
		if err := Decode(code, &inst); err != c.want {
			t.Errorf("%s: % x: %v instead of %v", c.text, code, err, c.want)
		} else if int(inst.Len) > len(code) {
			t.Errorf("%s: % x: looked at %d bytes", c.text, code, inst.Len)
		}
	}
}

func TestAddress(t *testing.T) {
	var regs [16]uint64
	for i := range regs {
		regs[i] = uint64(i) << 32
	}
	for _, c := range []struct {
		text, code string
		want       uint64
	}{
		{"(%rax)", "8b00", 0},
		{"-1(%rbx)", "8b43ff", 3<<32 - 1},
		{"(%r12)", "418b0424", 12 << 32},
		{"0(%r13)", "418b4500", 13 << 32},
		{"(%rsp)", "8b0424", 4 << 32},
		{"8(%rbx,%rcx,8)", "8b44cb08", 11<<32 + 8},
		{"(%r8,%r12,2)", "438b0460", 32 << 32},
		{"16(,%r9,4)", "428b048d10000000", 36<<32 + 16},
		{"16", "8b042510000000", 16},
		{"16(%rip)", "8b0510000000", 0x7000 + 16},
		{"-0x8000(%eip)", "678b050080ffff", 0xfffff000},
		{"8(%ebx)", "678b4308", 8},
		{"moffs", "a00807060504030201", 0x102030405060708},
		{"8*64(%rbx), EVEX", "62f17c48104308", 3<<32 + 8*64},
	} {
		var inst Inst
		if err := Decode(unhex(t, c.code), &inst); err != nil {
			t.Errorf("%s: %v", c.text, err)
		} else if got := inst.Address(&regs, 0x7000); got != c.want {
			t.Errorf("%s: %#x instead of %#x", c.text, got, c.want)
		}
	}
}

func TestDecodeDoesNotAllocate(t *testing.T) {
	long := make([]byte, 2*window)
	var inst Inst
	for _, code := range [][]byte{long, long[:3]} {
		if n := testing.AllocsPerRun(10, func() { Decode(code, &inst) }); n != 0 {
			t.Errorf("%v allocations for %d bytes", n, len(code))
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	code, _ := textSection(b, libraries+"libc.so.6")
	var inst Inst
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; {
		for at := 0; at < len(code) && n < b.N; n++ {
			Decode(code[at:], &inst)
			at += max(1, int(inst.Len))
		}
	}
}
