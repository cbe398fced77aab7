package trace

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

// logWriter writes an events.log. Every frame is one write at its end, so
// that the log is whole after each, and a frame that the disk had no room for
// is cut off again.
type logWriter struct {
	file       *os.File
	size       int64 // of all that was written as a whole
	frames     []frameRef
	broken     bool // a write failed; what would follow is not written
	compressor *zstd.Encoder
	out        []byte // buffer
}

// create makes the file and writes its header.
func (l *logWriter) create(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s %w", filepath.Dir(name), ErrExists)
	}
	if err != nil {
		return err
	}
	l.file = f
	if _, err := l.append(encodeLogHeader()); err != nil {
		l.remove()
		return err
	}
	l.compressor = newCompressor()
	return nil
}

// remove undoes create.
func (l *logWriter) remove() {
	l.file.Close()
	os.Remove(l.file.Name())
}

// append writes b at the end of the log, as a whole or not at all. It returns
// by how much the log grew.
func (l *logWriter) append(b []byte) (int64, error) {
	if l.broken {
		return 0, nil
	}
	if _, err := l.file.WriteAt(b, l.size); err != nil {
		l.broken = true
		// If this fails too, readers find the torn frame.
		_ = l.file.Truncate(l.size)
		return 0, err
	}
	l.size += int64(len(b))
	return int64(len(b)), nil
}

// write writes a frame of events.
func (l *logWriter) write(f pendingFrame) (int64, error) {
	h := frameHeader{kind: eventFrame, first: f.first, count: f.count, elapsed: f.elapsed}
	l.out = appendFrame(l.out[:0], l.compressor, h, f.raw)
	ref := frameRef{l.size, f.first}
	n, err := l.append(l.out)
	if err != nil {
		return 0, fmt.Errorf("cannot write events %d to %d: %w", f.first, f.first+uint64(f.count)-1, err)
	}
	if n > 0 {
		l.frames = append(l.frames, ref)
	}
	return n, nil
}

// finish writes the index, the footer and the trailer.
func (l *logWriter) finish(f *Footer) (int64, error) {
	footer, err := json.Marshal(f)
	if err != nil {
		return 0, err
	}
	if len(footer) > maxRaw {
		return 0, fmt.Errorf("the footer is too long: %d bytes", len(footer))
	}
	t := trailer{index: l.size}
	h := frameHeader{kind: indexFrame, first: f.Events, elapsed: max(0, f.Elapsed)}
	l.out = l.out[:0]
	// An index too long for a frame is left out; readers go through the log.
	if index := encodeIndex(l.frames); len(index) <= maxRaw {
		l.out = appendFrame(l.out, l.compressor, h, index)
	}
	t.footer = l.size + int64(len(l.out))
	h.kind = footerFrame
	l.out = appendFrame(l.out, l.compressor, h, footer)
	l.out = t.append(l.out)
	n, err := l.append(l.out)
	if err != nil {
		return 0, fmt.Errorf("cannot write the index of the events: %w", err)
	}
	return n, nil
}

func (l *logWriter) close() error { return l.file.Close() }
