package adapter

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"stepback/dap"
	"stepback/snapshots"
)

// launchArguments are what launch.json says. README.md describes them.
type launchArguments struct {
	Mode    string             `json:"mode,omitempty"`
	Program string             `json:"program,omitempty"`
	Args    []string           `json:"args,omitempty"`
	Cwd     string             `json:"cwd,omitempty"`
	Env     map[string]*string `json:"env,omitempty"` // null: not set
	Stdin   string             `json:"stdin,omitempty"`
	Stdout  string             `json:"stdout,omitempty"`
	Stderr  string             `json:"stderr,omitempty"`
	Console string             `json:"console,omitempty"`

	Recording     string `json:"recording,omitempty"`
	KeepRecording bool   `json:"keepRecording,omitempty"`
	StopOnEntry   bool   `json:"stopOnEntry,omitempty"`
	StartAt       string `json:"startAt,omitempty"`

	MaxSnapshots            *int              `json:"maxSnapshots,omitempty"`
	MemoryPressureThreshold *int              `json:"memoryPressureThreshold,omitempty"`
	SourceMap               map[string]string `json:"sourceMap,omitempty"`
	DebugInfoPaths          []string          `json:"debugInfoPaths,omitempty"`
}

// The values of arguments that are words. The first is that of an argument left out.
var (
	modes    = []string{"launch", "replay"}
	consoles = []string{"internalConsole", "integratedTerminal"}
	starts   = []string{startAtBreakpoint, startAtEntry, startAtEnd}
)

const (
	startAtBreakpoint = "firstBreakpoint"
	startAtEntry      = "entry"
	startAtEnd        = "end"
)

// check completes the arguments, and reports what is wrong with them.
func (a *launchArguments) check(c *Config) error {
	for _, w := range []struct {
		name    string
		value   *string
		allowed []string
	}{{"mode", &a.Mode, modes}, {"console", &a.Console, consoles}, {"startAt", &a.StartAt, starts}} {
		if *w.value == "" {
			*w.value = w.allowed[0]
			if w.value == &a.StartAt && a.StopOnEntry {
				a.StartAt = startAtEntry
			}
		}
		if !slices.Contains(w.allowed, *w.value) {
			return fmt.Errorf("launch argument %s is %q; write %s", w.name, *w.value, strings.Join(w.allowed, " or "))
		}
	}
	if a.MaxSnapshots == nil {
		a.MaxSnapshots = &c.MaxSnapshots
	}
	if a.MemoryPressureThreshold == nil {
		a.MemoryPressureThreshold = &c.MemoryPressureThreshold
	}
	switch most := *a.MaxSnapshots; {
	case most < snapshots.Fewest:
		return fmt.Errorf("launch argument maxSnapshots is %d; %d are needed to go back at all", most, snapshots.Fewest)
	case snapshots.CheckThreshold(*a.MemoryPressureThreshold) != nil:
		return fmt.Errorf("launch argument memoryPressureThreshold: %w", snapshots.CheckThreshold(*a.MemoryPressureThreshold))
	case a.Mode == "replay" && a.Recording == "":
		return errors.New(`launch argument recording is missing: with mode "replay" it names the recording's directory`)
	case a.Mode == "launch" && a.Program == "":
		return errors.New("launch argument program is missing: write the path of the program to record and debug")
	}
	if a.Cwd != "" {
		if info, err := os.Stat(a.Cwd); err != nil || !info.IsDir() {
			return fmt.Errorf("launch argument cwd: there is no directory %s", a.Cwd)
		}
	}
	return nil
}

// environment is ours with the changes that are asked for.
func (a *launchArguments) environment() []string {
	env := map[string]string{}
	for _, e := range os.Environ() {
		name, value, _ := strings.Cut(e, "=")
		env[name] = value
	}
	for name, value := range a.Env {
		delete(env, name)
		if value != nil {
			env[name] = *value
		}
	}
	var list []string
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	sort.Strings(list)
	return list
}

// redirections opens the files of standard input, output and error; nil where none
// is named.
func (a *launchArguments) redirections() (files [3]*os.File, err error) {
	for i, r := range []struct {
		name, path string
		flags      int
	}{
		{"stdin", a.Stdin, os.O_RDONLY},
		{"stdout", a.Stdout, os.O_WRONLY | os.O_CREATE | os.O_TRUNC},
		{"stderr", a.Stderr, os.O_WRONLY | os.O_CREATE | os.O_TRUNC},
	} {
		if r.path == "" {
			continue
		}
		if i == 2 && a.Stderr == a.Stdout { // one file, with one position in it
			files[2] = files[1]
			continue
		}
		path := r.path
		if !filepath.IsAbs(path) {
			path = filepath.Join(a.Cwd, path)
		}
		if files[i], err = os.OpenFile(path, r.flags, 0o666); err != nil {
			closeAll(files[:])
			return files, fmt.Errorf("launch argument %s: %w", r.name, err)
		}
	}
	return files, nil
}

// closeAll closes files; some may be nil, or there twice.
func closeAll(files []*os.File) {
	for _, f := range files {
		if f != nil {
			f.Close()
		}
	}
}

// cannotLaunch is the error that the user sees in a window.
func cannotLaunch(err error) error {
	if err == nil {
		return nil
	}
	return &dap.Error{ID: dap.CannotLaunch, ShowUser: true, Err: err}
}

// launchBody reads the arguments of a launch.
func parseLaunch(text json.RawMessage, c *Config) (*launchArguments, error) {
	a := new(launchArguments)
	if err := json.Unmarshal(text, a); err != nil {
		return nil, cannotLaunch(fmt.Errorf("launch: %s", dap.JSONProblem(err)))
	}
	return a, cannotLaunch(a.check(c))
}
