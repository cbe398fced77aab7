package replayer

import (
	"fmt"

	"stepback/recorder/trace"
)

// Divergence says where replay and recording disagree.
type Divergence struct {
	Event    uint64 `json:"event"`
	TID      int    `json:"tid"`
	Kind     string `json:"kind"`
	Syscall  string `json:"syscall,omitempty"`
	Register string `json:"register,omitempty"` // first that differs
	Recorded uint64 `json:"recorded"`
	Replayed uint64 `json:"replayed"`
	PC       uint64 `json:"pc"` // where the replayed thread is
	Message  string `json:"message"`
}

func (d *Divergence) Error() string {
	where := fmt.Sprintf("replay diverges from the recording at event %d (%s", d.Event, d.Kind)
	if d.Syscall != "" {
		where += " " + d.Syscall
	}
	return fmt.Sprintf("%s, thread %d): %s", where, d.TID, d.Message)
}

// diverge describes a difference at the event that is being replayed.
func (r *replay) diverge(e *trace.Event, format string, args ...any) *Divergence {
	d := &Divergence{Event: r.cursor.Number(), TID: e.TID, Kind: e.Kind.String(), Message: fmt.Sprintf(format, args...)}
	if r.opts.SyscallName != nil && (e.Kind == trace.Syscall || e.Kind == trace.Enter || e.Kind == trace.Return) {
		d.Syscall = r.opts.SyscallName(e.Before.OrigRax)
	}
	return d
}
