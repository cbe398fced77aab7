package trace

import (
	"errors"
	"fmt"
)

// Errors of this package, for errors.Is.
var (
	// ErrExists: a recording may only be made in a new or an empty directory.
	ErrExists = errors.New("exists already and is not an empty directory")
	// ErrNotRecording: the directory has no manifest.
	ErrNotRecording = errors.New("not a recording")
	// ErrNewer: the format is newer than this program; a *VersionError says more.
	ErrNewer = errors.New("format is newer than this program")
	// ErrDamaged: what is on disk is not what was written; a *DamageError says more.
	ErrDamaged = errors.New("damaged")

	errClosed = errors.New("the recording is closed already")
)

// VersionError says that a recording has a format version that this package
// cannot read.
type VersionError struct {
	Found     int
	Supported int // the newest that can be read
}

func (e *VersionError) Error() string {
	if e.Found > e.Supported {
		return fmt.Sprintf("the recording has format version %d, but this stepback reads versions up to %d: use a newer stepback", e.Found, e.Supported)
	}
	return fmt.Sprintf("the recording has format version %d, but this stepback reads only versions from %d to %d", e.Found, MinVersion, e.Supported)
}

// Is makes errors.Is(err, ErrNewer) work.
func (e *VersionError) Is(target error) bool {
	return target == ErrNewer && e.Found > e.Supported
}

// checkVersion returns a *VersionError when v cannot be read.
func checkVersion(v int) error {
	if v < MinVersion || v > Version {
		return &VersionError{Found: v, Supported: Version}
	}
	return nil
}

// DamageError says what is wrong with a file of a recording, and where.
type DamageError struct {
	File   string
	Offset int64 // 0 for the file as a whole
	What   string
}

func (e *DamageError) Error() string {
	if e.Offset == 0 {
		return fmt.Sprintf("%s is damaged: %s", e.File, e.What)
	}
	return fmt.Sprintf("%s is damaged at byte %d: %s", e.File, e.Offset, e.What)
}

// Is makes errors.Is(err, ErrDamaged) work.
func (e *DamageError) Is(target error) bool { return target == ErrDamaged }
