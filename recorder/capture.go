package recorder

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/recorder/trace"
)

// fileVersion names one content of a file, as far as its times tell.
type fileVersion struct {
	file  memmap.FileID
	size  int64
	mtime unix.Timespec
	ctime unix.Timespec
	from  uint64 // start of the part that was taken
	n     uint64
}

// blobInfo is content of a file that is in the recording.
type blobInfo struct {
	hash trace.Hash
	from uint64 // offset of its first byte in the file
}

const (
	// wholeFile is the size up to which a mapped file is taken as a whole:
	// libraries are mapped in parts.
	wholeFile = 256 << 20
	// settleTime is the age at which a file's times tell its content: the
	// kernel's clock for them is coarse.
	settleTime = 50 * time.Millisecond
)

// capture takes the part [off, off+n) of a file into the recording, or all of
// it when it is not large.
func (r *recorder) capture(f *os.File, st *unix.Stat_t, off, n uint64) (blobInfo, error) {
	if st.Size <= wholeFile {
		return r.captureAll(f, st)
	}
	return r.capturePart(f, st, off, n)
}

func (r *recorder) captureAll(f *os.File, st *unix.Stat_t) (blobInfo, error) {
	return r.capturePart(f, st, 0, uint64(st.Size))
}

func (r *recorder) capturePart(f *os.File, st *unix.Stat_t, off, n uint64) (blobInfo, error) {
	v := fileVersion{memmap.FileID{Dev: st.Dev, Ino: st.Ino}, st.Size, st.Mtim, st.Ctim, off, n}
	if b, ok := r.hashes[v]; ok && !r.unsettled[v.file] {
		return b, nil
	}
	hash, _, err := r.log.AddFile(f, int64(off), int64(n))
	if err != nil {
		return blobInfo{}, fmt.Errorf("keeping the content of %s: %w", f.Name(), err)
	}
	b := blobInfo{hash, off}
	if time.Since(time.Unix(st.Ctim.Unix())) > settleTime {
		r.hashes[v] = b
	}
	return b, nil
}

// captureMemory takes memory of the thread's process into the recording, as
// far as it is accessible, and returns its size.
func (r *recorder) captureMemory(t *thread, addr, n uint64) (trace.Hash, uint64, error) {
	data := make([]byte, n)
	data = data[:t.stopped.ReadSome(addr, data)]
	hash, err := r.log.AddBlob(data)
	return hash, uint64(len(data)), err
}
