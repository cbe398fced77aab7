package recorder

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"

	"stepback/recorder/trace"
)

// What the kernel writes to a thread's memory when the thread ends: it marks
// the robust futexes that the thread holds, and clears the word at
// clear_child_tid (kernel/futex/core.c, futex_exit_release; kernel/fork.c,
// mm_release). The recorder works out both before they happen, from what the
// thread registered.

const (
	futexOwnerDied = 0x40000000
	futexTIDMask   = 0x3fffffff
	futexWaiters   = 0x80000000
	robustLimit    = 2048 // ROBUST_LIST_LIMIT
)

// exitWrites are the writes that the end of the thread will bring.
func (r *recorder) exitWrites(t *thread) []trace.Write {
	var writes []trace.Write
	word := func(addr uint64, v uint32) {
		writes = append(writes, trace.Write{Space: t.space.id, Addr: addr, Data: binary.LittleEndian.AppendUint32(nil, v)})
	}
	r.robustFutexes(t, func(addr uint64) {
		var p [4]byte
		if t.stopped.ReadMem(addr, p[:]) != nil {
			return
		}
		if v := binary.LittleEndian.Uint32(p[:]); v&futexTIDMask == uint32(t.tid) {
			word(addr, v&futexWaiters|futexOwnerDied)
		}
	})
	if t.clearTID != 0 && t.space.threads > 1 {
		word(t.clearTID, 0)
	}
	return writes
}

// robustFutexes calls f with the address of every futex on the robust list of
// the thread (struct robust_list_head, include/uapi/linux/futex.h).
func (r *recorder) robustFutexes(t *thread, f func(addr uint64)) {
	var head, size uint64
	if _, _, e := unix.RawSyscall(unix.SYS_GET_ROBUST_LIST, uintptr(t.tid), uintptr(unsafe.Pointer(&head)), uintptr(unsafe.Pointer(&size))); e != 0 || head == 0 {
		return
	}
	var p [24]byte // list, futex_offset, list_op_pending
	if t.stopped.ReadMem(head, p[:]) != nil {
		return
	}
	le := binary.LittleEndian
	entry, offset, pending := le.Uint64(p[0:]), le.Uint64(p[8:]), le.Uint64(p[16:])
	for range robustLimit {
		if entry&^1 == head {
			break
		}
		if entry != pending {
			f(entry&^1 + offset)
		}
		if t.stopped.ReadMem(entry&^1, p[:8]) != nil {
			break
		}
		entry = le.Uint64(p[:8])
	}
	if pending != 0 {
		f(pending&^1 + offset)
	}
}
