package trace

import (
	"archive/tar"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

// Pack writes the recording in dir to one file: a tar archive with the same
// members as the directory, compressed with zstd. A file of that name is
// replaced, but only once the new one is complete. It refuses to pack a
// recording with damaged blobs. The function progress, if not nil, is called
// now and then with the number of bytes packed so far and in total.
func Pack(dir, file string, progress func(done, total int64)) (err error) {
	dir = filepath.Clean(dir)
	defer func() {
		if err != nil {
			err = fmt.Errorf("cannot pack %s: %w", dir, err)
		}
	}()
	if _, err := readManifest(dir); err != nil {
		return err
	}
	members, total, err := listMembers(dir)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), tempPrefix+"*") // has mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	z, err := zstd.NewWriter(f, zstd.WithEncoderConcurrency(2))
	if err != nil {
		return err
	}
	defer z.Close()
	p := packer{dir: dir, tar: tar.NewWriter(z), progress: meter{progress, 0, total}}
	for _, m := range members {
		if err := p.add(m); err != nil {
			return err
		}
	}
	if err := p.tar.Close(); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}

// member is a file of a recording.
type member struct {
	name string // relative to the recording
	blob Hash   // zero for the manifest and the log
	size int64
}

// parseMember says which member has a name; it knows all that there may be.
func parseMember(name string) (m member, ok bool) {
	if name == manifestName || name == logName {
		return member{name: name}, true
	}
	h, ok := parseBlobName(name)
	return member{name: name, blob: h}, ok
}

// listMembers lists the files of the recording in dir in the order in which
// they are packed, and their total size. Other files are left out, such as
// temporary ones of a recorder that was killed.
func listMembers(dir string) (members []member, total int64, err error) {
	add := func(name string) error {
		m, ok := parseMember(name)
		if !ok {
			return nil
		}
		st, err := os.Lstat(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		m.size = st.Size()
		members = append(members, m)
		total += m.size
		return nil
	}
	for _, name := range []string{manifestName, logName} {
		if err := add(name); err != nil {
			return nil, 0, err
		}
	}
	err = fs.WalkDir(os.DirFS(dir), blobsName, func(name string, d fs.DirEntry, err error) error {
		if name == blobsName && os.IsNotExist(err) {
			return fs.SkipAll // a recording without blobs
		}
		if err != nil || d.IsDir() {
			return err
		}
		return add(name)
	})
	return members, total, err
}

// packer adds members to an archive.
type packer struct {
	dir      string
	tar      *tar.Writer
	progress meter
}

// add adds a member. Of a log that grows, it takes what was there at first.
func (p *packer) add(m member) error {
	name := filepath.Join(p.dir, m.name)
	f, err := openRegular(name)
	if err != nil {
		return err
	}
	defer f.Close()
	// No times, no owner: the archive depends on the recording alone.
	h := &tar.Header{Typeflag: tar.TypeReg, Name: m.name, Size: m.size, Mode: fileMode}
	if err := p.tar.WriteHeader(h); err != nil {
		return err
	}
	hash, n, err := copyHashing(p.tar, p.progress.reader(io.NewSectionReader(f, 0, m.size)))
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", name, err)
	case n != m.size:
		return fmt.Errorf("%s became shorter meanwhile", name)
	case !m.blob.IsZero() && hash != m.blob:
		return &DamageError{File: name, What: "its content does not match the hash that is its name"}
	}
	return nil
}

// meter counts bytes for a progress function, which may be nil.
type meter struct {
	report      func(done, total int64)
	done, total int64
}

// reader returns a reader that counts what is read from r.
func (m *meter) reader(r io.Reader) io.Reader { return &meteredReader{m, r} }

type meteredReader struct {
	*meter
	r io.Reader
}

func (m *meteredReader) Read(b []byte) (int, error) {
	n, err := m.r.Read(b)
	m.done += int64(n)
	if m.report != nil && n > 0 {
		m.report(m.done, m.total)
	}
	return n, err
}
