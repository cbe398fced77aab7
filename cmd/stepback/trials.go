package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
)

// trials are the doctor's experiments: what came of doing, with a process of
// our own, what recorder and replayer do. nil means that it works.
type trials struct {
	ptrace  error // start, stop, read and change a process
	pagemap error // see which of its pages are its own
	seccomp error // the recorder's filter stops at a system call
	replay  error // the replayer's filter, with every system call suppressed
	rdtsc   error
	cpuid   error
}

// trialTime is how long an experiment may take.
const trialTime = 5 * time.Second

var (
	errNoAnswer   = errors.New("no answer within " + trialTime.String())
	errNotTrapped = errors.New("the instruction is executed without a trap")
	errNotTried   = errors.New("not tried, since ptrace does not work")
)

// try makes all experiments.
func try() trials {
	t := trials{ptrace: experiment(tryPtrace)}
	if t.ptrace != nil {
		t.pagemap, t.seccomp, t.replay, t.rdtsc, t.cpuid = errNotTried, errNotTried, errNotTried, errNotTried, errNotTried
		return t
	}
	t.pagemap = experiment(tryPagemap)
	t.seccomp = experiment(trySeccomp)
	t.replay = experiment(tryReplay)
	t.rdtsc = experiment(func(s *tracee.Session, p tracee.Stopped) error {
		return tryTrap(s, p, []byte{0x0f, 0x31}, unix.SYS_PRCTL, unix.PR_SET_TSC, unix.PR_TSC_SIGSEGV)
	})
	t.cpuid = experiment(func(s *tracee.Session, p tracee.Stopped) error {
		return tryTrap(s, p, []byte{0x0f, 0xa2}, unix.SYS_ARCH_PRCTL, tracee.ArchSetCPUID, 0)
	})
	return t
}

// experiment runs f with a new process, which is gone afterwards.
func experiment(f func(*tracee.Session, tracee.Stopped) error) error {
	done := make(chan error, 1)
	go func() {
		done <- tracee.Run(func(s *tracee.Session) error {
			p, err := s.Spawn(tracee.SpawnConfig{})
			if err != nil {
				return err
			}
			err = f(s, p)
			if kerr := s.Engine(p).Kill(); err == nil && !errors.Is(kerr, tracee.ErrGone) {
				err = kerr
			}
			return err
		})
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(trialTime):
		return errNoAnswer // our end will be that of the process
	}
}

// await waits for the next stop of the process.
func await(s *tracee.Session, p tracee.Stopped) (tracee.Stop, error) {
	for start := time.Now(); time.Since(start) < trialTime; time.Sleep(time.Millisecond) {
		if stop, ok, err := s.Poll(p.TID()); ok || err != nil {
			return stop, err
		}
	}
	return tracee.Stop{}, errNoAnswer
}

// prepare maps the engine's area, as recorder and replayer do.
func prepare(s *tracee.Session, p tracee.Stopped) (*tracee.Remote, error) {
	r, err := s.Remote(p, func(tracee.SigInfo) {})
	if err != nil {
		return nil, err
	}
	return r, r.MapArea(false)
}

func tryPtrace(s *tracee.Session, p tracee.Stopped) error {
	code := make([]byte, len(tracee.CodePage()))
	if err := p.ReadMem(tracee.AreaStart, code); err != nil {
		return err
	}
	if !bytes.Equal(code, tracee.CodePage()) {
		return errors.New("the memory of a traced process reads differently from what it is")
	}
	if _, err := p.XState(nil); err != nil {
		return err
	}
	r, err := prepare(s, p)
	if err != nil {
		return err
	}
	if err := p.WriteMem(tracee.Data, []byte{1}); err != nil {
		return err
	}
	return r.Restore()
}

func tryPagemap(_ *tracee.Session, p tracee.Stopped) error {
	f, err := os.Open(fmt.Sprintf("/proc/%d/pagemap", p.TID()))
	if err != nil {
		return err
	}
	defer f.Close()
	var entry [8]byte
	_, err = f.ReadAt(entry[:], tracee.AreaStart/4096*8)
	return err
}

// trySeccomp installs the recorder's filter; the stub's next call must stop.
func trySeccomp(s *tracee.Session, p tracee.Stopped) error {
	r, err := prepare(s, p)
	if err != nil {
		return err
	}
	if err := r.FilterRecord(); err != nil {
		return err
	}
	return expectCall(s, r, p, tracee.Continue, tracee.SeccompStop)
}

// tryReplay installs the replayer's filter and suppresses two calls of the
// stub, one after the other: a call that were executed would not return, or
// be killed by the filter.
func tryReplay(s *tracee.Session, p tracee.Stopped) error {
	r, err := prepare(s, p)
	if err != nil {
		return err
	}
	if err := r.FilterReplay(); err != nil {
		return err
	}
	if err := expectCall(s, r, p, tracee.EmulateCall, tracee.SyscallStop); err != nil {
		return err
	}
	return expectCall(s, nil, p, tracee.EmulateCall, tracee.SyscallStop)
}

// expectCall resumes the stub, which must come to the stop with its call.
func expectCall(s *tracee.Session, r *tracee.Remote, p tracee.Stopped, how tracee.How, want tracee.StopKind) error {
	if r != nil {
		if err := r.Restore(); err != nil {
			return err
		}
	}
	if _, err := p.Resume(how, 0); err != nil {
		return err
	}
	stop, err := await(s, p)
	if err != nil {
		return err
	}
	if stop.Kind != want {
		return fmt.Errorf("a system call is not reported (stop %d instead of %d)", stop.Kind, want)
	}
	var regs tracee.Regs
	if err := stop.Regs(&regs); err != nil {
		return err
	}
	if regs.OrigRax != unix.SYS_PAUSE {
		return fmt.Errorf("a system call is reported as another one (%d)", int64(regs.OrigRax))
	}
	return nil
}

// tryTrap makes the process forbid itself an instruction with a system call,
// and execute it.
func tryTrap(s *tracee.Session, p tracee.Stopped, instruction []byte, nr uint64, args ...uint64) error {
	r, err := prepare(s, p)
	if err != nil {
		return err
	}
	if _, err := r.Call(nr, args...); err != nil {
		return err
	}
	if err := p.WriteMem(tracee.Data, append(instruction, 0xcc)); err != nil { // int3
		return err
	}
	if _, err := r.Call(unix.SYS_MPROTECT, tracee.Data, 4096, unix.PROT_READ|unix.PROT_EXEC); err != nil {
		return err
	}
	regs := *r.Saved()
	regs.Rip, regs.OrigRax = tracee.Data, noCall
	if err := p.SetRegs(&regs); err != nil {
		return err
	}
	if _, err := p.Resume(tracee.Continue, 0); err != nil {
		return err
	}
	stop, err := await(s, p)
	switch {
	case err != nil:
		return err
	case stop.Kind == tracee.SignalStop && stop.Signal == unix.SIGSEGV:
		return nil
	case stop.Kind == tracee.SignalStop && stop.Signal == unix.SIGTRAP:
		return errNotTrapped
	}
	return fmt.Errorf("unexpected stop %d", stop.Kind)
}
