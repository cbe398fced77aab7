// Command cases reads the comment at the top of every debuggee and
//
//	go run ./tests/debuggees/cases write            writes README.md and cases.json
//	go run ./tests/debuggees/cases run [-n 5] [-with bin/stepback] [-j 2] [-t 60s] [part of a name …]
//
// run builds the debuggees and runs each n times natively, or with -with records and verifies each n times: the status
// must be as expected and standard output the same as in the first native run.
//
// The comment is "// Proves: …" over one or more lines, then lines "// key: value" with the keys flags, args (words, or a
// JSON list), stdin (with \n), status, only ("recorded" for a program that fails natively on purpose). Several cases of one
// source begin with "// case: name" each.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Case is one row of cases.json: a program, how to build it and run it, and the expected exit status (128+n for signal n).
type Case struct {
	Name     string   `json:"name"`
	Source   string   `json:"source"` // relative to this folder; a folder for Go
	Compiler string   `json:"compiler"`
	Flags    []string `json:"flags"`
	Args     []string `json:"args"`
	Stdin    string   `json:"stdin"`
	Status   int      `json:"status"`
	Only     string   `json:"only,omitempty"` // "recorded": fails natively on purpose
	Notes    string   `json:"notes"`
}

var patience = time.Minute

var common = []string{"-O1", "-g", "-Wall", "-Wextra", "-pthread"}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "cases:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	_, self, _, _ := runtime.Caller(0)
	dir := filepath.Dir(filepath.Dir(self))
	cases, err := read(dir)
	if err != nil {
		return err
	}
	if len(args) > 0 && args[0] == "write" {
		return write(dir, cases)
	}
	if len(args) == 0 || args[0] != "run" {
		return errors.New("say write or run")
	}
	f := flag.NewFlagSet("run", flag.ContinueOnError)
	n := f.Int("n", 5, "runs of each")
	jobs := f.Int("j", 1, "cases at a time")
	f.DurationVar(&patience, "t", patience, "time for one run")
	with := f.String("with", "", "the stepback binary to record and verify with")
	flags := f.String("verify", "", "more flags for stepback verify, such as --walk=50")
	if err := f.Parse(args[1:]); err != nil {
		return err
	}
	return try(dir, cases, f.Args(), *n, *jobs, *with, strings.Fields(*flags))
}

func read(dir string) ([]Case, error) {
	var all []Case
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		ext := filepath.Ext(path)
		if err != nil || d.IsDir() || (ext != ".c" && ext != ".cc" && d.Name() != "main.go") || strings.HasSuffix(path, "cases/main.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		cs, err := parse(rel, string(text))
		all = append(all, cs...)
		return err
	})
	slices.SortFunc(all, func(a, b Case) int { return strings.Compare(a.Name, b.Name) })
	return all, err
}

func parse(rel, text string) ([]Case, error) {
	base := Case{Name: strings.TrimSuffix(rel, filepath.Ext(rel)), Source: rel, Compiler: "gcc", Flags: common, Args: []string{}}
	switch filepath.Ext(rel) {
	case ".cc":
		base.Compiler, base.Flags = "g++", append([]string{"-std=c++17"}, common...)
	case ".go":
		base.Compiler, base.Flags = "go", []string{}
		base.Source = filepath.Dir(rel)
		base.Name = base.Source
	}
	cases := []Case{base}
	proves, named := "", false
	for line := range strings.Lines(text) {
		line, ok := strings.CutPrefix(strings.TrimSpace(line), "// ")
		if !ok {
			break
		}
		key, value, _ := strings.Cut(line, ": ")
		c := &cases[len(cases)-1]
		var err error
		switch key {
		case "case":
			if named {
				cases = append(cases, base)
				c = &cases[len(cases)-1]
			}
			c.Name, named = value, true
		case "flags":
			c.Flags = append(slices.Clone(c.Flags), strings.Fields(value)...)
		case "args":
			if strings.HasPrefix(value, "[") {
				err = json.Unmarshal([]byte(value), &c.Args)
			} else {
				c.Args = strings.Fields(value)
			}
		case "stdin":
			c.Stdin, err = strconv.Unquote(`"` + value + `"`)
		case "status":
			c.Status, err = strconv.Atoi(value)
		case "only":
			c.Only = value
		case "Proves":
			proves = value
		default:
			proves += " " + line
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", rel, line, err)
		}
	}
	if proves == "" {
		return nil, fmt.Errorf("%s: no comment says what it proves", rel)
	}
	for i := range cases {
		cases[i].Notes = proves
	}
	return cases, nil
}

const head = `# Debuggees

Small programs, one idea each, that exercise what the recorder and the replayer must get right. Each checks itself and ends with
the status below; its standard output is the same natively and recorded. Whatever it reads that differs from run to run goes
into a checksum in memory, shown now and then as an argument of a failing getpriority (` + "`debuggee.h`" + `), so that
memory that differs in the replay shows at an event. None sleeps longer than 50 ms at a time, and only those in ` + "`async/`" + `, which are about
that, spin while they wait. The programs in ` + "`translate/`" + ` print checksums that a wrongly translated instruction changes.

` + "`// BP1`" + ` marks lines for debugger tests. The table and ` + "`cases.json`" + ` are written from the comments at the top of the sources:
` + "`go run ./tests/debuggees/cases write`; `… cases run` runs them all, `-with bin/stepback` records and verifies them." + `

Everything is built with ` + "`-O1 -g -Wall -Wextra -pthread`" + `, C++ with ` + "`-std=c++17`" + `, Go with cgo off; the table names what is added.
A status of 128+n is death by signal n.

| case | file | proves | flags | arguments, stdin | status |
|---|---|---|---|---|---|
`

func write(dir string, cases []Case) error {
	var b bytes.Buffer
	b.WriteString(head)
	for _, c := range cases {
		in := ""
		for _, a := range c.Args {
			in += fmt.Sprintf("%q ", a)
		}
		if c.Stdin != "" {
			in += fmt.Sprintf("< %q", c.Stdin)
		}
		extra := c.Flags
		if i := slices.Index(extra, "-pthread"); i >= 0 {
			extra = extra[i+1:]
		}
		if in = strings.TrimSpace(in); in != "" {
			in = "`" + in + "`"
		}
		notes := c.Notes
		if c.Only != "" {
			notes += " (only " + c.Only + ")"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %d |\n", c.Name, c.Source, strings.ReplaceAll(notes, "|", `\|`), strings.Join(extra, " "), in, c.Status)
	}
	if err := os.WriteFile(filepath.Join(dir, "README.md"), b.Bytes(), 0o644); err != nil {
		return err
	}
	b.Reset()
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(cases); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "cases.json"), b.Bytes(), 0o644)
}

func try(dir string, cases []Case, parts []string, n, jobs int, with string, verify []string) error {
	tmp, err := os.MkdirTemp("", "stepback-cases-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	var wg sync.WaitGroup
	var mu sync.Mutex
	done, failed := 0, []string{}
	slots := make(chan bool, jobs)
	for _, c := range cases {
		if len(parts) > 0 && !slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(c.Name, p) }) {
			continue
		}
		wg.Go(func() {
			slots <- true
			defer func() { <-slots }()
			began := time.Now()
			what := c.try(dir, tmp, n, with, verify)
			mu.Lock()
			defer mu.Unlock()
			done++
			if what != "" {
				failed = append(failed, c.Name)
				fmt.Printf("FAIL %-32s %s\n", c.Name, what)
			} else {
				fmt.Printf("ok   %-32s %6.2f s\n", c.Name, time.Since(began).Seconds())
			}
		})
	}
	wg.Wait()
	fmt.Printf("%d cases, %d failed\n", done, len(failed))
	if len(failed) > 0 {
		return fmt.Errorf("failed: %s", strings.Join(failed, " "))
	}
	return nil
}

func (c *Case) try(dir, tmp string, n int, with string, verify []string) string {
	exe := filepath.Join(tmp, strings.ReplaceAll(c.Name, "/", "-"))
	build := exec.Command(c.Compiler, append(slices.Clone(c.Flags), filepath.Join(dir, c.Source), "-o", exe)...)
	if c.Compiler == "go" {
		build = exec.Command("go", "build", "-o", exe, "./"+c.Source)
		build.Dir = dir
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
	}
	if out, err := build.CombinedOutput(); err != nil || len(out) > 0 {
		return fmt.Sprintf("build: %v %s", err, out)
	}
	defer os.Remove(exe)
	want := []byte(nil)
	if c.Only == "" {
		status, out, errs := c.exec(tmp, exe)
		if status != c.Status {
			return fmt.Sprintf("status %d natively: %s%s", status, out, errs)
		}
		want = out
	}
	for i := range n {
		words := []string{exe}
		rec := exe + ".rec"
		if with != "" {
			os.RemoveAll(rec)
			words = []string{with, "record", "-o", rec, "--", exe}
		} else if c.Only != "" {
			return ""
		}
		status, out, errs := c.exec(tmp, words...)
		if status != c.Status {
			return fmt.Sprintf("run %d: status %d: %s%s", i, status, out, errs)
		}
		if want == nil {
			want = out
		}
		if !bytes.Equal(out, want) {
			return fmt.Sprintf("run %d: other output: %s", i, out)
		}
		if with != "" {
			v := Case{}
			status, out, errs := v.exec(tmp, append([]string{with, "verify", rec}, verify...)...)
			if status != 0 {
				return fmt.Sprintf("verify %d: status %d: %s%s", i, status, out, errs)
			}
			os.RemoveAll(rec)
		}
	}
	return ""
}

// exec runs words with the case's arguments and stdin; a program that hangs is ended with status -1.
func (c *Case) exec(tmp string, words ...string) (status int, out, errs []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, words[0], append(words[1:], c.Args...)...)
	var o, e bytes.Buffer
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = tmp, strings.NewReader(c.Stdin), &o, &e
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 2 * time.Second
	err := cmd.Run()
	if ctx.Err() != nil || cmd.ProcessState == nil {
		return -1, o.Bytes(), append(e.Bytes(), fmt.Sprint("hangs: ", err)...)
	}
	ws := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if ws.Signaled() {
		return 128 + int(ws.Signal()), o.Bytes(), e.Bytes()
	}
	return ws.ExitStatus(), o.Bytes(), e.Bytes()
}
