package dap

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	// MaxMessage is the length of the longest message that is read.
	MaxMessage = 64 << 20
	// maxHeader bounds a line of a header: whatever is longer is not this protocol.
	maxHeader = 4 << 10
)

// frameError reports a message that could not be read, when the next one can.
type frameError struct{ what string }

func (e *frameError) Error() string { return e.what }

// errNotProtocol reports that there is no telling where the next message begins.
var errNotProtocol = errors.New("what the client sent is not the Debug Adapter Protocol: a header line is longer than 4 KiB")

// readFrame reads the content of the next message. Behind a *frameError, the next
// message follows.
func readFrame(r *bufio.Reader) ([]byte, error) {
	length := -1
	for some := false; ; some = true {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return nil, errNotProtocol
		}
		if err != nil {
			return nil, err
		}
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			if !some {
				continue // between messages
			}
			break
		}
		name, value, _ := strings.Cut(text, ":")
		if !strings.EqualFold(name, "Content-Length") {
			continue // Content-Type, perhaps
		}
		if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
			length = -1
		}
	}
	switch {
	case length < 0:
		return nil, &frameError{"a message has no Content-Length that is a number; begin each with Content-Length: N and an empty line"}
	case length > MaxMessage:
		if _, err := io.CopyN(io.Discard, r, int64(length)); err != nil {
			return nil, err
		}
		return nil, &frameError{fmt.Sprintf("a message of %d bytes is too long: %d are allowed", length, MaxMessage)}
	}
	// What is announced may never come: grow with what does.
	content, err := io.ReadAll(io.LimitReader(r, int64(length)))
	if err == nil && len(content) < length {
		err = io.ErrUnexpectedEOF
	}
	return content, err
}

// writeFrame writes a message in one piece.
func writeFrame(w io.Writer, content []byte) error {
	_, err := w.Write(append(fmt.Appendf(nil, "Content-Length: %d\r\n\r\n", len(content)), content...))
	return err
}
