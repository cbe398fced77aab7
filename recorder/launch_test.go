package recorder

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"stepback/recorder/trace"
)

// The image of an exec, at any base, reads back as what it was made of.
func TestExecImage(t *testing.T) {
	tests := []struct {
		path      string
		args, env []string
	}{
		{"/bin/true", []string{"true"}, nil},
		{"/bin/true", nil, nil},
		{"/bin/sh", []string{"sh", "-c", "echo $A"}, []string{"A=1", "B="}},
		{"/bin/sh", []string{"", "", "x"}, []string{""}},
		{"/a/longer path/ü", []string{strings.Repeat("x", 5000)}, slices.Repeat([]string{"N=1"}, 300)},
	}
	for _, tt := range tests {
		for _, base := range []uint64{0, 0x10000, 0x7f1234567000} {
			image, path, argv, envp := execImage(tt.path, tt.args, tt.env)
			image, path, argv, envp = relocateImage(image, path, argv, envp, base)
			str := func(at uint64) string {
				s, _, ok := bytes.Cut(image[at-base:], []byte{0})
				if !ok {
					t.Errorf("the string at %#x has no end", at)
				}
				return string(s)
			}
			vector := func(at uint64) (list []string) {
				if at%8 != 0 {
					t.Errorf("a vector is at %#x", at)
				}
				for ; ; at += 8 {
					p := binary.LittleEndian.Uint64(image[at-base:])
					if p == 0 {
						return list
					}
					list = append(list, str(p))
				}
			}
			if got := str(path); got != tt.path {
				t.Errorf("the path is %q, want %q", got, tt.path)
			}
			if got := vector(argv); !slices.Equal(got, tt.args) {
				t.Errorf("the arguments are %q, want %q", got, tt.args)
			}
			if got := vector(envp); !slices.Equal(got, tt.env) {
				t.Errorf("the environment is %q, want %q", got, tt.env)
			}
		}
	}
}

// What the kernel says to an exec reaches the caller as a LaunchError, and
// nothing stays behind.
func TestLaunchError(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	tests := []struct {
		what string
		args []string
		want unix.Errno
	}{
		{"a missing program", []string{filepath.Join(dir, "missing")}, unix.ENOENT},
		{"a directory", []string{dir}, unix.EACCES},
		{"a file that is no program", []string{file("plain", "text", 0o600)}, unix.EACCES},
		{"an unknown format", []string{file("garbage", "\x7fGARBAGE", 0o700)}, unix.ENOEXEC},
		{"an empty program", []string{file("empty", "", 0o700)}, unix.ENOEXEC},
		{"a script without its interpreter", []string{file("script", "#!/missing/interpreter\n", 0o700)}, unix.ENOENT},
		{"a file as a directory", []string{file("plain2", "", 0o700) + "/x"}, unix.ENOTDIR},
		{"too many arguments", []string{"/bin/true", strings.Repeat("x", 200<<10)}, unix.E2BIG},
	}
	for _, tt := range tests {
		r := record(t, Config{Started: func(int) { t.Errorf("%s: Started is called", tt.what) }}, tt.args...)
		var launch *LaunchError
		if !errors.As(r.err, &launch) || launch.Path != tt.args[0] || !errors.Is(r.err, tt.want) {
			t.Errorf("%s: %v, want a LaunchError with %v", tt.what, r.err, tt.want)
			continue
		}
		if msg := launch.Error(); msg != "cannot run "+tt.args[0]+": "+tt.want.Error() {
			t.Errorf("%s: the message is %q", tt.what, msg)
		}
		rec := r.open(t)
		if rec.Len() != 0 || rec.Footer() != nil {
			t.Errorf("%s: there are %d events", tt.what, rec.Len())
		}
	}
}

func TestRecordErrors(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := record(t, Config{Out: full}, "/bin/true"); !errors.Is(r.err, trace.ErrExists) {
		t.Errorf("into a directory that is not empty: %v, want ErrExists", r.err)
	}
	if r := record(t, Config{Dir: filepath.Join(full, "missing")}, "/bin/true"); !errors.Is(r.err, unix.ENOENT) {
		t.Errorf("in a missing working directory: %v, want ENOENT", r.err)
	}
}
