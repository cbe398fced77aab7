package main

import (
	"fmt"
	"io"

	"stepback/recorder/syscalls"
	"stepback/recorder/trace"
)

// summary is what a pass through the log finds out.
type summary struct {
	kinds     map[string]uint64
	refused   map[string]uint64 // calls that were answered with an error, by name
	threads   uint64
	processes []*processInfo // in the order in which they began
	roots     []*processInfo // those that no recorded process started

	current map[int]*processInfo // the process of each thread id that is in use
}

// processInfo is a process of a recording.
type processInfo struct {
	PID      int      `json:"pid"`
	Parent   int      `json:"parent"`   // 0 for the first
	Programs []string `json:"programs"` // that of the parent at the fork, and those it changed to
	Threads  int      `json:"threads"`  // that it ever had
	Ended    bool     `json:"ended"`
	Code     *int     `json:"exitCode,omitempty"`
	Signal   string   `json:"signal,omitempty"`

	status   uint32
	children []*processInfo
}

// program is what the process runs, as far as the summary got.
func (p *processInfo) program() string {
	if len(p.Programs) == 0 {
		return "?"
	}
	return p.Programs[len(p.Programs)-1]
}

// summarize passes through the log. With an error, which means damage, it
// returns what lies before.
func summarize(rec *trace.Recording, progress func(done uint64)) (*summary, error) {
	s := &summary{kinds: map[string]uint64{}, refused: map[string]uint64{}, current: map[int]*processInfo{}}
	cursor, err := rec.Events(0)
	if err != nil {
		return s, err
	}
	var kinds [len(trace.KindNames)]uint64
	defer func() {
		for k, n := range kinds {
			if n > 0 {
				s.kinds[trace.KindNames[k]] = n
			}
		}
	}()
	var e trace.Event
	for {
		if err := cursor.Next(&e); err == io.EOF {
			return s, nil
		} else if err != nil {
			return s, err
		}
		if int(e.Kind) < len(kinds) {
			kinds[e.Kind]++
		}
		s.add(&e)
		if n := cursor.Number(); n%4096 == 0 {
			progress(n)
		}
	}
}

// add takes an event into account.
func (s *summary) add(e *trace.Event) {
	if e.Refused {
		if name := refusedName(e); name != "" {
			s.refused[name]++
		}
	}
	switch {
	case e.Kind == trace.Thread && e.Thread != nil:
		s.thread(e.TID, e.Thread)
	case e.Kind == trace.Exec && e.Thread != nil:
		p := s.current[e.TID]
		if p == nil {
			p = s.thread(e.TID, &trace.ThreadInfo{PID: e.Thread.PID})
		}
		if e.Thread.Parent != e.TID {
			delete(s.current, e.Thread.Parent) // the calling thread takes the id of its process
		}
		p.Programs = append(p.Programs, e.Thread.Name)
		p.Ended, p.Code, p.Signal = false, nil, "" // its first thread may have ended before
	case e.Kind == trace.Exit && e.Exit != nil:
		s.exit(e.TID, e.Exit)
	}
}

// thread adds a thread, and its process when it is the first of it.
func (s *summary) thread(tid int, i *trace.ThreadInfo) *processInfo {
	s.threads++
	p := s.current[i.PID]
	if tid == i.PID || p == nil {
		p = &processInfo{PID: i.PID, Programs: []string{}}
		s.processes = append(s.processes, p)
		if parent := s.current[i.Parent]; parent != nil {
			p.Parent = parent.PID
			p.Programs = append(p.Programs, parent.program())
			parent.children = append(parent.children, p)
		} else {
			s.roots = append(s.roots, p)
		}
	}
	p.Threads++
	s.current[tid] = p
	return p
}

func (s *summary) exit(tid int, i *trace.ExitInfo) {
	p := s.current[tid]
	if p == nil {
		return
	}
	if tid == p.PID {
		p.status = i.Status
		p.Code, p.Signal = statusParts(i.Status)
	}
	p.Ended = i.Last
}

// refusedName names the call that was answered with an error, "" when that is
// no news.
func refusedName(e *trace.Event) string {
	return syscalls.Lookup(e.Before.OrigRax).Refusal(nil, e.Before.Args())
}

// end says how the process ended.
func (p *processInfo) end() string {
	if !p.Ended {
		return "its end is not in the recording"
	}
	return statusText(p.status)
}

// treeLines shows the processes as a tree, at most limit of them.
func (s *summary) treeLines(limit int) []string {
	var lines []string
	var show func(p *processInfo, indent string)
	show = func(p *processInfo, indent string) {
		if len(lines) >= limit {
			return
		}
		threads := ""
		if p.Threads != 1 {
			threads = fmt.Sprintf(", %d threads", p.Threads)
		}
		lines = append(lines, fmt.Sprintf("%s%d %s%s: %s", indent, p.PID, programNames(p.Programs), threads, p.end()))
		for _, c := range p.children {
			show(c, indent+"  ")
		}
	}
	for _, p := range s.roots {
		show(p, "")
	}
	if more := len(s.processes) - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("… %d more; --full shows all", more))
	}
	return lines
}
