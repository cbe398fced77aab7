package syscalls

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// none is memory of which nothing can be read.
type none struct{}

func (none) ReadMem(addr uint64, p []byte) error { return unix.EFAULT }

// fake is memory at an address.
type fake struct {
	base uint64
	data []byte
}

func (f *fake) ReadMem(addr uint64, p []byte) error {
	if addr < f.base || addr-f.base > uint64(len(f.data)) || uint64(len(p)) > uint64(len(f.data))-(addr-f.base) {
		return unix.EFAULT
	}
	copy(p, f.data[addr-f.base:])
	return nil
}

func (f *fake) u16(addr uint64, v uint16) { le.PutUint16(f.data[addr-f.base:], v) }
func (f *fake) u32(addr uint64, v uint32) { le.PutUint32(f.data[addr-f.base:], v) }
func (f *fake) u64(addr uint64, v ...uint64) {
	for i, v := range v {
		le.PutUint64(f.data[addr-f.base+8*uint64(i):], v)
	}
}

// describe shows blocks as "addr+len<parent.slot", with + when copied in and ! when in place.
func describe(blocks []Block) string {
	var s []string
	for _, b := range blocks {
		d := fmt.Sprintf("%x+%d<%d.%d", b.Addr, b.Len, b.Parent, b.Slot)
		if b.In {
			d += "+"
		}
		if b.InPlace {
			d += "!"
		}
		s = append(s, d)
	}
	return strings.Join(s, " ")
}

// ranges shows ranges as "block:off+len".
func ranges(rs []Range) string {
	var s []string
	for _, r := range rs {
		s = append(s, fmt.Sprintf("%d:%d+%d", r.Block, r.Off, r.Len))
	}
	return strings.Join(s, " ")
}

func TestForms(t *testing.T) {
	const base = 0x10000
	type after struct {
		result int64
		edit   func(m *fake)
		want   string
	}
	for _, test := range []struct {
		name  string
		nr    uint64
		args  [6]uint64
		setup func(m *fake)
		want  string
		after []after
	}{
		{"buffer by result", unix.SYS_READ, [6]uint64{3, base, 1 << 20}, nil, "10000+1048576<-1.1", []after{
			{10, nil, "0:0+10"},
			{0, nil, ""},
			{2 << 20, nil, "0:0+1048576"},
			{-int64(unix.EAGAIN), nil, ""},
			{-512, nil, ""},
			{-int64(unix.EFAULT), nil, "0:0+1048576"},
		}},
		{"null buffer", unix.SYS_READ, [6]uint64{3, 0, 100}, nil, "", []after{{-int64(unix.EFAULT), nil, ""}}},
		{"empty buffer", unix.SYS_READ, [6]uint64{3, base, 0}, nil, "", nil},
		{"hostile count", unix.SYS_READ, [6]uint64{3, base, math.MaxUint64}, nil, "10000+2147479552<-1.1", nil},
		{"end of address space", unix.SYS_READ, [6]uint64{3, math.MaxUint64 - 7, 100}, nil, "fffffffffffffff8+8<-1.1", nil},
		{"fixed", unix.SYS_FSTAT, [6]uint64{3, base}, nil, "10000+144<-1.1+", []after{
			{0, nil, "0:0+144"}, {-9, nil, ""}, {-int64(unix.EFAULT), nil, "0:0+144"},
		}},
		{"garbage above an int", unix.SYS_READLINK, [6]uint64{1, base, 0xdead_0000_0010}, nil, "10000+16<-1.1", []after{{7, nil, "0:0+7"}}},
		{"negative int", unix.SYS_READLINK, [6]uint64{1, base, 0xffffffff}, nil, "", nil},
		{"elements by result", unix.SYS_EPOLL_WAIT, [6]uint64{3, base, 64, 0}, nil, "10000+768<-1.1", []after{{2, nil, "0:0+24"}, {0, nil, ""}}},
		{"groups counted only", unix.SYS_GETGROUPS, [6]uint64{0, base}, nil, "", nil},
		{"on error too", unix.SYS_NANOSLEEP, [6]uint64{base, base + 16}, nil, "10010+16<-1.1+", []after{
			{0, nil, "0:0+16"}, {-int64(unix.EINTR), nil, "0:0+16"}, {-516, nil, "0:0+16"},
		}},
		{"poll", unix.SYS_POLL, [6]uint64{base, 3, 0}, nil, "10000+24<-1.0+", []after{{1, nil, "0:0+24"}, {-4, nil, "0:0+24"}}},
		{"fd sets", unix.SYS_SELECT, [6]uint64{65, base, 0, base + 32, base + 64}, nil,
			"10000+16<-1.1+ 10020+16<-1.3+ 10040+16<-1.4+", []after{{1, nil, "0:0+16 1:0+16 2:0+16"}}},
		{"hostile fd sets", unix.SYS_SELECT, [6]uint64{math.MaxInt32, base}, nil, "10000+2097152<-1.1+", nil},
		{"node mask", unix.SYS_GET_MEMPOLICY, [6]uint64{0, base, 65}, nil, "10000+16<-1.1+", nil},
		{"pages", unix.SYS_MINCORE, [6]uint64{base, 4097, base}, nil, "10000+2<-1.2+", nil},
		{"value-result", unix.SYS_GETSOCKNAME, [6]uint64{3, base + 8, base}, func(m *fake) { m.u32(base, 100) },
			"10000+4<-1.2+ 10008+100<-1.1+", []after{
				{0, func(m *fake) { m.u32(base, 16) }, "0:0+4 1:0+16"},
				{0, func(m *fake) { m.u32(base, 110) }, "0:0+4 1:0+100"},
			}},
		{"value-result without address", unix.SYS_ACCEPT, [6]uint64{3}, nil, "", nil},
		{"value-result without length", unix.SYS_ACCEPT, [6]uint64{3, base}, nil, "", nil},
		{"counted instructions", unix.SYS_GETSOCKOPT, [6]uint64{3, unix.SOL_SOCKET, unix.SO_GET_FILTER, base + 8, base},
			func(m *fake) { m.u32(base, 4) }, "10000+4<-1.4+ 10008+32<-1.3+", []after{
				{0, func(m *fake) { m.u32(base, 2) }, "0:0+4 1:0+16"},
			}},
		{"iovec", unix.SYS_READV, [6]uint64{3, base, 3}, func(m *fake) { m.u64(base, base+64, 10, 0, 0, base+80, 20) },
			"10000+48<-1.1+ 10040+10<0.0 10050+20<0.32", []after{
				{10, nil, "1:0+10"}, {15, nil, "1:0+10 2:0+5"}, {99, nil, "1:0+10 2:0+20"}, {3, nil, "1:0+3"}, {0, nil, ""},
				{-int64(unix.EFAULT), nil, "1:0+10 2:0+20"},
			}},
		{"iovec negative", unix.SYS_READV, [6]uint64{3, base, 2}, func(m *fake) { m.u64(base, base+64, 10, base, 1<<63) }, "", nil},
		{"iovec too long", unix.SYS_READV, [6]uint64{3, base, 1025}, nil, "", nil},
		{"iovec unreadable", unix.SYS_READV, [6]uint64{3, 8, 2}, nil, "", nil},
		{"iovec cut at the longest transfer", unix.SYS_READV, [6]uint64{3, base, 2},
			func(m *fake) { m.u64(base, base, math.MaxInt64, base, 5) }, "10000+32<-1.1+ 10000+2147479552<0.0", nil},
		{"pages stay", unix.SYS_VMSPLICE, [6]uint64{3, base, 1}, func(m *fake) { m.u64(base, base+64, 10) },
			"10000+16<-1.1+! 10040+10<0.0+!", []after{{4, nil, "1:0+4"}}},
		{"msghdr", unix.SYS_RECVMSG, [6]uint64{3, base}, func(m *fake) {
			m.u64(base, base+0x100, 16, base+0x200, 2, base+0x300, 64, 0)
			m.u64(base+0x200, base+0x400, 8, base+0x500, 8)
		}, "10000+56<-1.1+ 10100+16<0.0+ 10300+64<0.32+ 10200+32<0.16+ 10400+8<3.0 10500+8<3.16", []after{
			{12, func(m *fake) { m.u32(base+8, 2); m.u64(base+40, 24) }, "0:8+4 0:40+12 1:0+2 2:0+24 4:0+8 5:0+4"},
			{-11, nil, ""},
		}},
		{"mmsghdr", unix.SYS_RECVMMSG, [6]uint64{3, base, 2, 0, base + 0x700}, func(m *fake) {
			m.u64(base, 0, 0, base+0x200, 1, 0, 0, 0, 0, 0, 0, base+0x210, 1)
			m.u64(base+0x200, base+0x400, 100, base+0x500, 100)
		}, "10000+128<-1.1+ 10200+16<0.16+ 10400+100<1.0 10210+16<0.80+ 10500+100<3.0 10700+16<-1.4+", []after{
			{1, func(m *fake) { m.u32(base+56, 7) }, "0:8+4 0:40+12 0:56+4 2:0+7 5:0+16"},
			{2, func(m *fake) { m.u32(base+56, 7); m.u32(base+120, 9) },
				"0:8+4 0:40+12 0:56+4 0:72+4 0:104+12 0:120+4 2:0+7 4:0+9 5:0+16"},
			{-11, nil, "5:0+16"},
		}},
		{"sent lengths", unix.SYS_SENDMMSG, [6]uint64{3, base, 3}, nil, "10000+192<-1.1+", []after{{2, nil, "0:56+4 0:120+4"}}},
		{"msgrcv", unix.SYS_MSGRCV, [6]uint64{3, base, 100}, nil, "10000+108<-1.1+", []after{{5, nil, "0:0+8 0:8+5"}, {-42, nil, ""}}},
		{"futex wait", unix.SYS_FUTEX, [6]uint64{base, 128}, nil, "", nil},
		{"futex wake op", unix.SYS_FUTEX, [6]uint64{base, 5 | 128, 1, 1, base + 4}, nil, "10004+4<-1.4+!", []after{{1, nil, "0:0+4"}}},
		{"futex lock pi", unix.SYS_FUTEX, [6]uint64{base, 6}, nil, "10000+4<-1.0+!", []after{{-int64(unix.ETIMEDOUT), nil, "0:0+4"}}},
		{"command", unix.SYS_IOCTL, [6]uint64{0, unix.TIOCGWINSZ, base}, nil, "10000+8<-1.2+", []after{{0, nil, "0:0+8"}, {-25, nil, ""}}},
		{"command without effect", unix.SYS_FCNTL, [6]uint64{0, unix.F_GETFL, base}, nil, "", nil},
		{"ifconf", unix.SYS_IOCTL, [6]uint64{0, unix.SIOCGIFCONF, base}, func(m *fake) { m.u64(base, 400, base+0x100) },
			"10000+16<-1.2+ 10100+400<0.8+", []after{{0, func(m *fake) { m.u32(base, 80) }, "0:0+4 1:0+80"}}},
		{"fiemap", unix.SYS_IOCTL, [6]uint64{0, 0xc020660b, base}, func(m *fake) { m.u32(base+24, 4) },
			"10000+256<-1.2+", []after{{0, func(m *fake) { m.u32(base+20, 1) }, "0:0+32 0:32+56"}}},
		{"dedupe", unix.SYS_IOCTL, [6]uint64{0, unix.FIDEDUPERANGE, base}, func(m *fake) { m.u16(base+16, 2) },
			"10000+88<-1.2+", []after{{0, nil, "0:0+24 0:24+64"}}},
		{"sized command", unix.SYS_IOCTL, [6]uint64{0, unix.PIDFD_GET_INFO&^(0x3fff<<16) | 64<<16, base}, nil, "10000+64<-1.2+", nil},
		{"self-sized", unix.SYS_STATMOUNT, [6]uint64{1, base, 1000}, nil, "10000+1000<-1.1+", []after{
			{0, func(m *fake) { m.u32(base, 520) }, "0:0+520"}}},
		{"file handle", unix.SYS_NAME_TO_HANDLE_AT, [6]uint64{0, 1, base, base + 200}, func(m *fake) { m.u32(base, 12) },
			"10000+20<-1.2+ 100c8+8<-1.3+", []after{{-int64(unix.EOVERFLOW), nil, "0:0+20 1:0+8"}}},
		{"capabilities 1", unix.SYS_CAPGET, [6]uint64{base, base + 8}, func(m *fake) { m.u32(base, unix.LINUX_CAPABILITY_VERSION_1) },
			"10000+8<-1.0+ 10008+12<-1.1+", nil},
		{"capabilities 3", unix.SYS_CAPGET, [6]uint64{base, base + 8}, func(m *fake) { m.u32(base, unix.LINUX_CAPABILITY_VERSION_3) },
			"10000+8<-1.0+ 10008+24<-1.1+", nil},
		{"nested attribute", unix.SYS_GETXATTRAT, [6]uint64{0, 1, 0, 1, base, 16}, func(m *fake) { m.u64(base, base+64, 40) },
			"10000+16<-1.4+ 10040+40<0.0+", []after{{9, nil, "1:0+9"}}},
		{"clone3", unix.SYS_CLONE3, [6]uint64{base, 88}, func(m *fake) { m.u64(base+8, 0, base+200, base+204) },
			"10000+32<-1.0+! 100c8+4<0.16+! 100cc+4<0.24+!", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := &fake{base, make([]byte, 4096)}
			if test.setup != nil {
				test.setup(m)
			}
			c := Lookup(test.nr)
			blocks, refuse := c.Outputs(nil, m, test.args)
			if got := describe(blocks); got != test.want || refuse != 0 {
				t.Fatalf("Outputs = %s (%v)\nwant      %s", got, refuse, test.want)
			}
			for _, a := range test.after {
				m2 := &fake{base, slices.Clone(m.data)}
				if a.edit != nil {
					a.edit(m2)
				}
				if got := ranges(c.Written(nil, m2, test.args, a.result, blocks, nil)); got != a.want {
					t.Errorf("Written after %d = %s\nwant %s", a.result, got, a.want)
				}
			}
		})
	}
}

// Blocks appended behind others count from their own first.
func TestOutputsAppends(t *testing.T) {
	m := &fake{0x1000, make([]byte, 64)}
	m.u64(0x1000, 0x1020, 5)
	prefix := []Block{{Addr: 1, Len: 1}, {Addr: 2, Len: 2}}
	blocks, _ := Lookup(unix.SYS_READV).Outputs(prefix, m, [6]uint64{0, 0x1000, 1})
	if got := describe(blocks[2:]); got != "1000+16<-1.1+ 1020+5<0.0" {
		t.Error(got)
	}
}

// Lengths are read where the block is now, and a moved block of unknown content is left alone after EFAULT.
func TestWrittenOfMovedBlocks(t *testing.T) {
	m := &fake{0x1000, make([]byte, 256)}
	m.u32(0x1000, 100)
	c, args := Lookup(unix.SYS_RECVFROM), [6]uint64{0, 0x1040, 32, 0, 0x1008, 0x1000}
	blocks, _ := c.Outputs(nil, m, args)
	m.u32(0x1080, 16) // the moved length
	at := func(i int) uint64 { return []uint64{0x1090, 0x1080, 0x10a0}[i] }
	if got := ranges(c.Written(nil, m, args, 5, blocks, at)); got != "0:0+5 1:0+4 2:0+16" {
		t.Error(got)
	}
	if got := ranges(c.Written(nil, m, args, -int64(unix.EFAULT), blocks, at)); got != "1:0+4 2:0+100" {
		t.Error(got)
	}
}

// Too many buffers for one call: refused, not half known.
func TestTooManyBlocks(t *testing.T) {
	const base, iovs = 0x10000, 0x40000
	m := &fake{base, make([]byte, 1<<20)}
	for i := range uint64(1024) {
		m.u64(base+64*i, 0, 0, iovs, 1024)
		m.u64(iovs+16*i, iovs, 1)
	}
	c, args := Lookup(unix.SYS_RECVMMSG), [6]uint64{3, base, 1024}
	blocks, refuse := c.Outputs(nil, m, args)
	if refuse != unix.ENOMEM || len(blocks) != 0 || c.Refusal(m, args) != "recvmmsg" {
		t.Errorf("%d blocks, refuse %v", len(blocks), refuse)
	}
}

func TestHotPathsDoNotAllocate(t *testing.T) {
	m := &fake{0x1000, make([]byte, 256)}
	m.u64(0x1080, 0x1000, 16, 0x1010, 16)
	var mem Memory = m
	for _, test := range []struct {
		nr     uint64
		args   [6]uint64
		result int64
	}{
		{unix.SYS_READ, [6]uint64{3, 0x1000, 64}, 10},
		{unix.SYS_WRITE, [6]uint64{3, 0x1000, 64}, 10},
		{unix.SYS_FSTAT, [6]uint64{3, 0x1000}, 0},
		{unix.SYS_CLOCK_GETTIME, [6]uint64{1, 0x1000}, 0},
		{unix.SYS_FUTEX, [6]uint64{0x1000, 128}, 0},
		{unix.SYS_READV, [6]uint64{3, 0x1080, 2}, 20},
		{unix.SYS_SELECT, [6]uint64{64, 0x1000, 0x1010, 0x1020, 0x1030}, 1},
	} {
		var blocks []Block
		var written []Range
		if n := testing.AllocsPerRun(200, func() {
			c := Lookup(test.nr)
			blocks, _ = c.Outputs(blocks[:0], mem, test.args)
			written = c.Written(written[:0], mem, test.args, test.result, blocks, nil)
		}); n != 0 {
			t.Errorf("%s allocates %v times", Lookup(test.nr).Name, n)
		}
	}
}

// FuzzCall feeds any call with any arguments, over memory that repeats the given content.
func FuzzCall(f *testing.F) {
	f.Add(uint16(unix.SYS_RECVMMSG), uint64(1), uint64(0x1000), uint64(5), uint64(0x1000), uint64(0x1100), uint64(0), int64(3), []byte{0, 0x10, 0, 0, 0, 0, 0, 0})
	f.Add(uint16(unix.SYS_READV), uint64(1), uint64(0x1000), uint64(1024), uint64(0), uint64(0), uint64(0), int64(-14), []byte{8, 0, 0, 0, 0, 0, 0, 0, 255})
	f.Add(uint16(unix.SYS_IOCTL), uint64(1), uint64(0xc020660b), uint64(0x1000), uint64(0), uint64(0), uint64(0), int64(0), []byte{255, 255})
	for _, c := range All() {
		f.Add(uint16(c.Nr), ^uint64(0), uint64(0x1000), uint64(1)<<63, ^uint64(7), uint64(0x1ff8), uint64(4), int64(1), []byte("\xff\xff\xff\x7f\x00\x10"))
	}
	f.Fuzz(func(t *testing.T, nr uint16, a, b, c, d, e, g uint64, result int64, content []byte) {
		m := &fake{0x1000, make([]byte, 1<<16)}
		for i := 0; len(content) > 0 && i < len(m.data); i += len(content) {
			copy(m.data[i:], content)
		}
		call, args := Lookup(uint64(nr)), [6]uint64{a, b, c, d, e, g}
		blocks, refuse := call.Outputs(nil, m, args)
		if refuse != 0 {
			call.Refusal(m, args)
			return
		}
		if len(blocks) > maxBlocks {
			t.Fatalf("%d blocks", len(blocks))
		}
		for i, b := range blocks {
			if b.Parent >= i || b.Parent < -1 || b.Parent == -1 && b.Slot > 5 {
				t.Fatalf("%s: block %d has parent %d, slot %d", call.Name, i, b.Parent, b.Slot)
			}
			if b.Parent >= 0 && b.Slot+8 > blocks[b.Parent].Len {
				t.Fatalf("%s: slot %d is not in block %d", call.Name, b.Slot, b.Parent)
			}
			if b.Len == 0 || b.Addr == 0 || b.Len > 1<<32 || b.Addr+b.Len-1 < b.Addr {
				t.Fatalf("%s: block %d is %x+%x", call.Name, i, b.Addr, b.Len)
			}
			for _, s := range b.Writes {
				if k := s.Trim.Block; s.Trim.Kind == ByField && (k < 0 || k >= len(blocks) || s.Trim.Off+uint64(s.Trim.Width) > blocks[k].Len) {
					t.Fatalf("%s: block %d has its length outside block %d", call.Name, i, k)
				}
			}
		}
		for _, r := range call.Written(nil, m, args, result, blocks, nil) {
			if r.Len == 0 || r.Off+r.Len > blocks[r.Block].Len {
				t.Fatalf("%s: range %+v of block %+v", call.Name, r, blocks[r.Block])
			}
		}
	})
}
