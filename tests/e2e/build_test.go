package e2e

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Places that TestMain makes.
var (
	// stepback is the command under test, built from this tree, or the one that $STEPBACK names.
	stepback string
	// buildDir holds stepback, the built debuggees and generated input files.
	buildDir string
	// repoDir is the root of the source tree.
	repoDir string
)

func TestMain(m *testing.M) {
	status, err := setUpAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		os.Exit(1)
	}
	os.Exit(status)
}

func setUpAndRun(m *testing.M) (int, error) {
	var err error
	if repoDir, err = filepath.Abs("../.."); err != nil {
		return 1, err
	}
	if buildDir, err = os.MkdirTemp("", "stepback-e2e-"); err != nil {
		return 1, err
	}
	defer os.RemoveAll(buildDir)

	if stepback = os.Getenv("STEPBACK"); stepback == "" {
		stepback = filepath.Join(buildDir, "stepback")
		build := exec.Command("go", "build", "-trimpath", "-o", stepback, "./cmd/stepback")
		build.Dir = repoDir
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return 1, fmt.Errorf("unable to build stepback: %v\n%s", err, out)
		}
	}
	return m.Run(), nil
}

// once builds each named thing a single time, however many tests ask for it.
var once = struct {
	sync.Mutex
	made map[string]func() error
}{made: map[string]func() error{}}

// built returns the path buildDir/name after making it with make, which runs once in the process.
func built(t *testing.T, name string, make func(path string) error) string {
	t.Helper()
	path := filepath.Join(buildDir, name)
	once.Lock()
	build, ok := once.made[name]
	if !ok {
		build = sync.OnceValue(func() error {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return err
			}
			return make(path)
		})
		once.made[name] = build
	}
	once.Unlock()
	if err := build(); err != nil {
		t.Fatalf("unable to make %s: %v", name, err)
	}
	return path
}

// program compiles a program of testdata/programs and returns the executable.
func program(t *testing.T, source string, flags ...string) string {
	t.Helper()
	compiler := map[string]string{".c": "gcc", ".cc": "g++", ".go": "go"}[filepath.Ext(source)]
	if compiler != "go" {
		flags = append([]string{"-O1", "-g", "-pthread", "-Wall"}, flags...)
	}
	return compile(t, compiler, filepath.Join(repoDir, "tests/e2e/testdata/programs", source), flags)
}

// compile builds one source file, or a folder of Go, and returns the executable. The same source with other
// flags is another executable.
func compile(t *testing.T, compiler, source string, flags []string) string {
	t.Helper()
	key := sha256.Sum256([]byte(source + strings.Join(flags, "\x00")))
	name := fmt.Sprintf("programs/%s-%x", strings.TrimSuffix(filepath.Base(source), filepath.Ext(source)), key[:4])
	return built(t, name, func(out string) error {
		if compiler == "go" {
			return tool("go", append(append([]string{"build", "-o", out}, flags...), source)...)
		}
		return tool(compiler, append([]string{"-o", out, source}, flags...)...)
	})
}

// tool runs a build tool and returns what it printed as the error when it fails.
func tool(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	// Debuggees in Go must not need cgo: they are to run as they would on a user's machine.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "LC_ALL=C")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return nil
}

// mixedFile returns a file of n bytes, the same in every run: half noise, which no compressor makes
// smaller, half text, in turns of 64 KiB.
func mixedFile(t *testing.T, n int) string {
	return built(t, fmt.Sprintf("input/mixed-%d", n), func(path string) error {
		random := rand.New(rand.NewPCG(1, uint64(n)))
		words := strings.Fields("the program runs once and every state of it can be seen again in either direction " +
			"a recording holds what came from outside and nothing that follows from it by itself")
		const turn = 64 << 10
		data := make([]byte, 0, n+turn)
		for len(data) < n {
			for end := len(data) + turn; len(data) < end; {
				data = append(data, byte(random.Uint32()))
			}
			for end := len(data) + turn; len(data) < end; {
				data = append(append(data, words[random.IntN(len(words))]...), ' ')
			}
		}
		return os.WriteFile(path, data[:n], 0o644)
	})
}

// cProject returns the directory of the C project that scripts/c-project.sh lays out. Tests copy it.
func cProject(t *testing.T) string {
	return built(t, "input/c-project", func(path string) error {
		return tool("sh", filepath.Join(repoDir, "scripts", "c-project.sh"), path)
	})
}

// systemProgram returns the path of a program of the system's own packages: never a version manager's
// shim found earlier in PATH, which would be a different program on every machine.
func systemProgram(t *testing.T, name string) string {
	t.Helper()
	for _, dir := range []string{"/usr/bin", "/bin", "/usr/sbin", "/usr/local/bin"} {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode()&0o111 != 0 {
			return path
		}
	}
	t.Fatalf("%s is not installed: run `make deps`", name)
	return ""
}
