package replayer

import (
	"encoding/binary"

	"stepback/internal/tracee"
)

// The x87 unit keeps the address of its latest instruction, which is that of
// the translation. Where it becomes visible, it must be the program's.

// pointerAt is its place in the vector state (FIP of FXSAVE, Intel SDM volume
// 1, 10.5.1).
const pointerAt = 8

// ownPointer makes the pointer in a vector state the program's.
func (x *translated) ownPointer(k *task, state tracee.XState) {
	if k.code == nil || k.code.image == nil || len(state) < pointerAt+8 {
		return
	}
	p := state[pointerAt:]
	if pc, ok := k.code.cache.Origin(binary.LittleEndian.Uint64(p)); ok {
		binary.LittleEndian.PutUint64(p, pc)
	}
}

// storePointer prepares the task for an instruction that stores the pointer.
func (r *run) storePointer() error {
	state, err := r.k.stopped.XState(r.buf)
	if err != nil {
		return err
	}
	r.buf = state
	before := binary.LittleEndian.Uint64(state[pointerAt:])
	r.ownPointer(r.k, state)
	if binary.LittleEndian.Uint64(state[pointerAt:]) == before {
		return nil
	}
	return r.k.stopped.SetXState(state)
}
