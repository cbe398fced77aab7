package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"stepback/recorder/trace"
)

func packCommand() *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use:   "pack REC FILE",
		Short: "Make one file of a recording, to keep or to send",
		Long: `Make one file of a recording. It has all that replay needs, also on another
machine; and it has all that the program read and wrote, secrets included.`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error { return pack(args[0], args[1], force) },
	}
	c.Flags().BoolVarP(&force, "force", "f", false, "replace FILE if it exists")
	return c
}

func unpackCommand() *cobra.Command {
	limit := int64(trace.DefaultUnpackLimit >> 30)
	c := &cobra.Command{
		Use:   "unpack FILE DIR",
		Short: "Make a recording of a file that pack wrote",
		Long: `Make a recording in DIR, which must not exist, or be empty, of a file that
stepback pack wrote. The file may come from a stranger: nothing is written
outside of DIR.`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error { return unpack(args[0], args[1], limit) },
	}
	c.Flags().Int64Var(&limit, "limit", limit, "largest size of the recording, in GiB")
	return c
}

func pack(place, file string, force bool) error {
	rec, err := openRecording([]string{place})
	if err != nil {
		return err
	}
	defer rec.Close()
	if err := packTarget(file, force); err != nil {
		return err
	}
	show := progress("packing", 1, true)
	err = trace.Pack(rec.Dir(), file, show.bytes)
	show.end()
	if err != nil {
		return unwritable(err)
	}
	if !complete(rec) {
		fmt.Fprintln(os.Stderr, "stepback:", incomplete(rec))
	}
	st, err := os.Stat(file)
	if err != nil {
		return err
	}
	fmt.Printf("packed %s into %s (%s)\n", rec.Dir(), file, byteSize(st.Size()))
	return nil
}

// packTarget makes sure that the file can be made.
func packTarget(file string, force bool) error {
	st, err := os.Stat(file)
	switch dir := filepath.Dir(file); {
	case err == nil && !st.Mode().IsRegular():
		return fail(exitExists, "%s exists and is no regular file; name a file to write", file)
	case err == nil && !force:
		return fail(exitExists, "%s exists already; remove it, choose another name, or use --force to replace it", file)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fail(exitUnwritable, "cannot write %s: %w", file, err)
	default:
		if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
			return fail(exitUnwritable, "cannot write %s: the directory %s: %w", file, dir, err)
		}
	}
	return nil
}

func unpack(file, dir string, limit int64) error {
	if limit <= 0 || limit > 1<<30 {
		return fail(exitUsage, "--limit must be a number of GiB from 1 to %d", 1<<30)
	}
	if err := packSource(file); err != nil {
		return err
	}
	show := progress("unpacking", 1, true)
	err := trace.Unpack(file, dir, limit<<30, show.bytes)
	show.end()
	var large *trace.TooLargeError
	switch {
	case errors.As(err, &large):
		return fail(exitUnwritable, "%s is larger than %d GiB when unpacked; if you trust it, allow more with --limit", file, limit)
	case errors.Is(err, trace.ErrExists):
		return fail(exitExists, "%s exists already and is not an empty directory; choose another place", dir)
	case err != nil:
		return unwritable(err)
	}
	rec, err := trace.Open(dir)
	if err != nil {
		return err
	}
	defer rec.Close()
	fmt.Printf("unpacked %s to %s (%d events)\n", file, dir, rec.Len())
	if !complete(rec) {
		fmt.Fprintln(os.Stderr, "stepback:", incomplete(rec))
	}
	return nil
}

// packSource makes sure that the file looks like one that Pack wrote.
func packSource(file string) error {
	f, err := os.OpenFile(file, os.O_RDONLY|unix.O_NONBLOCK, 0) // not to wait for a FIFO's writer
	if err != nil {
		return fail(exitNoRecording, "cannot unpack: %w", err)
	}
	defer f.Close()
	const magic = "\x28\xb5\x2f\xfd" // of zstd: RFC 8878, 3.1.1
	var head [len(magic)]byte
	if _, err := f.ReadAt(head[:], 0); err != nil || string(head[:]) != magic {
		return fail(exitNoRecording, "cannot unpack %s: it is not a file that stepback pack wrote", file)
	}
	return nil
}

// unwritable gives errors of writing their exit status.
func unwritable(err error) error {
	for _, cause := range []error{unix.ENOSPC, unix.EDQUOT, unix.EROFS, unix.EACCES, unix.EPERM, unix.ENOENT, unix.ENOTDIR, unix.EIO, unix.EFBIG} {
		if errors.Is(err, cause) {
			return &statusError{exitUnwritable, err}
		}
	}
	return err
}
