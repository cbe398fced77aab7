package adapter

import "stepback/recorder/trace"

// Config is what a session gets from the command that serves it. The functions' errors are
// for users.
type Config struct {
	// Tool is our name and version, for manifests of recordings.
	Tool        string
	SyscallName func(nr uint64) string
	// FindProgram makes sure that a program can be recorded, and returns its path.
	FindProgram func(name string) (path string, err error)
	// Reserve makes the place for a recording of a program: the directory that is
	// asked for, or a new one. Discard removes it.
	Reserve func(asked, program string) (place string, err error)
	Discard func(place string)
	// OpenRecording opens the recording that a user names.
	OpenRecording func(name string) (rec *Recording, err error)
	// ExplainLaunch says why a program could not be started.
	ExplainLaunch func(error) string
	// Terminal is the command line that records a program in a terminal, and reports to a
	// socket (Report); nil if there is none.
	Terminal func(socket, place, program string, args []string) []string
	// What the user's flags and environment say; launch arguments count more.
	MaxSnapshots, MemoryPressureThreshold int
}

// Recording is a recording, opened for reading.
type Recording = trace.Recording
