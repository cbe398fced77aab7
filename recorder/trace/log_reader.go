package trace

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"
)

// logReader is an events.log opened for reading. It does not change after
// readLog, except that Cursors read its file.
type logReader struct {
	file    *os.File
	version int
	size    int64 // when it was opened
	frames  []frameRef
	end     int64 // of the last frame of events
	events  uint64
	elapsed time.Duration
	footer  *Footer      // nil when incomplete
	damage  *DamageError // nil, or why the log ends where it ends
}

// readLog finds the frames of a log: by its index, or by going through it.
func readLog(f *os.File) (*logReader, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	l := &logReader{file: f, size: st.Size()}
	header, err := l.read(0, logHeaderSize, nil)
	if err != nil {
		return nil, err
	}
	if l.version, err = checkLogHeader(f.Name(), header); err != nil {
		return nil, err
	}
	ok, err := l.readIndex()
	if err == nil && !ok {
		err = l.scan()
		if l.footer != nil && l.damage == nil {
			// All events are there, but a complete recording has an index.
			l.damage = l.damaged(l.end, "the index behind the last event cannot be read")
		}
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}

// read reads n bytes at an offset into buf, or as many as there are.
func (l *logReader) read(offset int64, n int, buf []byte) ([]byte, error) {
	if cap(buf) < n {
		buf = make([]byte, n)
	}
	n, err := l.file.ReadAt(buf[:n], offset)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("cannot read %s: %w", l.file.Name(), err)
	}
	return buf[:n], nil
}

// damaged is the error for damage at an offset.
func (l *logReader) damaged(offset int64, what string) *DamageError {
	return &DamageError{File: l.file.Name(), Offset: offset, What: what}
}

// header reads the header of the frame at offset, which must lie in the log
// with all of its payload. The error may be a *DamageError.
func (l *logReader) header(offset int64) (frameHeader, error) {
	b, err := l.read(offset, frameHeaderSize, nil)
	if err != nil {
		return frameHeader{}, err
	}
	h, what := parseFrameHeader(b)
	if what != "" {
		return h, l.damaged(offset, what)
	}
	if have := l.size - offset - frameHeaderSize; have < int64(h.packed) {
		return h, l.damaged(offset, fmt.Sprintf("a frame is cut short: %d of %d bytes are there", have+frameHeaderSize, frameHeaderSize+int64(h.packed)))
	}
	return h, nil
}

// content reads the payload of the frame at offset, whose header is h, and
// decompresses it.
func (l *logReader) content(offset int64, h frameHeader) ([]byte, error) {
	payload, err := l.read(offset+frameHeaderSize, int(h.packed), nil)
	if err != nil {
		return nil, err
	}
	d := newDecompressor()
	defer d.Close()
	raw, what := openFrame(d, h, payload, nil)
	if what != "" {
		return nil, l.damaged(offset, what)
	}
	return raw, nil
}

// readIndex takes the frames from the index and reads the footer. It reports
// false when anything about them is not right.
func (l *logReader) readIndex() (ok bool, err error) {
	if l.size < logHeaderSize+trailerSize {
		return false, nil
	}
	b, err := l.read(l.size-trailerSize, trailerSize, nil)
	if err != nil {
		return false, err
	}
	t, ok := parseTrailer(b)
	if !ok || t.footer > l.size {
		return false, nil
	}
	index, err := l.header(t.index)
	if err != nil || index.kind != indexFrame {
		return false, unlessDamage(err)
	}
	raw, err := l.content(t.index, index)
	if err != nil {
		return false, unlessDamage(err)
	}
	frames, ok := decodeIndex(raw, t.index, index.first)
	if !ok {
		return false, nil
	}
	footer, err := l.header(t.footer)
	if err != nil {
		return false, unlessDamage(err)
	}
	if err := l.readFooter(t.footer, footer, index.first); err != nil {
		return false, unlessDamage(err)
	}
	l.frames, l.end, l.events = frames, t.index, index.first
	return true, nil
}

// unlessDamage is err, but nil for damage.
func unlessDamage(err error) error {
	if _, ok := err.(*DamageError); ok {
		return nil
	}
	return err
}

// readFooter reads the footer frame at offset; events is what it must say.
func (l *logReader) readFooter(offset int64, h frameHeader, events uint64) error {
	if h.kind != footerFrame {
		return l.damaged(offset, "no footer is where it should be")
	}
	raw, err := l.content(offset, h)
	if err != nil {
		return err
	}
	f := new(Footer)
	if err := json.Unmarshal(raw, f); err != nil {
		return l.damaged(offset, "the footer cannot be decoded: "+err.Error())
	}
	if f.Events != events || h.first != events {
		return l.damaged(offset, fmt.Sprintf("the footer speaks of %d events, but there are %d", f.Events, events))
	}
	l.footer, l.elapsed = f, f.Elapsed
	return nil
}
