package frame

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"stepback/internal/memmap"
	"stepback/internal/x86"
)

// trampoline is what a signal handler returns to: mov $15, %rax; syscall. The
// kernel's frame is at the stack pointer then. libc has it, Go, and others.
var trampoline = []byte{0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05}

// contextRegs are the registers in the kernel's frame, from contextOffset on, in
// DWARF's numbers (struct sigcontext in <asm/sigcontext.h>).
var contextRegs = [NumRegs]uint64{8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7, RIP}

const contextOffset = 40 // uc_mcontext of struct ucontext

// entries are places at which the return address is not far from the stack
// pointer: begins and ends of functions, and stubs of the procedure linkage
// table. The pc is at the bar, and ?? is any byte.
var entries = []struct {
	code   string
	offset uint64 // of the return address from rsp
	rbp    bool   // and the caller's rbp is at rsp
}{
	{"| 55 48 89 e5", 0, false}, // push %rbp; mov %rsp, %rbp
	{"| 55 48 8b ec", 0, false},
	{"55 | 48 89 e5", 8, true},
	{"55 | 48 8b ec", 8, true},
	{"| f3 0f 1e fa", 0, false}, // endbr64
	{"| c3", 0, false},          // ret, and with prefixes, and with a number
	{"| f3 c3", 0, false},
	{"| f2 c3", 0, false},
	{"| c2", 0, false},
	{"| 5d c3", 8, true},              // pop %rbp; ret
	{"| ff 25", 0, false},             // jmp *slot, and with a prefix
	{"| f2 ff 25", 0, false},          //
	{"| 68 ?? ?? ?? ?? e9", 0, false}, // push number; jmp to the resolver, and with a prefix
	{"| 68 ?? ?? ?? ?? f2 e9", 0, false},
	{"68 ?? ?? ?? ?? | e9", 8, false},
	{"68 ?? ?? ?? ?? | f2 e9", 8, false},
	{"| ff 35 ?? ?? ?? ??", 8, false}, // the resolver: push module; jmp *slot
	{"ff 35 ?? ?? ?? ?? | ff 25", 16, false},
	{"ff 35 ?? ?? ?? ?? | f2 ff 25", 16, false},
}

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

// guess finds the caller where there is code, and no description of it.
func (u *unwinder) guess(f *Frame) (Frame, error) {
	sp, ok := f.Regs.Get(RSP)
	if !ok {
		return Frame{}, errNoHint
	}
	if u.matches(f.PC, trampoline) {
		return u.interrupted(f, sp)
	}
	if f.Exact {
		for _, e := range entries {
			if !u.like(f.PC, e.code) {
				continue
			}
			next, ok := u.returning(f, sp+e.offset)
			if !ok {
				continue
			}
			if bp, err := u.word(sp); e.rbp && err == nil {
				next.Regs.Set(RBP, bp)
			}
			return next, nil
		}
	}
	// A leaf function may keep no frame of its own: then the base pointer is its
	// caller's.
	if next, ok := u.returning(f, sp); f.Exact && ok && u.called(next.PC, f.PC) {
		return next, nil
	}
	bp, ok := f.Regs.Get(RBP)
	if ok && bp == 0 {
		return Frame{}, errOutermost // psABI §3.4.1
	}
	if ok && bp >= sp && bp%8 == 0 {
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

// like reports whether there is code of an entry at pc.
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
	_, ok := u.callBefore(pc)
	return ok
}

// callBefore decodes the call instruction before pc.
func (u *unwinder) callBefore(pc uint64) (call x86.Inst, ok bool) {
	if _, _, executable := u.process.Code(pc - 1); !executable {
		return call, false
	}
	var code [maxCall]byte
	for n := uint64(minCall); n <= maxCall; n++ {
		if u.read(pc-n, code[:n]) != nil {
			return call, false
		}
		err := x86.Decode(code[:n], &call)
		if err == nil && uint64(call.Len) == n && (call.Flow == x86.Call || call.Flow == x86.CallIndirect) {
			return call, true
		}
	}
	return call, false
}

// called reports whether the call before the return address went to the begin
// of the code at pc, as far as can be told: to its page, and not behind it.
func (u *unwinder) called(returns, pc uint64) bool {
	call, ok := u.callBefore(returns)
	if !ok || call.Flow != x86.Call {
		return false
	}
	to := call.Target(returns - uint64(call.Len))
	return to <= pc && pc-to < memmap.PageSize
}
