package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs the scripts of testdata/script, which hold the command line to its word: messages, exit
// statuses, places, JSON. Beside testscript's own commands they have:
//
//	exits STATUS PROGRAM [ARG…]     run it; it must exit with this status (n, or 128+n for signal n)
//	oneline stdout|stderr           the last command printed exactly one line there
//	silent stdout|stderr            the last command printed nothing there
//	json [KEY=VALUE | KEY]…         the last standard output is JSON with these (a.b goes deeper; KEY alone
//	                                must be there; a KEY that begins with # is a list's length)
//	jsonlines N                     the last standard output is N lines of JSON, or a JSON list of N
//	forge-version REC N             make REC say that it has format version N
//
// XDG_DATA_HOME is $WORK/data. $WORK/.tmp is not part of what a script finds.
func TestScripts(t *testing.T) {
	bin := filepath.Join(buildDir, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(stepback, filepath.Join(bin, "stepback")); err != nil && !errors.Is(err, os.ErrExist) {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                "testdata/script",
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			mark := newMark()
			env.Defer(func() { killMarked(mark) })
			for _, variable := range append(baseEnv(filepath.Join(env.WorkDir, "home")), markName+"="+mark) {
				name, value, _ := strings.Cut(variable, "=")
				env.Setenv(name, value)
			}
			env.Setenv("PATH", bin+":"+env.Getenv("PATH"))
			env.Setenv("XDG_DATA_HOME", filepath.Join(env.WorkDir, "data"))
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":         cmdExits,
			"oneline":       cmdOneline,
			"silent":        cmdSilent,
			"json":          cmdJSON,
			"jsonlines":     cmdJSONLines,
			"forge-version": cmdForgeVersion,
		},
	})
}

func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS PROGRAM [ARG…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exitStatus(exit.ProcessState)
	} else if err != nil {
		ts.Fatalf("unable to run %s: %v", args[1], err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d\nstderr: %s", got, want, ts.ReadFile("stderr"))
	}
}

func cmdOneline(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: oneline stdout|stderr")
	}
	if text := ts.ReadFile(args[0]); strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") || len(text) < 2 {
		ts.Fatalf("%s is not one line: %q", args[0], text)
	}
}

func cmdSilent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: silent stdout|stderr")
	}
	if text := ts.ReadFile(args[0]); text != "" {
		ts.Fatalf("%s is not empty: %q", args[0], text)
	}
}

func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: json [KEY=VALUE | KEY]…")
	}
	text := ts.ReadFile("stdout")
	var document any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		ts.Fatalf("standard output is not JSON: %v\n%s", err, text)
	}
	for _, arg := range args {
		key, want, compare := strings.Cut(arg, "=")
		key, length := strings.CutPrefix(key, "#")
		value, ok := lookUp(document, key)
		if !ok {
			ts.Fatalf("there is no %s in %s", key, text)
		}
		if length {
			value = reflect.ValueOf(value).Len()
		}
		if compare {
			if got, _ := json.Marshal(value); string(got) != want && string(got) != strconv.Quote(want) {
				ts.Fatalf("%s is %s, want %s", key, got, want)
			}
		}
	}
}

// lookUp follows the path a.b.0 of keys and list indices.
func lookUp(document any, path string) (any, bool) {
	for part := range strings.SplitSeq(path, ".") {
		switch at := document.(type) {
		case map[string]any:
			value, ok := at[part]
			if !ok {
				return nil, false
			}
			document = value
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(at) {
				return nil, false
			}
			document = at[i]
		default:
			return nil, false
		}
	}
	return document, true
}

func cmdJSONLines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: jsonlines N")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	text := ts.ReadFile("stdout")
	var list []json.RawMessage
	if json.Unmarshal([]byte(text), &list) != nil {
		for decoder := json.NewDecoder(strings.NewReader(text)); decoder.More(); {
			var value map[string]any
			if err := decoder.Decode(&value); err != nil {
				ts.Fatalf("standard output is not JSON: %v\n%s", err, text)
			}
			list = append(list, nil)
		}
	}
	if len(list) != want {
		ts.Fatalf("%d JSON values, want %d:\n%s", len(list), want, text)
	}
}

// cmdForgeVersion rewrites the manifest, whose last line is the checksum of the lines before it, as a later
// version of Stepback might have written it.
func cmdForgeVersion(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: forge-version REC N")
	}
	path := ts.MkAbs(filepath.Join(args[0], "manifest.json"))
	manifest, err := os.ReadFile(path)
	ts.Check(err)
	last := bytes.LastIndexByte(bytes.TrimSuffix(manifest, []byte("\n")), '\n')
	body := regexp.MustCompile(`"version": \d+,`).ReplaceAll(manifest[:last+1], []byte(`"version": `+args[1]+`,`))
	if bytes.Equal(body, manifest[:last+1]) {
		ts.Fatalf("the manifest has no version")
	}
	ts.Check(os.WriteFile(path, fmt.Appendf(body, "{\"sha256\": \"%x\"}\n", sha256.Sum256(body)), 0o600))
}
