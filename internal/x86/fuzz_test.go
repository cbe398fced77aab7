package x86

import (
	"testing"
)

// FuzzDecode checks what holds for any bytes.
func FuzzDecode(f *testing.F) {
	for _, c := range decodeCases {
		code := unhex(f, c.code)
		f.Add(code)
	}
	f.Fuzz(checkAnyBytes)
}

// TestAnyBytes does the same with more bytes than the fuzzer's corpus has.
func TestAnyBytes(t *testing.T) {
	t.Parallel()
	r, n := samples(100_000)
	for range n {
		checkAnyBytes(t, sample(r))
	}
}

func checkAnyBytes(t *testing.T, code []byte) {
	var inst Inst
	err := Decode(code, &inst)
	if int(inst.Len) > min(len(code), maxLen) {
		t.Fatalf("% x: %d bytes", code, inst.Len)
	}
	if again := (Inst{Imm: 1}); Decode(code, &again) != err || again != inst {
		t.Fatalf("% x: decoding depends on what inst had before", code)
	}
	if err != nil {
		if err == ErrTooLong && len(code) < maxLen || err == ErrTruncated && len(code) >= maxLen {
			t.Fatalf("% x: %v", code, err)
		}
		return
	}
	if inst.Len == 0 {
		t.Fatalf("% x: no bytes", code)
	}
	for _, part := range []struct{ off, length uint8 }{
		{inst.OpcodeOff, 1}, {inst.PrefixOff, 1}, {inst.ModRMOff, 1}, {inst.DispOff, inst.DispLen}, {inst.ImmOff, inst.ImmLen},
	} {
		if part.off+part.length > inst.Len {
			t.Fatalf("% x: a part outside: %+v", code, inst)
		}
	}
	if inst.ModRMOff != 0 && code[inst.ModRMOff] != inst.ModRM || code[inst.OpcodeOff] != inst.Opcode ||
		inst.HasSIB && code[inst.ModRMOff+1] != inst.SIB {
		t.Fatalf("% x: parts are not where they should be: %+v", code, inst)
	}
	if inst.FlagsWritten&inst.FlagsUndefined != 0 && inst.FlagsRead == 0 {
		t.Fatalf("% x: flags written and undefined, and not by chance: %+v", code, inst)
	}
	// Exactly these bytes are the instruction, and fewer are not.
	short := inst
	if err := Decode(code[:inst.Len], &short); err != nil || short != inst {
		t.Fatalf("% x: its %d bytes alone: %v, %+v", code, inst.Len, err, short)
	}
	for n := range inst.Len {
		if err := Decode(code[:n], &short); err != ErrTruncated || short.Len > n {
			t.Fatalf("% x: its first %d bytes: %v, %d bytes", code, n, err, short.Len)
		}
	}
}
