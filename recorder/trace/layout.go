package trace

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// The names in a recording's directory. A recording holds the secrets of the
// program, so nobody but its owner gets at them.
const (
	manifestName = "manifest.json"
	logName      = "events.log"
	blobsName    = "blobs"

	dirMode  = 0o700
	fileMode = 0o600

	// tempPrefix begins the names of files that are not finished.
	tempPrefix = "tmp-"
)

// blobName is the name of a blob's file, relative to the recording. The
// directory level keeps directories small.
func blobName(h Hash) string {
	s := h.String()
	return path.Join(blobsName, s[:2], s)
}

// parseBlobName is the inverse of blobName. It accepts nothing else.
func parseBlobName(name string) (Hash, bool) {
	h, ok := parseHash(name[strings.LastIndexByte(name, '/')+1:])
	return h, ok && blobName(h) == name
}

// claimDir makes a directory for a new recording, or takes an empty one. It
// reports whether it made it.
func claimDir(dir string) (made bool, err error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return false, err
	}
	err = os.Mkdir(dir, dirMode)
	if err == nil {
		return true, nil
	}
	if !errors.Is(err, fs.ErrExist) {
		return false, err
	}
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return false, fmt.Errorf("%s %w", dir, ErrExists)
	}
	f, err := os.Open(dir)
	if err != nil {
		return false, err
	}
	defer f.Close()
	if _, err := f.Readdirnames(1); err != io.EOF {
		return false, fmt.Errorf("%s %w", dir, ErrExists)
	}
	return false, os.Chmod(dir, dirMode)
}

// replaceFile writes a file so that it has all of its content or does not
// exist, whenever the process is killed.
func replaceFile(name string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), tempPrefix+"*") // has mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// openRegular opens a file of a recording for reading. Recordings come from
// strangers too, so it follows no link and does not wait for a FIFO's writer.
func openRegular(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if errors.Is(err, unix.ELOOP) {
		return nil, &DamageError{File: name, What: "it is a symbolic link"}
	}
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = &DamageError{File: name, What: "it is not a regular file"}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
