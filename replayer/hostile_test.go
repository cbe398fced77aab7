package replayer_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/recorder/trace"
	"stepback/replayer"
)

// Nobody need trust a recording: whatever it says, it does not reach the
// engine, and the replay ends with an error that says where and what.

const (
	start = tracee.AreaStart
	end   = tracee.AreaEnd
	size  = tracee.AreaSize
	page  = 0x1000
)

// private are the flags of an anonymous private mapping.
const private = unix.MAP_PRIVATE | unix.MAP_NORESERVE

// hostileOps are changes of memory that touch the engine's area, or what does
// not exist.
var hostileOps = []struct {
	what string
	op   trace.Op
	says string // part of the error
}{
	{"map over the area", trace.Op{Kind: trace.OpMap, Addr: start, Len: size, Prot: 3, Flags: private}, "engine's own memory"},
	{"map over its code", trace.Op{Kind: trace.OpMap, Addr: start, Len: page, Prot: 7, Flags: private}, "engine's own memory"},
	{"map over its last page", trace.Op{Kind: trace.OpMap, Addr: end - page, Len: page, Prot: 3, Flags: private}, "engine's own memory"},
	{"map into its start", trace.Op{Kind: trace.OpMap, Addr: start - page, Len: 2 * page, Prot: 3, Flags: private}, "engine's own memory"},
	{"map into its start by a byte", trace.Op{Kind: trace.OpMap, Addr: start - page, Len: page + 1, Prot: 3, Flags: private}, "engine's own memory"},
	{"map around it", trace.Op{Kind: trace.OpMap, Addr: start - page, Len: size + 2*page, Prot: 3, Flags: private}, "engine's own memory"},
	{"map from it to the end of all addresses", trace.Op{Kind: trace.OpMap, Addr: start, Len: 1<<64 - start, Prot: 3, Flags: private}, ""},
	{"map from it round to it", trace.Op{Kind: trace.OpMap, Addr: start + page, Len: 1<<64 - page, Prot: 3, Flags: private}, ""},
	{"map from the top round into it", trace.Op{Kind: trace.OpMap, Addr: ^uint64(page - 1), Len: start + 2*page, Prot: 3, Flags: private}, ""},
	{"map with a length that rounds to nothing", trace.Op{Kind: trace.OpMap, Addr: start, Len: ^uint64(0), Prot: 3, Flags: private}, ""},
	{"unmap it", trace.Op{Kind: trace.OpUnmap, Addr: start, Len: size}, "engine's own memory"},
	{"unmap everything", trace.Op{Kind: trace.OpUnmap, Addr: 0, Len: 1<<47 - page}, "engine's own memory"},
	{"unmap from it to the end of all addresses", trace.Op{Kind: trace.OpUnmap, Addr: start, Len: 1<<64 - start}, ""},
	{"unmap with a length that wraps", trace.Op{Kind: trace.OpUnmap, Addr: start, Len: 1<<64 - start + page}, ""},
	{"protect its code", trace.Op{Kind: trace.OpProtect, Addr: start, Len: page, Prot: 7}, "engine's own memory"},
	{"protect its data", trace.Op{Kind: trace.OpProtect, Addr: tracee.Data, Len: page}, "engine's own memory"},
	{"move it away", trace.Op{Kind: trace.OpRemap, Addr: start, Len: size, NewAddr: 0x20000000, NewLen: size}, "engine's own memory"},
	{"move something into it", trace.Op{Kind: trace.OpRemap, Addr: 0x20000000, Len: page, NewAddr: start, NewLen: page}, "engine's own memory"},
	{"move something around it", trace.Op{Kind: trace.OpRemap, Addr: 0x20000000, Len: page, NewAddr: start - page, NewLen: 3 * size}, "engine's own memory"},
	{"move something round into it", trace.Op{Kind: trace.OpRemap, Addr: 0x20000000, Len: page, NewAddr: start + page, NewLen: 1<<64 - page}, ""},
	{"discard its content", trace.Op{Kind: trace.OpAdvise, Addr: tracee.Data, Len: page, Flags: unix.MADV_DONTNEED}, "engine's own memory"},
	{"keep it from forks", trace.Op{Kind: trace.OpAdvise, Addr: start, Len: size, Flags: unix.MADV_DONTFORK}, "engine's own memory"},

	{"map an unknown object", trace.Op{Kind: trace.OpMap, Addr: 0x20000000, Len: page, Prot: 3, Flags: unix.MAP_SHARED, Object: 77}, "object 77 does not exist"},
	{"resize an unknown object", trace.Op{Kind: trace.OpResize, Object: 77, Len: page}, "object 77 does not exist"},
	{"store to an unknown object", trace.Op{Kind: trace.OpStore, Object: 77, Data: []byte{1}}, "object 77 does not exist"},
	{"store to object 0", trace.Op{Kind: trace.OpStore, Data: []byte{1}}, "object 0 does not exist"},
	{"map an unknown blob", trace.Op{Kind: trace.OpMap, Addr: 0x20000000, Len: page, Prot: 1, Flags: private, Blob: trace.Hash{1, 2, 3}}, "is missing"},
	{"make an object of an unknown blob", trace.Op{Kind: trace.OpObject, Object: 9, Len: page, Blob: trace.Hash{1, 2, 3}}, "is missing"},
	{"make an object of impossible size", trace.Op{Kind: trace.OpObject, Object: 9, Len: 1 << 63}, ""},
	{"unmap no page", trace.Op{Kind: trace.OpUnmap, Addr: 0x20000001, Len: page}, ""},
	{"protect what is not mapped", trace.Op{Kind: trace.OpProtect, Addr: 0x20000000, Len: page, Prot: 1}, ""},
	{"move what is not mapped", trace.Op{Kind: trace.OpRemap, Addr: 0x20000000, Len: page, NewAddr: 0x30000000, NewLen: page}, ""},
	{"map in the kernel's half", trace.Op{Kind: trace.OpMap, Addr: 1 << 63, Len: page, Prot: 3, Flags: private}, ""},
	{"give unknown advice", trace.Op{Kind: trace.OpAdvise, Addr: 0x20000000, Len: page, Flags: 9999}, ""},
}

func TestHostileOps(t *testing.T) {
	for _, tt := range hostileOps {
		t.Run(tt.what, func(t *testing.T) {
			s := newScene(t)
			const at = 3 // early, and not the exec
			s.events[at].Ops = append(s.events[at].Ops, tt.op)
			done, err := replay(t, s.save(t), replayer.Options{})
			if err == nil {
				t.Fatal("it is accepted")
			}
			msg := err.Error()
			for _, want := range []string{"replaying event 3", s.events[at].Kind.String(), trace.OpNames[tt.op.Kind], tt.says} {
				if !strings.Contains(msg, want) {
					t.Errorf("the message %q does not say %q", msg, want)
				}
			}
			if done != at {
				t.Errorf("%d events are said to agree, want %d", done, at)
			}
		})
	}
}

func TestHostileWrites(t *testing.T) {
	tests := []struct {
		what  string
		write trace.Write
		says  string
	}{
		{"into the engine's code", trace.Write{Addr: start + 0x200, Data: []byte{0x90, 0x90}}, "engine's own memory"},
		{"over all of the engine's code", trace.Write{Addr: start, Data: make([]byte, page)}, "engine's own memory"},
		{"into the engine's data", trace.Write{Addr: tracee.Data + 8, Data: []byte{1}}, "engine's own memory"},
		{"of the engine's last byte", trace.Write{Addr: end - 1, Data: []byte{1, 2}}, "engine's own memory"},
		{"up into the engine's area", trace.Write{Addr: start - page, Data: make([]byte, page+1)}, "engine's own memory"},
		{"to an unknown space", trace.Write{Space: 77, Addr: start, Data: []byte{1}}, "space 77"},
		{"of an unknown blob", trace.Write{Addr: 0x20000000, Blob: trace.Hash{1}}, "is missing"},
		{"to memory that is not there", trace.Write{Addr: 0x20000000, Data: []byte{1}}, "0x20000000"},
		{"to the kernel's memory", trace.Write{Addr: 1 << 63, Data: []byte{1}}, ""},
		{"to the last byte there is", trace.Write{Addr: ^uint64(0), Data: []byte{1, 2}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			s := newScene(t)
			const at = 3
			s.events[at].Writes = append(s.events[at].Writes, tt.write)
			_, err := replay(t, s.save(t), replayer.Options{})
			if err == nil || !strings.Contains(err.Error(), "replaying event 3") || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("the error is %v, want one that says event 3 and %s", err, tt.says)
			}
		})
	}
}

// What the order of events promises may be broken too.
func TestHostileEvents(t *testing.T) {
	tests := []struct {
		what string
		do   func(*testing.T, *scene)
		says string
	}{
		{"no program at the start", func(t *testing.T, s *scene) { s.drop(0) }, "does not exist"},
		{"a thread before all programs", func(t *testing.T, s *scene) {
			at := s.find(t, "thread", func(e *trace.Event) bool { return e.Kind == trace.Thread })
			s.events = slices.Insert(s.events, 0, clone(&s.events[at]))
		}, "does not exist"},
		{"an end before all programs", func(t *testing.T, s *scene) {
			s.events = slices.Insert(s.events, 0, clone(&s.events[len(s.events)-1]))
		}, "does not exist"},
		{"an exit of an unknown thread", func(t *testing.T, s *scene) { s.events[len(s.events)-1].TID = 1 << 30 }, "does not exist"},
		{"a program without memory", func(t *testing.T, s *scene) { s.events[0].Ops, s.events[0].Writes = nil, nil }, ""},
		{"code that is not there", func(t *testing.T, s *scene) { s.events[0].After.Rip = 0x5000 }, "pc 0x5000"},
		{"an address that is none", func(t *testing.T, s *scene) { s.events[0].After.Rip = 1 << 60 }, "pc 0x1000000000000000"},
		{"a thread in the engine's gadget", func(t *testing.T, s *scene) { s.events[0].After.Rip = start + 0x200 }, fmt.Sprintf("pc %#x", start+0x202)},
		{"a code segment of the kernel", func(t *testing.T, s *scene) { s.events[0].After.Cs = 0x10 }, ""},
		{"32-bit code", func(t *testing.T, s *scene) { s.events[0].After.Cs = 0x23 }, ""},
		{"a thread base that is no address", func(t *testing.T, s *scene) { s.events[0].After.FsBase = 1 << 60 }, ""},
		{"a vector state that cannot be loaded", func(t *testing.T, s *scene) {
			for i := 512; i < 576; i++ {
				s.events[0].XState[i] = 0xff
			}
		}, "vector state"},
		{"a shared object made twice", func(t *testing.T, s *scene) {
			for range 2 {
				s.events[3].Ops = append(s.events[3].Ops, trace.Op{Kind: trace.OpObject, Object: 9, Len: 4096})
			}
		}, "object 9 exists already"},
		{"a thread under the name of another", func(t *testing.T, s *scene) {
			at := s.find(t, "thread", func(e *trace.Event) bool { return e.Kind == trace.Thread && !e.Thread.Fork })
			s.events[at].TID = s.manifest.TID
		}, "exists already"},
		{"a thread without a description", func(t *testing.T, s *scene) {
			s.events[s.find(t, "thread", func(e *trace.Event) bool { return e.Kind == trace.Thread })].Thread = nil
		}, "description"},
		{"a program without a description", func(t *testing.T, s *scene) { s.events[0].Thread = nil }, "description"},
		{"an end without a description", func(t *testing.T, s *scene) { s.events[len(s.events)-1].Exit = nil }, "description"},
		{"a signal without a description", func(t *testing.T, s *scene) {
			s.events[s.find(t, "signal", func(e *trace.Event) bool { return e.Kind == trace.Signal })].Signal = nil
		}, "description"},
		{"two programs in one space", func(t *testing.T, s *scene) {
			second := clone(&s.events[0])
			second.TID, second.Thread.Parent, second.Thread.PID = 7, 7, 7
			s.events = slices.Insert(s.events, 1, second)
		}, "exists already"},
		{"a fork into a space that is there", func(t *testing.T, s *scene) {
			s.events[s.find(t, "fork", func(e *trace.Event) bool { return e.Kind == trace.Thread && e.Thread.Fork })].Thread.Space = 1
		}, "exists already"},
		{"a preemption without evidence", func(t *testing.T, s *scene) {
			s.events[3].Kind, s.events[3].Evidence = trace.Preempt, nil
		}, "description"},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			s := newScene(t)
			tt.do(t, s)
			_, err := replay(t, s.save(t), replayer.Options{})
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("the error is %v, want one that says %q", err, tt.says)
			}
		})
	}
}

// A vector state that is cut short, or too long, is no reason to crash.
func TestVectorStateOfAnyLength(t *testing.T) {
	for _, n := range []int{0, 1, 511, 512, 576, 577, 1 << 16} {
		s := newScene(t)
		at := s.call(t, unix.SYS_RT_SIGRETURN)
		x := make([]byte, n)
		copy(x, s.events[at].XState)
		s.events[at].XState = x
		_, err := replay(t, s.save(t), replayer.Options{})
		var d *replayer.Divergence
		if err != nil && !errors.As(err, &d) && !strings.Contains(err.Error(), "vector state") {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}
