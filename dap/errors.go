package dap

import "strings"

// ErrorID says what kind of error a response reports: the protocol's error.id.
type ErrorID int

// The kinds of error. Numbers never change their meaning.
const (
	Failed        ErrorID = 1000 + iota // what was asked for did not work
	WrongMessage                        // the message makes no sense
	Unknown                             // there is no such request
	WrongArgument                       // arguments are missing or wrong
	WrongState                          // not now
	Unsupported                         // never
	Cancelled                           // the client gave up
	CannotLaunch                        // launch arguments, the program or the recording
)

// Error is an error with what clients want to know about it.
type Error struct {
	ID       ErrorID
	ShowUser bool   // not only in a log
	Short    string // for programs: "cancelled", "notStopped"
	Err      error
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Wrong is the error for a message that makes no sense.
func Wrong(err error) *Error { return &Error{ID: WrongMessage, Err: err} }

// escape keeps a text from being taken for a format with variables in braces.
func escape(text string) string {
	return strings.NewReplacer("{", "(", "}", ")").Replace(text)
}
