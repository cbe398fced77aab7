package frame

import (
	"encoding/binary"
	"errors"

	"stepback/internal/tracee"
)

// Regs are the registers of a frame, as far as they are known, by their numbers
// in DWARF. The zero value knows none.
type Regs struct {
	values [NumRegs]uint64
	known  uint32 // a bit for each
}

// RegsOf are the registers of a thread, all of them known.
func RegsOf(r *tracee.Regs) Regs {
	return Regs{
		[NumRegs]uint64{r.Rax, r.Rdx, r.Rcx, r.Rbx, r.Rsi, r.Rdi, r.Rbp, r.Rsp, r.R8, r.R9, r.R10, r.R11, r.R12, r.R13, r.R14, r.R15, r.Rip},
		1<<NumRegs - 1,
	}
}

// Get is the value of a register. ok is false if it is not known.
func (r *Regs) Get(n uint64) (value uint64, ok bool) {
	if n >= NumRegs || r.known>>n&1 == 0 {
		return 0, false
	}
	return r.values[n], true
}

// Set sets a register that is followed.
func (r *Regs) Set(n, value uint64) {
	r.values[n] = value
	r.known |= 1 << n
}

// ErrLost reports a register that the caller has saved, or nobody.
var ErrLost = errors.New("its value in this frame was not saved")

// Read reads the low bytes of a register, for location.Env.
func (r *Regs) Read(n uint64, p []byte) error {
	value, ok := r.Get(n)
	if !ok || len(p) > 8 {
		return ErrLost
	}
	var word [8]byte
	binary.LittleEndian.PutUint64(word[:], value)
	copy(p, word[:])
	return nil
}

// preserved are those that functions give back as they found them, when nothing
// else is said (psABI §3.2.1).
const preserved = 1<<RBX | 1<<RBP | 1<<RSP | 0xf<<12
