package x86

import (
	"bufio"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestGoEncodings decodes what the tests of Go's assembler encode: each of its forms of each
// instruction.
func TestGoEncodings(t *testing.T) {
	t.Parallel()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skip("the go command is not there: ", err)
	}
	testdata := filepath.Join(strings.TrimSpace(string(root)), "src/cmd/asm/internal/asm/testdata")
	files, _ := filepath.Glob(filepath.Join(testdata, "avx512enc", "*.s"))
	files = append(files, filepath.Join(testdata, "amd64enc.s"), filepath.Join(testdata, "amd64enc_extra.s"))
	tried := 0
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Skip("Go's sources are not installed: ", err)
		}
		scanner := bufio.NewScanner(f)
		for scanner.Scan() {
			// "	ADCB $7, AL    // 1407 or 80d007"
			text, comment, ok := strings.Cut(scanner.Text(), "// ")
			if !ok || !strings.HasPrefix(text, "\t") || strings.TrimSpace(text) == "" || strings.HasPrefix(text, "\t//") {
				continue
			}
			for alternative := range strings.SplitSeq(comment, " or ") {
				code, err := hex.DecodeString(strings.TrimSpace(alternative))
				if err != nil || len(code) == 0 {
					continue
				}
				tried++
				var inst Inst
				if err := Decode(code, &inst); (err != nil || int(inst.Len) != len(code)) && goMistake(text, code) == "" {
					t.Errorf("%s: % x: %v, %d bytes", strings.TrimSpace(text), code, err, inst.Len)
				}
			}
		}
		f.Close()
	}
	t.Log(tried, "encodings")
}

// goMistake says why an encoding that Go's tests allow is not an instruction.
func goMistake(text string, code []byte) string {
	switch {
	case strings.Contains(text, "UD1"):
		return "ud1 has ModRM"
	case (strings.Contains(text, "VMOVLPD") || strings.Contains(text, "VMOVHPD")) && code[0] == 0x62 && code[3]&0x60 != 0:
		return "the length must be 128"
	}
	return ""
}
