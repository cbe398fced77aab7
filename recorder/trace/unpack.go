package trace

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

const (
	// DefaultUnpackLimit is the size up to which Unpack unpacks a recording
	// when it is told no other.
	DefaultUnpackLimit = 64 << 30
	// unpackOverhead is what every file counts beside its length, so that a
	// limit of bytes is one of files too.
	unpackOverhead = 4096
)

// TooLargeError says that a packed recording exceeds the limit of Unpack.
type TooLargeError struct {
	File  string
	Limit int64
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%s is too large when unpacked: more than the limit of %d bytes", e.File, e.Limit)
}

// Unpack makes of a file that Pack wrote a recording in dir, which must be new
// or an empty directory. It trusts nothing in the file: only the members of a
// recording are accepted, as regular files and once each; blobs must match
// their names, the manifest and the beginning of the log must be right, and
// in total they take up to limit bytes (0: DefaultUnpackLimit). After an error,
// nothing of it is left. The function progress, if not nil, is called now and
// then with the number of bytes of the file read so far and in total.
func Unpack(file, dir string, limit int64, progress func(done, total int64)) (err error) {
	dir = filepath.Clean(dir)
	if limit <= 0 {
		limit = DefaultUnpackLimit
	}
	limit = min(limit, math.MaxInt64/2) // room for sums
	defer func() {
		if err != nil {
			err = fmt.Errorf("cannot unpack %s: %w", file, err)
		}
	}()
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	m := meter{progress, 0, st.Size()}
	z, err := zstd.NewReader(m.reader(f), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(64<<20))
	if err != nil {
		return err
	}
	defer z.Close()

	made, err := claimDir(dir)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		if made {
			os.Remove(dir)
		}
		return err
	}
	defer root.Close()
	u := unpacker{file: file, dir: dir, root: root, limit: limit, left: limit}
	if err := u.unpack(z); err != nil {
		return errors.Join(err, u.removeAll(made))
	}
	return nil
}

// unpacker extracts an archive into a directory that it has for itself. All
// files are made through root, from which no name leads out.
type unpacker struct {
	file, dir   string
	root        *os.Root
	limit, left int64
	manifest    []byte
}

func (u *unpacker) damaged(what string, args ...any) error {
	return &DamageError{File: u.file, What: fmt.Sprintf(what, args...)}
}

// unpack extracts everything. The manifest comes into being at last: what
// remains when this process is killed is not a recording.
func (u *unpacker) unpack(r io.Reader) error {
	// Tar headers count too: a stream of nothing else ends as well.
	stream := &limitedStream{r: r, left: u.limit + 1<<20, err: u.tooLarge()}
	t := tar.NewReader(stream)
	for {
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = u.member(h, t)
		}
		if err != nil {
			return u.explain(err)
		}
	}
	// To the end of the stream, so that a checksum there is checked.
	if _, err := io.Copy(io.Discard, stream); err != nil {
		return u.explain(err)
	}
	if u.manifest == nil {
		return u.damaged("it has no %s", manifestName)
	}
	if err := u.checkLog(); err != nil {
		return err
	}
	return replaceFile(filepath.Join(u.dir, manifestName), u.manifest)
}

// explain makes damage of errors of the archive's format.
func (u *unpacker) explain(err error) error {
	if errors.As(err, new(*fs.PathError)) || errors.As(err, new(*TooLargeError)) ||
		errors.As(err, new(*VersionError)) || errors.Is(err, ErrDamaged) {
		return err
	}
	return u.damaged("%v", err)
}

func (u *unpacker) tooLarge() error { return &TooLargeError{File: u.file, Limit: u.limit} }

// member extracts a member of the archive.
func (u *unpacker) member(h *tar.Header, r io.Reader) error {
	m, ok := parseMember(h.Name)
	if !ok {
		return u.damaged("it has a member %q, which no recording has", h.Name)
	}
	if h.Typeflag != tar.TypeReg {
		return u.damaged("its member %s is not a regular file", m.name)
	}
	if h.Size > u.left-unpackOverhead {
		return u.tooLarge()
	}
	u.left -= h.Size + unpackOverhead
	switch {
	case m.name == manifestName:
		return u.takeManifest(h, r)
	case m.name == logName:
		_, err := u.extract(m, r)
		return err
	}
	hash, err := u.extract(m, r)
	if err == nil && hash != m.blob {
		err = u.damaged("the content of its member %s does not match the hash that is its name", m.name)
	}
	return err
}

// takeManifest keeps and checks the manifest.
func (u *unpacker) takeManifest(h *tar.Header, r io.Reader) (err error) {
	if u.manifest != nil {
		return u.damaged("it has %s twice", manifestName)
	}
	if h.Size > maxManifest {
		return u.damaged("its member %s is too long for a manifest", manifestName)
	}
	if u.manifest, err = io.ReadAll(r); err != nil {
		return err
	}
	_, err = decodeManifest(filepath.Join(u.dir, manifestName), u.manifest)
	return err
}

// extract writes a member to its file, which must be new.
func (u *unpacker) extract(m member, r io.Reader) (Hash, error) {
	if err := u.root.MkdirAll(path.Dir(m.name), dirMode); err != nil {
		return Hash{}, err
	}
	f, err := u.root.OpenFile(m.name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if errors.Is(err, fs.ErrExist) {
		return Hash{}, u.damaged("it has %s twice", m.name)
	}
	if err != nil {
		return Hash{}, err
	}
	hash, _, err := copyHashing(f, r)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return hash, err
}

// checkLog checks that the log is there and begins as one.
func (u *unpacker) checkLog() error {
	f, err := openRegular(filepath.Join(u.dir, logName))
	if errors.Is(err, fs.ErrNotExist) {
		return u.damaged("it has no %s", logName)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = readLog(f)
	return err
}

// removeAll removes what was extracted, and the directory if Unpack made it.
func (u *unpacker) removeAll(made bool) error {
	if made {
		return os.RemoveAll(u.dir)
	}
	return errors.Join(u.root.RemoveAll(logName), u.root.RemoveAll(blobsName), u.root.RemoveAll(manifestName))
}

// limitedStream ends with an error after a number of bytes.
type limitedStream struct {
	r    io.Reader
	left int64
	err  error
}

func (l *limitedStream) Read(b []byte) (int, error) {
	if l.left <= 0 {
		return 0, l.err
	}
	n, err := l.r.Read(b[:min(int64(len(b)), l.left)])
	l.left -= int64(n)
	return n, err
}
