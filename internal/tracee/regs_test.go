package tracee

import (
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Every register lies where the kernel puts it, under the name that messages
// call it by.
func TestRegsLayout(t *testing.T) {
	var r Regs
	var k unix.PtraceRegs
	tests := []struct {
		name       string
		ours, kern uintptr
	}{
		{"r15", unsafe.Offsetof(r.R15), unsafe.Offsetof(k.R15)},
		{"r14", unsafe.Offsetof(r.R14), unsafe.Offsetof(k.R14)},
		{"r13", unsafe.Offsetof(r.R13), unsafe.Offsetof(k.R13)},
		{"r12", unsafe.Offsetof(r.R12), unsafe.Offsetof(k.R12)},
		{"rbp", unsafe.Offsetof(r.Rbp), unsafe.Offsetof(k.Rbp)},
		{"rbx", unsafe.Offsetof(r.Rbx), unsafe.Offsetof(k.Rbx)},
		{"r11", unsafe.Offsetof(r.R11), unsafe.Offsetof(k.R11)},
		{"r10", unsafe.Offsetof(r.R10), unsafe.Offsetof(k.R10)},
		{"r9", unsafe.Offsetof(r.R9), unsafe.Offsetof(k.R9)},
		{"r8", unsafe.Offsetof(r.R8), unsafe.Offsetof(k.R8)},
		{"rax", unsafe.Offsetof(r.Rax), unsafe.Offsetof(k.Rax)},
		{"rcx", unsafe.Offsetof(r.Rcx), unsafe.Offsetof(k.Rcx)},
		{"rdx", unsafe.Offsetof(r.Rdx), unsafe.Offsetof(k.Rdx)},
		{"rsi", unsafe.Offsetof(r.Rsi), unsafe.Offsetof(k.Rsi)},
		{"rdi", unsafe.Offsetof(r.Rdi), unsafe.Offsetof(k.Rdi)},
		{"orig_rax", unsafe.Offsetof(r.OrigRax), unsafe.Offsetof(k.Orig_rax)},
		{"rip", unsafe.Offsetof(r.Rip), unsafe.Offsetof(k.Rip)},
		{"cs", unsafe.Offsetof(r.Cs), unsafe.Offsetof(k.Cs)},
		{"eflags", unsafe.Offsetof(r.Eflags), unsafe.Offsetof(k.Eflags)},
		{"rsp", unsafe.Offsetof(r.Rsp), unsafe.Offsetof(k.Rsp)},
		{"ss", unsafe.Offsetof(r.Ss), unsafe.Offsetof(k.Ss)},
		{"fs_base", unsafe.Offsetof(r.FsBase), unsafe.Offsetof(k.Fs_base)},
		{"gs_base", unsafe.Offsetof(r.GsBase), unsafe.Offsetof(k.Gs_base)},
		{"ds", unsafe.Offsetof(r.Ds), unsafe.Offsetof(k.Ds)},
		{"es", unsafe.Offsetof(r.Es), unsafe.Offsetof(k.Es)},
		{"fs", unsafe.Offsetof(r.Fs), unsafe.Offsetof(k.Fs)},
		{"gs", unsafe.Offsetof(r.Gs), unsafe.Offsetof(k.Gs)},
	}
	if len(tests) != NumRegs || unsafe.Sizeof(r) != unsafe.Sizeof(k) {
		t.Errorf("%d registers in %d bytes; the kernel has %d in %d", NumRegs, unsafe.Sizeof(r), len(tests), unsafe.Sizeof(k))
	}
	for i, tt := range tests {
		if tt.ours != tt.kern || tt.ours != uintptr(8*i) {
			t.Errorf("%s is at %d; the kernel's is at %d, the table's at %d", tt.name, tt.ours, tt.kern, 8*i)
		}
		if RegNames[i] != tt.name {
			t.Errorf("word %d is called %s, want %s", i, RegNames[i], tt.name)
		}
	}
}

func TestRegsDiff(t *testing.T) {
	var a, b Regs
	if name, _, _ := a.Diff(&b); name != "" {
		t.Errorf("equal registers differ in %s", name)
	}
	for i, name := range RegNames {
		a, b = Regs{}, Regs{}
		a.Words()[i], b.Words()[i] = 7, 8
		if i+1 < NumRegs {
			a.Words()[i+1] = 9 // the first difference counts
		}
		if got, g, w := a.Diff(&b); got != name || g != 7 || w != 8 {
			t.Errorf("Diff in %s = %s, %d, %d", name, got, g, w)
		}
	}
}

func TestSystemCallArguments(t *testing.T) {
	var r Regs
	for i := range 6 {
		r.SetArg(i, uint64(i)+1)
	}
	if want := (Regs{Rdi: 1, Rsi: 2, Rdx: 3, R10: 4, R8: 5, R9: 6}); r != want {
		t.Errorf("SetArg put the arguments in %+v", r)
	}
	if got, want := r.Args(), [6]uint64{1, 2, 3, 4, 5, 6}; got != want {
		t.Errorf("Args() = %v, want %v", got, want)
	}
}

func TestInVsyscall(t *testing.T) {
	for pc, want := range map[uint64]bool{
		0xffffffffff5fffff: false,
		0xffffffffff600000: true,  // gettimeofday
		0xffffffffff600400: true,  // time
		0xffffffffff600800: true,  // getcpu
		0xffffffffff600fff: true,  //
		0xffffffffff601000: false, //
		0x401000:           false,
	} {
		if r := (Regs{Rip: pc}); r.InVsyscall() != want {
			t.Errorf("InVsyscall at %#x = %v, want %v", pc, !want, want)
		}
	}
}

func TestSigInfo(t *testing.T) {
	tests := []struct {
		what   string
		signal unix.Signal
		code   int32
		want   bool
	}{
		{"a fault on memory", unix.SIGSEGV, 1, true},
		{"a fault that the kernel raises", unix.SIGSEGV, 0x80, true},
		{"SIGSEGV by kill", unix.SIGSEGV, 0, false},
		{"SIGSEGV by tgkill", unix.SIGSEGV, -6, false},
		{"a division by zero", unix.SIGFPE, 1, true},
		{"an illegal instruction", unix.SIGILL, 2, true},
		{"a bus error", unix.SIGBUS, 2, true},
		{"a breakpoint", unix.SIGTRAP, 1, true},
		{"a call through the 32-bit gate", unix.SIGSYS, 1, true},
		{"the end of a child", unix.SIGCHLD, 1, false},
		{"a timer", unix.SIGALRM, -2, false},
	}
	for _, tt := range tests {
		var i SigInfo
		i[0] = byte(tt.signal)
		*(*int32)(unsafe.Pointer(&i[8])) = tt.code
		*(*uint64)(unsafe.Pointer(&i[16])) = 0x1234567890
		if i.Number() != int(tt.signal) || i.Code() != int(tt.code) || i.Address() != 0x1234567890 {
			t.Errorf("%s: number %d, code %d, address %#x", tt.what, i.Number(), i.Code(), i.Address())
		}
		if got := i.Synchronous(); got != tt.want {
			t.Errorf("%s: Synchronous() = %v", tt.what, got)
		}
	}
}
