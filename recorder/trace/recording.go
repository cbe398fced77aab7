package trace

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Recording is a recording opened for reading. Its methods may be called by
// several goroutines.
type Recording struct {
	dir      string
	manifest *Manifest
	log      *logReader

	mu       sync.Mutex
	verified map[Hash]bool // blobs whose content was found to be right
}

// Open opens the recording in dir, complete or not, and also while it is
// being written: then it has the events that were written by now.
func Open(dir string) (*Recording, error) {
	dir = filepath.Clean(dir)
	m, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(dir, logName)
	f, err := openRegular(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &DamageError{File: name, What: "it is missing"}
	}
	if err != nil {
		return nil, err
	}
	log, err := readLog(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return &Recording{dir: dir, manifest: m, log: log, verified: make(map[Hash]bool)}, nil
}

// Close closes the recording; its Cursors cannot be used after that.
func (r *Recording) Close() error { return r.log.file.Close() }

// Dir returns the recording's directory.
func (r *Recording) Dir() string { return r.dir }

// Manifest returns the manifest, which must not be changed.
func (r *Recording) Manifest() *Manifest { return r.manifest }

// Footer returns the footer, which must not be changed; nil when the
// recording is incomplete.
func (r *Recording) Footer() *Footer { return r.log.footer }

// Damage says why the log ends before its time, or that its index is lost: a
// *DamageError. It is nil for a complete recording, and for one that just stops
// after a whole frame, as a killed recorder leaves it. Damage between frames that can be read is found
// by the Cursor that gets there.
func (r *Recording) Damage() error {
	if r.log.damage == nil {
		return nil
	}
	return r.log.damage
}

// Len returns the number of events.
func (r *Recording) Len() uint64 { return r.log.events }

// Elapsed returns the wall time that the recording took, as far as it got.
func (r *Recording) Elapsed() time.Duration { return r.log.elapsed }

// Size returns the number of bytes that the recording takes on disk.
func (r *Recording) Size() (int64, error) {
	s, err := r.Sizes()
	return s.Total, err
}

// Sizes are the numbers of bytes that a recording takes on disk.
type Sizes struct {
	Log   int64 `json:"log"`
	Blobs int64 `json:"blobs"`
	Total int64 `json:"total"` // with the manifest, and what is unfinished
}

// Sizes returns the numbers of bytes that the parts of the recording take.
func (r *Recording) Sizes() (Sizes, error) {
	var s Sizes
	err := filepath.WalkDir(r.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		st, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a temporary file of a Writer
		}
		if err != nil {
			return err
		}
		s.Total += st.Size()
		if rel, err := filepath.Rel(r.dir, name); err != nil {
			return err
		} else if m, ok := parseMember(rel); ok && !m.blob.IsZero() {
			s.Blobs += st.Size()
		} else if rel == logName {
			s.Log += st.Size()
		}
		return nil
	})
	return s, err
}

// Blob opens a blob. The first time, it checks the content.
func (r *Recording) Blob(h Hash) (*os.File, error) {
	name := filepath.Join(r.dir, blobName(h))
	f, err := openRegular(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &DamageError{File: name, What: "it is missing"}
	}
	if err != nil {
		return nil, err
	}
	if err := r.verify(f, name, h); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (r *Recording) verify(f *os.File, name string, h Hash) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.verified[h] {
		return nil
	}
	found, _, err := copyHashing(io.Discard, io.NewSectionReader(f, 0, math.MaxInt64))
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", name, err)
	}
	if found != h {
		return &DamageError{File: name, What: "its content does not match the hash that is its name"}
	}
	r.verified[h] = true
	return nil
}
