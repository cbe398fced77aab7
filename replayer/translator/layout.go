package translator

import (
	"encoding/binary"

	"stepback/internal/tracee"
	"stepback/internal/x86"
)

// The scratch page is one page of memory that the engine shares with all its
// tasks, of which one runs at a time. Translated code addresses it absolutely,
// without a register, for it lies below 2 GiB.
const (
	ScratchAddr = tracee.AreaEnd - ScratchSize
	ScratchSize = 0x1000
)

// The words of the scratch page.
const (
	savedRax = ScratchAddr + 8*iota // registers that the way out or an expansion uses
	savedRcx
	savedRdx
	savedR11
	savedTmp  // the register that stands in for an address out of reach
	exitAt    // number of the exit taken
	targetAt  // where the way in goes
	missingAt // pc that an indirect branch did not find
	passAt    // how many breaks may be passed, and one
	threadAt  // ids of the thread that runs, and of its process
	processAt
	savedFlags // in ax, as lahf and seto make them
	addressAt  // of the memory that an instruction is about to access
	fsAt       // bases of the segments fs and gs
	gsAt
)

// conditionAt is where the words begin that hold intermediate results of conditions.
const conditionAt = ScratchAddr + 0x200

// The clock is made of several words that count steps up, each for some of the
// blocks, because an addition to memory must wait for the one before to the
// same word. Each is negative while there are steps left for it.
const (
	clocksAt = ScratchAddr + 0x100
	clocks   = 16
)

// MinSteps is the fewest steps for which the clock can be set.
const MinSteps = clocks * (MaxSteps + 1)

// Scratch is the engine's view of the scratch page.
type Scratch []byte

func (s Scratch) get(addr uint64) uint64    { return binary.LittleEndian.Uint64(s[addr-ScratchAddr:]) }
func (s Scratch) put(addr uint64, v uint64) { binary.LittleEndian.PutUint64(s[addr-ScratchAddr:], v) }

// SetClock makes the code leave before it has made so many steps, when one of
// the clock's words has used its share of them. With fewer than MinSteps it may
// leave before it has made any. It returns the value of Clock now.
func (s Scratch) SetClock(steps uint64) (now int64) {
	const most = 1 << 55 // the top byte of a negative word is 0xff
	share := min(max(steps/clocks, 1), most)
	for i := range uint64(clocks) {
		s.put(clocksAt+8*i, -share)
	}
	return -int64(share * clocks)
}

// Clock counts the steps made.
func (s Scratch) Clock() int64 {
	var sum uint64
	for i := range uint64(clocks) {
		sum += s.get(clocksAt + 8*i)
	}
	return int64(sum)
}

// TakeExit returns the number of the exit that the code took and clears it; 0
// when it stopped for another reason.
func (s Scratch) TakeExit() uint32 {
	id := s.get(exitAt)
	s.put(exitAt, 0)
	return uint32(id)
}

// SetPass lets the code pass so many breaks before it leaves at one, and Pass
// tells how many are left.
func (s Scratch) SetPass(n uint64) { s.put(passAt, n+1) }

// Pass is what SetPass set less the breaks passed since; it is 0 when the code left at one.
func (s Scratch) Pass() uint64 { return max(s.get(passAt), 1) - 1 }

// SetThread says which thread is about to run, and the bases of its segments.
func (s Scratch) SetThread(tid, pid int, fs, gs uint64) {
	s.put(threadAt, uint64(tid))
	s.put(processAt, uint64(pid))
	s.put(fsAt, fs)
	s.put(gsAt, gs)
}

// Missing is the pc that an indirect branch did not find.
func (s Scratch) Missing() uint64 { return s.get(missingAt) }

// SetTarget says where in the cache a task that stands at an exit goes on.
func (s Scratch) SetTarget(host uint64) { s.put(targetAt, host) }

// Restore puts those registers back that the way out spilled. The pc is the cache's still.
func (s Scratch) Restore(r *tracee.Regs) {
	r.Rax, r.Rcx, r.R11 = s.get(savedRax), s.get(savedRcx), s.get(savedR11)
}

// RestoreBranch puts those registers back that an indirect branch spilled.
func (s Scratch) RestoreBranch(r *tracee.Regs) { r.Rcx, r.Rdx = s.get(savedRcx), s.get(savedRdx) }

// restoreAll puts back what a condition spilled.
func (s Scratch) restoreAll(r *tracee.Regs) {
	r.Rax, r.Rcx, r.Rdx = s.get(savedRax), s.get(savedRcx), s.get(savedRdx)
	saved := s.get(savedFlags)
	const low = uint64(x86.Arithmetic &^ x86.OF)
	r.Eflags = r.Eflags&^uint64(x86.Arithmetic) | saved>>8&low | saved&1*uint64(x86.OF)
}

// The lookup table for indirect branches has an entry for every value of the
// low 16 bits of the target.
const (
	tableEntries = 1 << 16
	tableSize    = tableEntries * 8
)
