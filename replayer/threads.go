package replayer

import (
	"errors"
	"fmt"

	"stepback/recorder/trace"
)

// newThread replays the beginning of a thread or process.
func (r *replay) newThread(e *trace.Event) error {
	parent := r.threads[e.Thread.Parent]
	if parent == nil {
		return r.diverge(e, "its parent, thread %d, does not exist", e.Thread.Parent)
	}
	k := parent.task
	if e.Thread.Fork {
		// The engine's registers stay in the copy: nothing is loaded there.
		var err error
		if k, err = r.factory.fork(parent.task, e.Thread.Space); err != nil {
			return err
		}
		if err := r.addTask(k); err != nil {
			return err
		}
		r.executor.forked(parent.task, k)
		if err := r.leaveBehind(k); err != nil {
			return err
		}
	}
	r.observe(e, e.Thread.PID, parent.task)
	if err := r.apply(e, parent.task); err != nil {
		return err
	}
	return r.begin(e, k)
}

// addTask takes a new task for its address space, or ends it if there is one.
func (r *replay) addTask(k *task) error {
	if r.tasks[k.space] != nil {
		return errors.Join(fmt.Errorf("address space %d exists already", k.space), r.factory.kill(k))
	}
	r.tasks[k.space] = k
	return nil
}

// begin adds the thread of the event, in task k.
func (r *replay) begin(e *trace.Event, k *task) error {
	if r.threads[e.TID] != nil {
		return fmt.Errorf("thread %d exists already", e.TID)
	}
	t := &thread{tid: e.TID, pid: e.Thread.PID, task: k, regs: e.After}
	r.threads[t.tid] = t
	k.threads++
	return r.in.set(t, e.XState)
}

// exec replays that a thread got a new program.
func (r *replay) exec(e *trace.Event) error {
	k, err := r.factory.fork(r.factory.template, e.Thread.Space)
	if err != nil {
		return err
	}
	if err := r.addTask(k); err != nil {
		return err
	}
	r.observe(e, e.Thread.PID, k)
	// The event may also write to the space that is left, if others use it.
	if err := r.apply(e, k); err != nil {
		return err
	}
	if old := r.threads[e.Thread.Parent]; old != nil {
		if err := r.remove(old); err != nil {
			return err
		}
	}
	return r.begin(e, k)
}

// remove forgets a thread, and its task with the last one.
func (r *replay) remove(t *thread) error {
	k := t.task
	delete(r.threads, t.tid)
	r.in.forget(t)
	k.threads--
	if k.threads > 0 {
		return nil
	}
	delete(r.tasks, k.space)
	r.executor.forget(k)
	return r.factory.kill(k)
}
