package disasm

import (
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestInstruction(t *testing.T) {
	names := map[uint64]string{0x401010: "work", 0x401020: "counter+4"}
	for _, tt := range []struct {
		code string // in hexadecimal
		want string
		n    int
	}{
		{"c3", "ret", 1},
		{"4889e5", "mov rbp, rsp", 3},
		{"48898d08fbffff", "mov qword ptr [rbp-0x4f8], rcx", 7},
		{"64488b042500000000", "mov rax, qword ptr fs:[0x0]", 9},
		{"e80b000000", "call 0x401010 <work>", 5},
		{"7402", "jz 0x401004", 2},
		{"ff2500000000", "jmp qword ptr [rip] # 0x401006", 6},
		{"8b051a000000", "mov eax, dword ptr [rip+0x1a] # 0x401020 <counter+4>", 6},
		{"c5fa6f0518000000", "vmovdqu xmm0, xmmword ptr [rip+0x18] # 0x401020 <counter+4>", 8},
		{"c5f877", "vzeroupper", 3},
		{"488d4508", "lea rax, [rbp+0x8]", 4},
		{"f20fc2d806", "cmpsd xmm3, xmm0, 0x6", 5},
		{"f30f1efa", "endbr64", 4},
		{"660f38f6c1", ".byte 0x66, 0x0f, 0x38, 0xf6, 0xc1", 5}, // adcx, which x86asm does not know
		{"ff", ".byte 0xff", 1},                                 // cut off
		{"0690", ".byte 0x06", 1},                               // no instruction
		{"", "", 0},
	} {
		code, err := hex.DecodeString(tt.code)
		if err != nil {
			t.Fatal(err)
		}
		got, n := Instruction(code, 0x401000, func(a uint64) string { return names[a] })
		if got != tt.want || n != tt.n {
			t.Errorf("%s: %q, %d bytes, want %q, %d", tt.code, got, n, tt.want, tt.n)
		}
	}
}

// Whatever the bytes are, something is shown, and the next instruction lies behind.
func TestRandomBytes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	code := make([]byte, MaxLen)
	for range 200_000 {
		for i := range code {
			code[i] = byte(random.Uint32())
		}
		text, n := Instruction(code, random.Uint64(), func(uint64) string { return "" })
		if n < 1 || n > len(code) || strings.TrimSpace(text) == "" {
			t.Fatalf("%x: %q, %d bytes", code, text, n)
		}
	}
}
