package trace

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

const (
	// inlineData is the length up to which contents are part of the log.
	inlineData = 1 << 20
	// inlineTotal is the same for all contents of an event, so that a call
	// with a thousand buffers fits in a frame too.
	inlineTotal = 16 << 20
)

// fitsInline reports whether all contents of e can be part of the log.
func fitsInline(e *Event) bool {
	total := 0
	for i := range e.Writes {
		if n := len(e.Writes[i].Data); n > inlineData {
			return false
		} else {
			total += n
		}
	}
	for i := range e.Ops {
		if n := len(e.Ops[i].Data); n > inlineData {
			return false
		} else {
			total += n
		}
	}
	return total <= inlineTotal
}

// spill returns a copy of e whose large contents are blobs. When a blob cannot
// be written, the Writer has failed.
func (w *Writer) spill(e *Event) *Event {
	s := *e
	s.Writes = slices.Clone(e.Writes)
	s.Ops = slices.Clone(e.Ops)
	total := 0
	spill := func(data *[]byte, blob *Hash) {
		n := len(*data)
		if n <= inlineData && total+n <= inlineTotal || n <= len(blob) {
			total += n
			return
		}
		h, err := w.AddBlob(*data)
		if err != nil {
			w.fail(err)
			return
		}
		*data, *blob = nil, h
	}
	for i := range s.Writes {
		spill(&s.Writes[i].Data, &s.Writes[i].Blob)
	}
	for i := range s.Ops {
		spill(&s.Ops[i].Data, &s.Ops[i].Blob)
	}
	return &s
}

// AddBlob adds data to the recording, unless it has it already, and returns
// its name.
func (w *Writer) AddBlob(data []byte) (Hash, error) {
	if err := w.Err(); err != nil {
		return Hash{}, err
	}
	h := Hash(sha256.Sum256(data))
	if w.hasBlob(h) {
		return h, nil
	}
	_, _, err := w.storeBlob(func(f *os.File) (Hash, int64, error) {
		_, err := f.Write(data)
		return h, int64(len(data)), err
	})
	return h, err
}

// AddFile adds the content of a regular file from off on, length bytes or to
// the end of the file if that is nearer. It returns the content's name and
// true length. The file may change meanwhile: the name is that of what was
// stored.
func (w *Writer) AddFile(f *os.File, off, length int64) (Hash, int64, error) {
	if off < 0 || length < 0 {
		return Hash{}, 0, fmt.Errorf("cannot record %s: impossible range: %d bytes from %d on", f.Name(), length, off)
	}
	if err := w.Err(); err != nil {
		return Hash{}, 0, err
	}
	// Reading it first costs less than storing in vain a file that is there,
	// as the C library is after the first exec.
	h, n, err := copyHashing(io.Discard, io.NewSectionReader(f, off, length))
	if err != nil {
		return Hash{}, 0, fmt.Errorf("cannot record %s: %w", f.Name(), err)
	}
	if w.hasBlob(h) {
		return h, n, nil
	}
	return w.storeBlob(func(to *os.File) (Hash, int64, error) {
		if off == 0 {
			cloned, err := cloneFile(to, f, length)
			if err != nil {
				return Hash{}, 0, err
			}
			if cloned {
				return copyHashing(io.Discard, io.NewSectionReader(to, 0, length))
			}
		}
		return copyHashing(to, io.NewSectionReader(f, off, length))
	})
}

// cloneFile makes to share the blocks of all of from, if the file system can.
// It does not when from is longer than length.
func cloneFile(to, from *os.File, length int64) (cloned bool, err error) {
	st, err := from.Stat()
	if err != nil {
		return false, readError{err}
	}
	if st.Size() == 0 || st.Size() > length || unix.IoctlFileClone(int(to.Fd()), int(from.Fd())) != nil {
		return false, nil
	}
	if st, err = to.Stat(); err == nil && st.Size() > length {
		err = to.Truncate(length) // from has grown just now
	}
	return true, err
}

// readError is an error of reading what is to be recorded: no fault of the
// recording, which can go on.
type readError struct{ error }

func (e readError) Unwrap() error { return e.error }

// copyHashing copies all of from and returns the content's hash and length.
func copyHashing(to io.Writer, from io.Reader) (Hash, int64, error) {
	sum := sha256.New()
	buf := make([]byte, 256<<10)
	var total int64
	for {
		n, rerr := from.Read(buf)
		sum.Write(buf[:n])
		if _, err := to.Write(buf[:n]); err != nil {
			return Hash{}, 0, err
		}
		total += int64(n)
		if rerr == io.EOF {
			return Hash(sum.Sum(nil)), total, nil
		}
		if rerr != nil {
			return Hash{}, 0, readError{rerr}
		}
	}
}

// hasBlob reports whether the recording has the blob.
func (w *Writer) hasBlob(h Hash) bool {
	_, err := os.Lstat(filepath.Join(w.dir, blobName(h)))
	return err == nil
}

// storeBlob stores a blob that fill writes to a new file. The blob gets its
// name only when it is complete.
func (w *Writer) storeBlob(fill func(*os.File) (Hash, int64, error)) (Hash, int64, error) {
	h, n, err := w.tryStoreBlob(fill)
	if err != nil {
		err = fmt.Errorf("cannot record a file's content: %w", err)
		if !errors.As(err, new(readError)) {
			w.fail(err)
		}
		return Hash{}, 0, err
	}
	return h, n, nil
}

func (w *Writer) tryStoreBlob(fill func(*os.File) (Hash, int64, error)) (h Hash, n int64, err error) {
	blobs := filepath.Join(w.dir, blobsName)
	if err := os.Mkdir(blobs, dirMode); err != nil && !errors.Is(err, os.ErrExist) {
		return Hash{}, 0, err
	}
	f, err := os.CreateTemp(blobs, tempPrefix+"*") // has mode 0600
	if err != nil {
		return Hash{}, 0, err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	h, n, err = fill(f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return Hash{}, 0, err
	}
	name := filepath.Join(w.dir, blobName(h))
	if err := os.Mkdir(filepath.Dir(name), dirMode); err != nil && !errors.Is(err, os.ErrExist) {
		return Hash{}, 0, err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return Hash{}, 0, err
	}
	w.size.Add(n)
	return h, n, nil
}
