package x86

import (
	"bufio"
	"bytes"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// A listed instruction is one line of objdump's output.
type listed struct {
	address uint64
	length  int
	text    string // without "# address"
	comment uint64 // that address: of rip-relative operands
}

// objdump runs objdump with arguments and calls f for every instruction.
func objdump(t testing.TB, f func(*listed), arguments ...string) {
	t.Helper()
	command := exec.Command("objdump", append([]string{"-z", "--insn-width=16", "-M", "intel64"}, arguments...)...)
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Skip("no objdump: ", err)
	}
	scanner := bufio.NewScanner(out)
	for scanner.Scan() {
		if l, ok := parseListed(scanner.Bytes()); ok {
			f(&l)
		}
	}
	if err := command.Wait(); err != nil {
		t.Fatal("objdump: ", err)
	}
}

// parseListed understands lines like "  2a6f0:\tf3 0f 1e fa          \tendbr64".
func parseListed(line []byte) (l listed, ok bool) {
	address, rest, ok := bytes.Cut(line, []byte(":\t"))
	if !ok {
		return l, false
	}
	var err error
	l.address, err = strconv.ParseUint(string(bytes.TrimLeft(address, " ")), 16, 64)
	if err != nil {
		return l, false
	}
	hex, text, _ := bytes.Cut(rest, []byte("\t"))
	l.length = (len(bytes.TrimRight(hex, " ")) + 1) / 3
	text, comment, ok := bytes.Cut(text, []byte("# "))
	if ok {
		word, _, _ := bytes.Cut(comment, []byte(" "))
		l.comment, _ = strconv.ParseUint(strings.TrimPrefix(string(word), "0x"), 16, 64)
	}
	l.text = string(bytes.TrimRight(text, " "))
	return l, true
}

// prefixWords are what objdump prints for prefixes that mean nothing to the instruction.
var prefixWords = map[string]bool{
	"data16": true, "addr32": true, "lock": true, "rep": true, "repz": true, "repnz": true,
	"xacquire": true, "xrelease": true, "bnd": true, "notrack": true,
	"cs": true, "ds": true, "es": true, "ss": true, "fs": true, "gs": true, "{evex}": true, "{vex}": true,
}

// mnemonic splits the text into mnemonic and operands, without prefixes. The
// mnemonic is empty if there are only prefixes: objdump gives them a line of
// their own when it does not see what to do with them.
func (l *listed) mnemonic() (mnemonic, operands string) {
	rest := l.text
	for rest != "" {
		word := rest
		word, rest, _ = strings.Cut(rest, " ")
		rest = strings.TrimLeft(rest, " ")
		if !prefixWords[word] && !strings.HasPrefix(word, "rex") {
			return word, rest
		}
	}
	return "", ""
}

// flow is the control flow of a mnemonic; operands begins with * if it is indirect.
func flow(mnemonic, operands string) Flow {
	mnemonic, _, _ = strings.Cut(mnemonic, ",") // je,pn
	switch indirect := strings.HasPrefix(operands, "*"); mnemonic {
	case "jmp":
		if indirect {
			return JumpIndirect
		}
		return Jump
	case "call":
		if indirect {
			return CallIndirect
		}
		return Call
	case "ret":
		return Return
	case "syscall":
		return SystemCall
	case "xbegin":
		return Transaction
	case "loop", "loope", "loopne", "jrcxz", "jecxz":
		return JumpCount
	case "int3", "int1", "int", "ud0", "ud1", "ud2", "hlt", "in", "out", "insb", "insl", "insw", "outsb", "outsl", "outsw",
		"cli", "sti", "sysenter", "sysexit", "rdmsr", "wrmsr", "invd", "wbinvd", "clts", "rsm", "swapgs", "clac", "stac", "lmsw":
		return Trap
	case "lret", "iret", "iretw", "iretq", "lretw", "lretq", "ljmp", "ljmpw", "ljmpq", "lcall", "lcallw", "lcallq",
		"sysretl", "sysretq", "enclu", "uiret":
		return Far
	}
	if strings.HasPrefix(mnemonic, "j") {
		return JumpCond
	}
	return Next
}
