package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"stepback/recorder/trace"
)

// dataDir is where recordings are kept that the user did not place.
func dataDir() (string, error) {
	if d := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(d) {
		return filepath.Join(d, "stepback"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fail(exitUnwritable, "no place for the recording: neither XDG_DATA_HOME nor HOME is set; use -o DIR")
	}
	return filepath.Join(home, ".local", "share", "stepback"), nil
}

const latest = "latest"

// newPlace reserves the directory NAME-N in dir for a recording of the
// program, N being one more than the highest there.
func newPlace(dir, program string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fail(exitUnwritable, "no place for the recording: %w; use -o DIR", err)
	}
	name := filepath.Base(program)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fail(exitUnwritable, "no place for the recording: %w; use -o DIR", err)
	}
	n := -1
	for _, e := range entries {
		if number, ok := strings.CutPrefix(e.Name(), name+"-"); ok {
			if v, err := strconv.Atoi(number); err == nil {
				n = max(n, v)
			}
		}
	}
	for {
		n++
		place := filepath.Join(dir, fmt.Sprintf("%s-%d", name, n))
		err := os.Mkdir(place, 0o700)
		if err == nil {
			return place, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", fail(exitUnwritable, "no place for the recording: %w; use -o DIR", err)
		}
	}
}

// setLatest makes the link `latest` beside the recording point to it.
func setLatest(place string) error {
	link := filepath.Join(filepath.Dir(place), latest)
	temp := fmt.Sprintf("%s.%d", link, os.Getpid())
	if err := os.Symlink(filepath.Base(place), temp); err != nil {
		return err
	}
	if err := os.Rename(temp, link); err != nil {
		os.Remove(temp)
		return err
	}
	return nil
}

// givenPlace makes sure that a recording can be made at the user's place.
// made tells whether the directory is new.
func givenPlace(place string) (made bool, err error) {
	if entries, err := os.ReadDir(place); err == nil && len(entries) == 0 {
		if unix.Access(place, unix.W_OK) != nil {
			return false, fail(exitUnwritable, "cannot write to %s: permission denied", place)
		}
		return false, nil
	}
	if _, err := os.Lstat(place); err == nil {
		return false, fail(exitExists, "%s exists already; remove it or choose another place with -o", place)
	}
	if err := os.MkdirAll(place, 0o700); err != nil {
		return false, fail(exitUnwritable, "cannot make the place for the recording: %w", err)
	}
	return true, nil
}

// openRecording opens the recording that the arguments name, or the latest.
func openRecording(args []string) (*trace.Recording, error) {
	place := ""
	if len(args) > 0 {
		place = args[0]
	} else {
		dir, err := dataDir()
		if err != nil {
			return nil, err
		}
		place = filepath.Join(dir, latest)
		if _, err := os.Stat(place); err != nil {
			return nil, fail(exitNoRecording, "there is no latest recording in %s; make one with stepback record", dir)
		}
	}
	if resolved, err := filepath.EvalSymlinks(place); err == nil {
		place = resolved
	}
	info, err := os.Stat(place)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fail(exitNoRecording, "there is no recording at %s", place)
	}
	if err == nil && !info.IsDir() {
		return nil, fail(exitNoRecording, "%s is not a recording (a directory); a packed one is opened with stepback unpack first", place)
	}
	return trace.Open(place)
}
