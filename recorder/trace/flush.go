package trace

import "time"

// flush is the Writer's goroutine: it compresses and writes the queued frames,
// cuts a frame that fills too slowly, and reports the first error. It ends
// when the Writer is closed and the queue is empty.
//
// After an error it goes on to empty the queue, so that Append never waits
// forever.
func (w *Writer) flush() {
	defer close(w.done)
	tick := time.NewTicker(flushInterval)
	defer tick.Stop()
	for {
		select {
		case <-w.wake:
		case <-tick.C:
			w.cutSlowFrame()
		}
		for {
			f, ok := w.nextFrame()
			if !ok {
				break
			}
			w.writeFrame(f)
			w.recycle(f)
		}
		w.reportError()
		if w.finished() {
			return
		}
	}
}

// cutSlowFrame cuts the frame that is being filled, so that no event waits
// longer than flushInterval. With a full queue it need not: the disk is the
// bottleneck, and the frame could not be written sooner.
func (w *Writer) cutSlowFrame() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.filling.count > 0 && len(w.queue) < maxQueue {
		w.cutLocked()
	}
}

// nextFrame takes the first frame of the queue.
func (w *Writer) nextFrame() (f pendingFrame, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		return f, false
	}
	f = w.queue[0]
	n := copy(w.queue, w.queue[1:])
	w.queue[n] = pendingFrame{}
	w.queue = w.queue[:n]
	w.room.Broadcast()
	return f, true
}

// writeFrame writes a frame. The log drops it when one before is missing; an
// error elsewhere, of a blob, is no reason to lose the events before it.
func (w *Writer) writeFrame(f pendingFrame) {
	n, err := w.log.write(f)
	if err != nil {
		w.fail(err)
	}
	w.size.Add(n)
}

// recycle keeps the buffer of a frame for reuse, unless it is unusually large.
func (w *Writer) recycle(f pendingFrame) {
	if cap(f.raw) > 4*bufferSize {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.spare = append(w.spare, f.raw[:0])
}

// reportError calls the function of OnError when there is an error.
func (w *Writer) reportError() {
	err := w.Err()
	if err == nil {
		return
	}
	w.mu.Lock()
	f := w.onError
	w.onError = nil
	w.mu.Unlock()
	if f != nil {
		f(err)
	}
}

// finished reports whether nothing will be queued any more.
func (w *Writer) finished() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed && len(w.queue) == 0
}
