package adapter

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	godap "github.com/google/go-dap"

	"stepback/dap"
	"stepback/replayer"
	"stepback/replayer/output"
)

// doLaunch answers launch, when the program was started or the recording found.
func doLaunch(s *session, c *dap.Call) {
	a, err := parseLaunch(c.Raw(), s.config)
	if err != nil {
		c.Fail(err)
		return
	}
	s.launch = a
	s.begins(c.Fail, func() {
		c.Succeed(nil)
		s.conn.Send("initialized", nil)
	})
}

// begins starts the program or finds the recording, and calls failed or begun.
func (s *session) begins(failed func(error), begun func()) {
	if s.launch.Mode == "replay" {
		if err := s.find(s.launch.Recording); err != nil {
			failed(cannotLaunch(err))
			return
		}
		s.state = opening
		begun()
		s.open()
		return
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	s.state, s.starting = recording, cancel
	go func() {
		p, place, err := s.start(ctx)
		s.post(func() {
			s.starting = nil
			cancel(nil)
			if err != nil {
				s.state = ready
				failed(cannotLaunch(err))
				return
			}
			s.program, s.place = p, place
			if s.launch.Recording == "" && !s.launch.KeepRecording {
				s.discard = place
			}
			begun()
			s.conn.Send("process", godap.ProcessEventBody{
				Name: s.launch.Program, SystemProcessId: p.pid, IsLocalProcess: true, StartMethod: "launch", PointerSize: 64,
			})
			go func() {
				<-p.ended
				s.post(s.recorded)
			}()
		})
	}()
}

// find makes sure that there is a recording that can be replayed here.
func (s *session) find(name string) error {
	rec, err := s.config.OpenRecording(name)
	if err != nil {
		return fmt.Errorf("cannot open the recording: %w", err)
	}
	defer rec.Close()
	if err := replayer.CheckCPU(rec.Manifest()); err != nil {
		return fmt.Errorf("cannot replay %s here: %w", name, err)
	}
	s.place = rec.Dir()
	return nil
}

// start starts the program.
func (s *session) start(ctx context.Context) (p *recordedProgram, place string, err error) {
	a := s.launch
	name := a.Program
	if a.Cwd != "" && !filepath.IsAbs(name) && filepath.Base(name) != name {
		name = filepath.Join(a.Cwd, name)
	}
	path, err := s.config.FindProgram(name)
	if err != nil {
		return nil, "", err
	}
	if place, err = s.config.Reserve(a.Recording, path); err != nil {
		return nil, "", err
	}
	if a.Console == "integratedTerminal" {
		p, err = s.startInTerminal(ctx, path, place)
	} else {
		p, err = startProgram(s.config, s.conn, path, place, a)
	}
	if err != nil {
		s.config.Discard(place)
		return nil, "", fmt.Errorf("%s", s.config.ExplainLaunch(err))
	}
	return p, place, nil
}

// recorded is called when the program has ended.
func (s *session) recorded() {
	p := s.program
	console(s.conn, "%s", p.summary)
	switch {
	case p.err != nil:
		console(s.conn, "the recording stopped: %v; what was recorded until then is there", p.err)
	case p.stopped:
		console(s.conn, "the recording was stopped, and the program with it; its history up to there is there")
	}
	if s.state == recording {
		s.state = opening
		s.open()
	}
}

// open opens the recording when the client has set its breakpoints.
func (s *session) open() {
	if s.state != opening || !s.configured || s.job != nil {
		return
	}
	s.begin(&job{moves: true, run: func(ctx context.Context) (any, *stop, error) {
		if err := s.openTarget(ctx); err != nil {
			return nil, nil, err
		}
		return nil, s.moved(ctx, s.toStart), nil
	}})
}

// openTarget opens the recording for travel.
func (s *session) openTarget(ctx context.Context) error {
	rec, err := s.config.OpenRecording(s.place)
	if err != nil {
		return err
	}
	reading, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	defer context.AfterFunc(ctx, func() {
		if cause := context.Cause(ctx); cause != errPaused { // who pauses wants to look at it soon
			cancel(cause)
		}
	})()
	h, err := readHistory(reading, rec)
	if err != nil {
		rec.Close()
		return err
	}
	replays := s.program == nil
	s.printed = newPrinted(func(to output.Stream, content []byte, at replayer.Time) {
		if !replays {
			return // it was shown while it was recorded
		}
		sayAt(s.conn, categories[to], validText(content), at)
	})
	o := replayer.TravelOptions{
		Options:      replayer.Options{SyscallName: s.config.SyscallName},
		MaxSnapshots: *s.launch.MaxSnapshots, PressureThreshold: *s.launch.MemoryPressureThreshold,
	}
	t, err := openRecorded(rec, h, o, s.printed.observe)
	if err != nil {
		rec.Close()
		return err
	}
	s.target = t
	s.level = newSourceLevel(s.launch.SourceMap)
	t.files.DebugDirs = append(slices.Clone(s.launch.DebugInfoPaths), t.files.DebugDirs...)
	s.resolveAll()
	return nil
}

// toStart goes to where the user wants to begin.
func (s *session) toStart(ctx context.Context) (*stop, error) {
	switch s.launch.StartAt {
	case startAtEntry:
		return &stop{reason: "entry", description: "Start of history"}, nil
	case startAtEnd:
		return s.atEnd(ctx, true)
	}
	return s.runOn(ctx, forward)
}
