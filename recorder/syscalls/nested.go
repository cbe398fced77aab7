package syscalls

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"
)

// This file walks along the pointers of structures that hold pointers.

const (
	sizeofIovec   = uint64(unsafe.Sizeof(unix.Iovec{}))
	sizeofMsghdr  = uint64(unsafe.Sizeof(unix.Msghdr{}))
	sizeofMmsghdr = sizeofMsghdr + 8 // struct mmsghdr, linux/socket.h: msghdr, msg_len, padding

	msgName       = uint64(unsafe.Offsetof(unix.Msghdr{}.Name))
	msgNamelen    = uint64(unsafe.Offsetof(unix.Msghdr{}.Namelen))
	msgIov        = uint64(unsafe.Offsetof(unix.Msghdr{}.Iov))
	msgIovlen     = uint64(unsafe.Offsetof(unix.Msghdr{}.Iovlen))
	msgControl    = uint64(unsafe.Offsetof(unix.Msghdr{}.Control))
	msgControllen = uint64(unsafe.Offsetof(unix.Msghdr{}.Controllen))
	msgFlags      = uint64(unsafe.Offsetof(unix.Msghdr{}.Flags))
	msgLen        = sizeofMsghdr // in struct mmsghdr
)

var le = binary.LittleEndian

// outLen is an output whose length is in memory: lenArg points to four bytes that hold the size of the
// buffer before the call, and what was or would have been written after it.
func outLen(arg, lenArg int, limit uint64) effect {
	return effect{walk: func(u *use) { u.valueResult(arg, lenArg, 1, limit) }}
}

// outCount is the same with a count of elements.
func outCount(arg, lenArg int, elem uint64) effect {
	return effect{walk: func(u *use) { u.valueResult(arg, lenArg, elem, maxMemory) }}
}

func (u *use) valueResult(arg, lenArg int, elem, limit uint64) {
	held := u.arg(lenArg, 4)
	u.write(held, Span{Len: 4, OnError: true})
	n, ok := u.u32(u.args[lenArg])
	if held < 0 || !ok {
		return
	}
	size := min(mul(uint64(n), elem), limit)
	u.write(u.arg(arg, size), Span{Len: size, OnError: true, Trim: Trim{Kind: ByField, Block: held, Width: 4, Elem: elem}})
}

// iov is an array of buffers, filled in order with as many bytes as the result says.
func iov(arg, countArg int) effect {
	return effect{walk: func(u *use) {
		u.iovec(-1, uint64(arg), u.args[arg], u.args[countArg], Trim{Kind: ByResult}, Block{})
	}}
}

// pageIov is the same for a call that keeps the pages, so that they must stay where they are. They may
// also be read.
func pageIov(arg, countArg int) effect {
	return effect{walk: func(u *use) {
		u.iovec(-1, uint64(arg), u.args[arg], u.args[countArg], Trim{Kind: ByResult}, Block{In: true, InPlace: true})
	}}
}

// iovec adds an array of buffers and its buffers. The kernel refuses the array, and writes nothing,
// when it cannot be read, when it is too long or when one length is negative.
func (u *use) iovec(parent int, slot, addr, count uint64, trim Trim, like Block) {
	if count > maxIovecs {
		return
	}
	p := u.read(addr, count*sizeofIovec)
	for i := range count {
		if p == nil || int64(le.Uint64(p[i*sizeofIovec+8:])) < 0 {
			return
		}
	}
	array := u.add(Block{Addr: addr, Len: count * sizeofIovec, Parent: parent, Slot: slot, In: true, InPlace: like.InPlace})
	left := uint64(maxTransfer)
	for i := range count {
		e := p[i*sizeofIovec:]
		b := like
		b.Addr, b.Len = le.Uint64(e), min(le.Uint64(e[8:]), left)
		b.Parent, b.Slot = array, i*sizeofIovec
		u.write(u.add(b), Span{Len: b.Len, Trim: trim})
		trim.Skip += b.Len
		left -= b.Len
	}
}

// msghdr is a message to be received.
func msghdr(arg int) effect {
	return effect{walk: func(u *use) {
		head := u.arg(arg, sizeofMsghdr)
		u.message(head, 0, u.args[arg], 0, Trim{Kind: ByResult})
	}}
}

// mmsghdr is an array of messages to be received; the result says how many of them were.
func mmsghdr(arg, countArg int) effect {
	return effect{walk: func(u *use) {
		count := min(uint64(uint32(u.args[countArg])), maxIovecs)
		heads := u.arg(arg, count*sizeofMmsghdr)
		for i := range count {
			if heads < 0 || u.refuse != 0 {
				return
			}
			off, nth := i*sizeofMmsghdr, int64(i)+1
			length := Trim{Kind: ByField, Block: heads, Off: off + msgLen, Width: 4, Min: nth}
			if !u.message(heads, off, u.args[arg]+off, nth, length) {
				return // the kernel stops at a message that it cannot read, too
			}
			u.write(heads, Span{Off: off + msgLen, Len: 4, Trim: Trim{Min: nth}})
		}
	}}
}

// message adds what one header leads to: the header is at offset off of block head, and at addr. It is written
// only if the result is at least nth; length says how many bytes of data were received.
func (u *use) message(head int, off, addr uint64, nth int64, length Trim) bool {
	p := u.read(addr, sizeofMsghdr)
	if head < 0 || p == nil {
		return false
	}
	name, namelen := le.Uint64(p[msgName:]), uint64(le.Uint32(p[msgNamelen:]))
	iov, iovlen := le.Uint64(p[msgIov:]), le.Uint64(p[msgIovlen:])
	control, controllen := le.Uint64(p[msgControl:]), min(le.Uint64(p[msgControllen:]), maxMemory)

	u.write(head, Span{Off: off + msgNamelen, Len: 4, Trim: Trim{Min: nth}})
	u.write(head, Span{Off: off + msgControllen, Len: msgFlags + 4 - msgControllen, Trim: Trim{Min: nth}})

	namelen = min(namelen, maxName)
	u.write(u.pointee(head, off+msgName, name, namelen),
		Span{Len: namelen, Trim: Trim{Kind: ByField, Block: head, Off: off + msgNamelen, Width: 4, Min: nth}})
	u.write(u.pointee(head, off+msgControl, control, controllen),
		Span{Len: controllen, Trim: Trim{Kind: ByField, Block: head, Off: off + msgControllen, Width: 8, Min: nth}})
	u.iovec(head, off+msgIov, iov, iovlen, length, Block{})
	return true
}

// sentLengths is an array of messages to be sent: the kernel writes only the length of each.
func sentLengths(arg, countArg int) effect {
	return effect{walk: func(u *use) {
		count := min(uint64(uint32(u.args[countArg])), maxIovecs)
		heads := u.arg(arg, count*sizeofMmsghdr)
		for i := range count {
			u.write(heads, Span{Off: i*sizeofMmsghdr + msgLen, Len: 4, Trim: Trim{Min: int64(i) + 1}})
		}
	}}
}

// msgbuf is the buffer of msgrcv: a long, the type, and then the text that the result measures.
func msgbuf(arg, sizeArg int) effect {
	return effect{walk: func(u *use) {
		n := min(u.args[sizeArg], maxTransfer)
		i := u.arg(arg, 8+n)
		u.write(i, Span{Len: 8})
		u.write(i, Span{Off: 8, Len: n, Trim: Trim{Kind: ByResult}})
	}}
}

// capabilities is the data of capget: one or two sets of twelve bytes, by the version in the header.
func capabilities(header, data int) effect {
	return effect{walk: func(u *use) {
		n := 2 * uint64(unsafe.Sizeof(unix.CapUserData{}))
		if version, ok := u.u32(u.args[header]); ok && version == unix.LINUX_CAPABILITY_VERSION_1 {
			n /= 2
		}
		u.write(u.arg(data, n), Span{Len: n})
	}}
}

// fileHandle is a struct file_handle (linux/fcntl.h): the size of its tail, a type, the tail.
func fileHandle(arg int) effect {
	return effect{walk: func(u *use) {
		tail, _ := u.u32(u.args[arg])
		n := 8 + uint64(min(tail, maxHandle))
		u.write(u.arg(arg, n), Span{Len: n, OnError: true})
	}}
}

// xattrArgs is the argument of getxattrat, struct xattr_args (linux/xattr.h): a pointer to the value and its size.
func xattrArgs(arg int) effect {
	return effect{walk: func(u *use) {
		p := u.read(u.args[arg], 12)
		if p == nil {
			return
		}
		value, n := le.Uint64(p), uint64(le.Uint32(p[8:]))
		u.write(u.pointee(u.arg(arg, 16), 0, value, n), Span{Len: n, Trim: Trim{Kind: ByResult}})
	}}
}

// cloneArgs is the argument of clone3, struct clone_args (linux/sched.h): pointers to the pidfd and the
// thread id that it writes. The child's id is also cleared at its exit, at that address.
func cloneArgs(arg, sizeArg int) effect {
	const pidfd, childTid, parentTid, end = 8, 16, 24, 32
	return effect{walk: func(u *use) {
		if u.args[sizeArg] < end {
			return
		}
		p := u.read(u.args[arg], end)
		if p == nil {
			return
		}
		slots := [...]uint64{pidfd, childTid, parentTid}
		var targets [len(slots)]uint64
		for i, slot := range slots {
			targets[i] = le.Uint64(p[slot:])
		}
		args := u.add(Block{Addr: u.args[arg], Len: end, Parent: -1, Slot: uint64(arg), In: true, InPlace: true})
		for i, slot := range slots {
			target := u.add(Block{Addr: targets[i], Len: 4, Parent: args, Slot: slot, In: true, InPlace: true})
			u.write(target, Span{Len: 4, OnError: true})
		}
	}}
}

// ifconf is the argument of SIOCGIFCONF, struct ifconf (linux/if.h): a length and a pointer to the list.
func ifconf(arg int) effect {
	return effect{walk: func(u *use) {
		p := u.read(u.args[arg], 16)
		if p == nil {
			return
		}
		n, list := uint64(max(int32(le.Uint32(p)), 0)), le.Uint64(p[8:])
		head := u.arg(arg, 16)
		u.write(head, Span{Len: 4, OnError: true})
		u.write(u.pointee(head, 8, list, n), Span{Len: n, Trim: Trim{Kind: ByField, Block: head, Width: 4}})
	}}
}

// counted is a structure with a tail of elements, whose number it holds: width bytes at offset count before the
// call; the kernel says in the four bytes at offset used, if that is not zero, how many it filled.
func counted(arg int, head, count uint64, width uint8, used, elem uint64) effect {
	return effect{walk: func(u *use) {
		p := u.read(u.args[arg]+count, 4)
		if p == nil {
			return
		}
		n := uint64(le.Uint32(p))
		if width == 2 {
			n = uint64(le.Uint16(p))
		}
		tail := min(mul(n, elem), maxMemory)
		i := u.arg(arg, head+tail)
		u.write(i, Span{Len: head, OnError: true})
		s := Span{Off: head, Len: tail, OnError: true}
		if used != 0 {
			s.Trim = Trim{Kind: ByField, Block: i, Off: used, Width: 4, Elem: elem}
		}
		u.write(i, s)
	}}
}

// ioctlSized is a structure whose size the command itself holds.
func ioctlSized(arg, cmdArg int) effect {
	return effect{walk: func(u *use) {
		n := u.args[cmdArg] >> 16 & (1<<14 - 1) // _IOC_SIZE, asm-generic/ioctl.h
		u.write(u.arg(arg, n), Span{Len: n, OnError: true})
	}}
}
