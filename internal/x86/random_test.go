package x86

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRandom compares random instructions with objdump: their lengths, and whether they exist.
func TestRandom(t *testing.T) {
	t.Parallel()
	r, n := samples(120_000)
	const slot = 32 // a sample, and nops into which objdump may run
	var code []byte
	for range n {
		code = append(code, sample(r)...)
		code = append(code, bytes.Repeat([]byte{0x90}, slot-sampleLen)...)
	}
	file := filepath.Join(t.TempDir(), "code")
	if err := os.WriteFile(file, code, 0o600); err != nil {
		t.Fatal(err)
	}
	var compared, undefined, length, errors int
	var text string
	exists, open := false, false
	objdump(t, func(l *listed) {
		at := int(l.address)
		if at%slot == 0 {
			length, text, exists, open = 0, "", true, true
		}
		if !open {
			return
		}
		length += l.length
		text += " " + l.text
		exists = exists && !strings.Contains(l.text, "(bad)")
		if mnemonic, _ := l.mnemonic(); mnemonic == "" {
			return // only prefixes, so far
		}
		open = false
		sample := code[at/slot*slot:][:sampleLen]
		var inst Inst
		err := Decode(sample, &inst)
		why := "not compared"
		switch {
		case err == ErrTooLong, inst.Opcode == fwait, ignoredREX(sample):
		case err == nil && exists:
			compared++
			if int(inst.Len) != length {
				why = ""
			}
		case err == nil:
			why = strict(&inst)
		case exists:
			undefined++
			why = lax(sample, text)
		default:
			return
		}
		if why == "" {
			if errors++; errors < 40 {
				t.Errorf("% x: objdump %d bytes, %q, exists %v; here %d bytes, %v", sample, length, text, exists, inst.Len, err)
			}
		}
	}, "-D", "-b", "binary", "-mi386:x86-64", file)
	t.Logf("%d instructions compared; objdump has %d that are undefined here", compared, undefined)
}
