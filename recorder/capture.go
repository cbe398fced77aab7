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

// versionOf is the present content of a file, of which the part [off, off+n)
// is wanted, or all of it when it is not large.
func versionOf(st *unix.Stat_t, off, n uint64) fileVersion {
	if st.Size <= wholeFile {
		off, n = 0, uint64(st.Size)
	}
	return fileVersion{memmap.FileID{Dev: st.Dev, Ino: st.Ino}, st.Size, st.Mtim, st.Ctim, off, n}
}

// captured finds content that is in the recording already.
func (r *recorder) captured(v fileVersion) (blobInfo, bool) {
	b, ok := r.hashes[v]
	return b, ok && !r.unsettled[v.file]
}

// capture takes a file's content into the recording.
func (r *recorder) capture(f *os.File, v fileVersion) (blobInfo, error) {
	if b, ok := r.captured(v); ok {
		return b, nil
	}
	hash, _, err := r.log.AddFile(f, int64(v.from), int64(v.n))
	if err != nil {
		return blobInfo{}, fmt.Errorf("keeping the content of %s: %w", f.Name(), err)
	}
	b := blobInfo{hash, v.from}
	if time.Since(time.Unix(v.ctime.Unix())) > settleTime {
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
