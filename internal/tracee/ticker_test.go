package tracee

import (
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A session that waits for a thread that reports nothing is woken, and can
// interrupt it; without ticks it waits on.
func TestTicker(t *testing.T) {
	withStub(t, func(s *Session, stub Stopped) error {
		ticker, err := s.NewTicker()
		if err != nil {
			return err
		}
		defer ticker.Close()
		ticker.Set(time.Millisecond)
		for range 3 {
			running, err := stub.Resume(Continue, 0)
			if err != nil {
				return err
			}
			if stop, ticked, err := s.WaitOrTick(stub.TID()); !ticked || err != nil {
				t.Errorf("stop %d, ticked %v, %v; want a tick", stop.Kind, ticked, err)
			}
			if err := running.Interrupt(); err != nil {
				return err
			}
			// Ticks do not end Wait.
			if stop, err := s.Wait(stub.TID()); err != nil || stop.Kind != TrapStop {
				t.Errorf("stop %d, %v; want TrapStop", stop.Kind, err)
			}
		}
		ticker.Set(0)
		if _, err := stub.Resume(Continue, 0); err != nil {
			return err
		}
		end := time.AfterFunc(20*time.Millisecond, func() { unix.Kill(stub.TID(), unix.SIGKILL) })
		defer end.Stop()
		if stop, ticked, err := s.WaitOrTick(stub.TID()); ticked || err != nil || stop.Kind != ExitingStop && stop.Kind != Exited {
			t.Errorf("stop %d, ticked %v, %v; want the thread's end", stop.Kind, ticked, err)
		}
		return nil
	})
}

func TestSigMask(t *testing.T) {
	withStub(t, func(_ *Session, stub Stopped) error {
		const want = 1<<(unix.SIGUSR1-1) | 1<<(unix.SIGTRAP-1)
		if err := stub.SetSigMask(want | 1<<(unix.SIGSTOP-1)); err != nil {
			return err
		}
		got, err := stub.SigMask()
		if got != want {
			t.Errorf("the mask is %#x, want %#x: SIGSTOP cannot be blocked", got, want)
		}
		return err
	})
}

// Pages that are not there are left out, wherever they stand in the list.
func TestReadPages(t *testing.T) {
	const page, gone, first, last = 4096, AreaEnd, Data, AreaEnd - 4096
	withStub(t, func(_ *Session, stub Stopped) error {
		for i, a := range []uint64{first, last} {
			if err := stub.WriteMem(a+100, []byte{byte(i + 1)}); err != nil {
				return err
			}
		}
		for _, tt := range []struct{ addrs, want []uint64 }{
			{nil, nil},
			{[]uint64{first}, []uint64{first}},
			{[]uint64{gone}, nil},
			{[]uint64{gone, first, gone, gone + page, last, gone}, []uint64{first, last}},
			{[]uint64{last, first, gone}, []uint64{last, first}},
		} {
			p := make([]byte, page*len(tt.addrs))
			got := stub.ReadPages(slices.Clone(tt.addrs), p)
			if !slices.Equal(got, tt.want) {
				t.Errorf("of %#x, %#x could be read, want %#x", tt.addrs, got, tt.want)
			}
			for i, a := range got {
				if want := map[uint64]byte{first: 1, last: 2}[a]; p[i*page+100] != want {
					t.Errorf("of %#x, page %d has %d, want %d", tt.addrs, i, p[i*page+100], want)
				}
			}
		}
		many := make([]uint64, 1500)
		for i := range many {
			many[i] = first
		}
		many[700] = gone
		if got := stub.ReadPages(many, make([]byte, page*len(many))); len(got) != len(many)-1 {
			t.Errorf("%d pages of %d were read", len(got), len(many)-1)
		}
		return nil
	})
}
