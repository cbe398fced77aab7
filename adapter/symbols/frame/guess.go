package frame

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"stepback/internal/x86"
)

// trampoline is what a signal handler returns to: mov $15, %rax; syscall. The
// kernel's frame is at the stack pointer then. libc has it, Go, and others.
var trampoline = []byte{0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05}

// contextRegs are the registers in the kernel's frame, from contextOffset on, in
// DWARF's numbers (struct sigcontext in <asm/sigcontext.h>).
var contextRegs = [NumRegs]uint64{8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7, RIP}

const contextOffset = 40 // uc_mcontext of struct ucontext

// stubs are those of the procedure linkage table that come to the resolver, which
// pops what they push. The pc is at the bar, and ?? is any byte.
var stubs = []struct {
	code   string
	offset uint64 // of the return address from rsp
}{
	{"| 68 ?? ?? ?? ?? e9", 0}, // push number; jmp to the first stub, and with a prefix
	{"| 68 ?? ?? ?? ?? f2 e9", 0},
	{"68 ?? ?? ?? ?? | e9", 8},
	{"68 ?? ?? ?? ?? | f2 e9", 8},
	{"| ff 35 ?? ?? ?? ??", 8}, // the first stub: push module; jmp *slot, and with a prefix
	{"ff 35 ?? ?? ?? ?? | ff 25", 16},
	{"ff 35 ?? ?? ?? ?? | f2 ff 25", 16},
}

// maxGuessed is the size in bytes of the largest frame that is believed without
// a description: a base pointer further away is another stack's.
const maxGuessed = 1 << 20

var errNoHint = errors.New("there is no call frame information, and nothing else tells its caller")

// fromNowhere finds the caller where no code is: at a call through a bad
// pointer, which pushed its return address.
func (u *unwinder) fromNowhere(f *Frame) (Frame, error) {
	if sp, ok := f.Regs.Get(RSP); ok && f.Exact {
		if next, ok := u.returning(f, sp); ok {
			return next, nil
		}
	}
	return Frame{}, errNoCode
}

// guess finds the caller where there is code, and no description of it: from
// what the code is about to do, or else by the base pointer.
func (u *unwinder) guess(f *Frame) (Frame, error) {
	sp, ok := f.Regs.Get(RSP)
	if !ok {
		return Frame{}, errNoHint
	}
	if u.matches(f.PC, trampoline) {
		return u.interrupted(f, sp)
	}
	for _, e := range stubs {
		if f.Exact && u.like(f.PC, e.code) {
			if next, ok := u.returning(f, sp+e.offset); ok {
				return next, nil
			}
		}
	}
	if next, ok := u.ahead(f); ok {
		return next, nil
	}
	bp, ok := f.Regs.Get(RBP)
	if ok && bp == 0 {
		return Frame{}, errOutermost // psABI §3.4.1
	}
	if ok && bp >= sp && bp-sp < maxGuessed && bp%8 == 0 {
		if next, ok := u.returning(f, bp+8); ok {
			saved, err := u.word(bp)
			next.Regs = Regs{}
			if err == nil {
				next.Regs.Set(RBP, saved)
			}
			next.Regs.Set(RSP, bp+16)
			next.Regs.Set(RIP, next.PC)
			return next, nil
		}
	}
	if f.Exact {
		if next, ok := u.returning(f, sp); ok {
			return next, nil
		}
	}
	return Frame{}, errNoHint
}

// returning is the caller if its return address is at addr, and nothing else was
// saved. ok is false if there is no such address.
func (u *unwinder) returning(f *Frame, addr uint64) (next Frame, ok bool) {
	pc, err := u.word(addr)
	if err != nil || !u.behindCall(pc) {
		return next, false
	}
	f.CFA = addr + 8
	next = Frame{PC: pc, Guess: true, Regs: f.Regs}
	next.Regs.known &= preserved
	next.Regs.Set(RSP, addr+8)
	next.Regs.Set(RIP, pc)
	return next, true
}

// interrupted is what a signal interrupted, whose frame is at sp.
func (u *unwinder) interrupted(f *Frame, sp uint64) (next Frame, err error) {
	f.Signal = true
	next = Frame{Exact: true, Guess: true}
	for i, n := range contextRegs {
		value, err := u.word(sp + contextOffset + uint64(i)*8)
		if err != nil {
			return next, err
		}
		next.Regs.Set(n, value)
	}
	next.PC, _ = next.Regs.Get(RIP)
	f.CFA, _ = next.Regs.Get(RSP)
	return next, nil
}

// matches reports whether memory has these bytes.
func (u *unwinder) matches(addr uint64, want []byte) bool {
	b := make([]byte, len(want))
	return u.read(addr, b) == nil && slices.Equal(b, want)
}

// like reports whether there is code of a stub at pc.
func (u *unwinder) like(pc uint64, code string) bool {
	before, at, _ := strings.Cut(code, "|")
	start := pc - uint64(len(strings.Fields(before)))
	for i, want := range strings.Fields(before + at) {
		var b [1]byte
		if u.read(start+uint64(i), b[:]) != nil || want != "??" && want != fmt.Sprintf("%02x", b) {
			return false
		}
	}
	return true
}

// The lengths of call instructions in bytes.
const minCall, maxCall = 2, 9

// behindCall reports whether pc is behind a call instruction.
func (u *unwinder) behindCall(pc uint64) bool {
	if _, _, executable := u.process.Code(pc - 1); !executable {
		return false
	}
	var code [maxCall]byte
	for n := uint64(minCall); n <= maxCall; n++ {
		if u.read(pc-n, code[:n]) != nil {
			return false
		}
		var call x86.Inst
		err := x86.Decode(code[:n], &call)
		if err == nil && uint64(call.Len) == n && (call.Flow == x86.Call || call.Flow == x86.CallIndirect) {
			return true
		}
	}
	return false
}
