package recorder

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// canTrapCPUID tries in the stub whether cpuid can be trapped.
func (r *recorder) canTrapCPUID(first tracee.Stopped) (bool, error) {
	rc, err := r.s.Remote(first, func(tracee.SigInfo) {})
	if err != nil {
		return false, err
	}
	_, err = rc.Call(unix.SYS_ARCH_PRCTL, tracee.ArchSetCPUID, 0)
	var errno unix.Errno
	if errors.As(err, &errno) {
		return false, nil
	}
	return err == nil, err
}

// launch turns the stub into the program: it installs the filter and makes
// the stub call execve.
func (r *recorder) launch(first tracee.Stopped) error {
	rc, err := r.s.Remote(first, func(i tracee.SigInfo) {})
	if err != nil {
		return err
	}
	if err := rc.MapArea(false); err != nil {
		return err
	}
	if err := rc.FilterRecord(); err != nil {
		return err
	}
	// The parent-death signal only guarded the stub.
	if _, err := rc.Call(unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, 0); err != nil {
		return fmt.Errorf("clearing the parent-death signal: %w", err)
	}
	image, path, argv, envp := execImage(r.cfg.Path, r.cfg.Args, r.cfg.Env)
	at, err := rc.Call(unix.SYS_MMAP, 0, memmap.PageUp(uint64(len(image))), unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS, ^uint64(0), 0)
	if err != nil {
		return fmt.Errorf("passing the program's arguments: %w", err)
	}
	image, path, argv, envp = relocateImage(image, path, argv, envp, at)
	if err := first.WriteMem(at, image); err != nil {
		return err
	}
	_, err = rc.Call(unix.SYS_EXECVE, path, argv, envp)
	var errno unix.Errno
	switch {
	case errors.As(err, &errno):
		unix.Kill(first.TID(), unix.SIGKILL)
		return &LaunchError{r.cfg.Path, errno}
	case !errors.Is(err, tracee.ErrReplaced):
		if err == nil {
			err = errors.New("execve returned")
		}
		return err
	}
	r.root = r.addProcess(first.TID(), newFileTable())
	t := r.addThread(first.TID(), r.root, &space{}, first)
	t.state = active
	t.call.entered = true // the stub's exec is not part of the recording
	if err := r.execed(t); err != nil {
		return err
	}
	r.enqueue(t)
	return nil
}

// execImage lays out the strings and vectors of an execve. The addresses in
// it, and those returned, are offsets.
func execImage(path string, args, env []string) (image []byte, pathAt, argv, envp uint64) {
	str := func(s string) uint64 {
		at := uint64(len(image))
		image = append(append(image, s...), 0)
		return at
	}
	pathAt = str(path)
	vector := func(list []string) []uint64 {
		var v []uint64
		for _, s := range list {
			v = append(v, str(s))
		}
		return v
	}
	a, e := vector(args), vector(env)
	for len(image)%8 != 0 {
		image = append(image, 0)
	}
	put := func(v []uint64) uint64 {
		at := uint64(len(image))
		for _, p := range v {
			image = binary.LittleEndian.AppendUint64(image, p)
		}
		image = binary.LittleEndian.AppendUint64(image, ^uint64(0)) // the end
		return at
	}
	argv = put(a)
	envp = put(e)
	return image, pathAt, argv, envp
}

// relocateImage turns the offsets of execImage into addresses.
func relocateImage(image []byte, path, argv, envp, base uint64) ([]byte, uint64, uint64, uint64) {
	for i := argv; i < uint64(len(image)); i += 8 {
		v := binary.LittleEndian.Uint64(image[i:])
		if v == ^uint64(0) {
			v = 0
		} else {
			v += base
		}
		binary.LittleEndian.PutUint64(image[i:], v)
	}
	return image, path + base, argv + base, envp + base
}

// manifest describes the recording. faulting tells whether cpuid can be trapped.
func (r *recorder) manifest(tid int, faulting bool) *trace.Manifest {
	m := &trace.Manifest{
		Version: trace.Version, Tool: r.cfg.Tool, Started: r.started,
		Program: r.cfg.Path, Args: r.cfg.Args, Env: r.cfg.Env, Dir: r.cfg.Dir, TID: tid,
		CPU: trace.ThisCPU(), Kernel: "unknown",
	}
	if m.Dir == "" {
		m.Dir, _ = os.Getwd()
	}
	m.Hostname, _ = os.Hostname()
	m.CPU.Faulting = faulting
	if !faulting {
		m.CPU.Leaves = trace.CPUIDLeaves()
	}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		m.Kernel = unix.ByteSliceToString(u.Release[:])
	}
	return m
}
