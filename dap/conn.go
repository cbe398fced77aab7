package dap

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"sync"

	"github.com/google/go-dap"
)

// Conn is a connection to a client.
type Conn struct {
	r      *bufio.Reader
	closer io.Closer
	read   int // messages

	mu      sync.Mutex
	w       io.Writer
	sent    int // messages
	broken  error
	waiting map[int]chan<- answer // for responses to our requests, by their seq
}

// answer is a client's response to one of our requests.
type answer struct {
	body json.RawMessage
	err  error
}

// NewConn makes a Conn of a stream in both directions.
func NewConn(rw io.ReadWriteCloser) *Conn {
	return &Conn{r: bufio.NewReaderSize(rw, maxHeader), w: rw, closer: rw, waiting: map[int]chan<- answer{}}
}

// Close closes the stream. Receive then returns an error.
func (c *Conn) Close() error {
	err := c.closer.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	for seq, w := range c.waiting {
		w <- answer{err: errClosed}
		delete(c.waiting, seq)
	}
	return err
}

var errClosed = errors.New("the connection to the client was closed")

// message is what all messages have.
type message struct {
	Seq        int             `json:"seq"`
	Type       string          `json:"type"`
	Command    string          `json:"command"`
	Arguments  json.RawMessage `json:"arguments"`
	RequestSeq int             `json:"request_seq"`
	Success    bool            `json:"success"`
	Message    string          `json:"message"`
	Body       json.RawMessage `json:"body"`
}

// Receive returns the next request. What is wrong is answered with an error.
func (c *Conn) Receive() (*Call, error) {
	for {
		content, err := readFrame(c.r)
		c.read++
		var bad *frameError
		if errors.As(err, &bad) {
			c.call(nil).Fail(Wrong(bad))
			continue
		}
		if err != nil {
			return nil, err
		}
		var m message
		if err := json.Unmarshal(content, &m); err != nil {
			c.call(content).Fail(Wrong(fmt.Errorf("the message cannot be read: %s", JSONProblem(err))))
			continue
		}
		switch {
		case m.Type == "request" && m.Command != "":
			return &Call{conn: c, Seq: max(m.Seq, 1), Command: m.Command, arguments: m.Arguments}, nil
		case m.Type == "response":
			c.answered(&m)
		default:
			c.call(content).Fail(Wrong(fmt.Errorf("a message of type %q and command %q is neither request nor response", m.Type, m.Command)))
		}
	}
}

// seqText finds the number of a message that cannot be read.
var seqText = regexp.MustCompile(`"seq"\s*:\s*([1-9][0-9]{0,8})\b`)

// call is a Call for what is no request. Clients number messages from 1 on.
func (c *Conn) call(content []byte) *Call {
	call := &Call{conn: c, Seq: c.read}
	if m := seqText.FindSubmatch(content); m != nil {
		call.Seq, _ = strconv.Atoi(string(m[1]))
	}
	return call
}

func (c *Conn) answered(m *message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if w := c.waiting[m.RequestSeq]; w != nil {
		a := answer{body: m.Body}
		if !m.Success {
			a.err = errors.New(orElse(m.Message, "the client refused "+m.Command))
		}
		w <- a
		delete(c.waiting, m.RequestSeq)
	}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// send numbers a message and writes it.
func (c *Conn) send(number func(seq int) any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return c.broken
	}
	c.sent++
	content, err := json.Marshal(number(c.sent))
	if err == nil {
		err = writeFrame(c.w, content)
	}
	c.broken = err
	return err
}

// Send sends an event. A client that is gone is noticed by Receive.
func (c *Conn) Send(event string, body any) {
	c.send(func(seq int) any {
		return struct {
			dap.Event
			Body any `json:"body,omitempty"`
		}{dap.Event{ProtocolMessage: dap.ProtocolMessage{Seq: seq, Type: "event"}, Event: event}, none(body)}
	})
}

// Request sends a request to the client, and returns a channel for the body of its answer.
// The loop that calls Receive must go on meanwhile.
func (c *Conn) Request(command string, arguments any) (wait func() (json.RawMessage, error)) {
	got := make(chan answer, 1)
	err := c.send(func(seq int) any {
		c.waiting[seq] = got
		return struct {
			dap.Request
			Arguments any `json:"arguments"`
		}{dap.Request{ProtocolMessage: dap.ProtocolMessage{Seq: seq, Type: "request"}, Command: command}, arguments}
	})
	return func() (json.RawMessage, error) {
		if err != nil {
			return nil, err
		}
		a := <-got
		return a.body, a.err
	}
}

// Call is a request. It is answered once.
type Call struct {
	conn      *Conn
	Seq       int
	Command   string
	arguments json.RawMessage
}

// Raw are the arguments as they came.
func (c *Call) Raw() json.RawMessage { return c.arguments }

// With is the same call with other arguments.
func (c *Call) With(arguments json.RawMessage) *Call {
	other := *c
	other.arguments = arguments
	return &other
}

// Succeed answers with a body, nil for none.
func (c *Call) Succeed(body any) {
	c.conn.send(func(seq int) any {
		return struct {
			dap.Response
			Body any `json:"body,omitempty"`
		}{c.response(seq, true, ""), none(body)}
	})
}

// Fail answers with an error. Of what kind it is, an *Error says.
func (c *Call) Fail(err error) {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{ID: Failed, Err: err}
	}
	c.conn.send(func(seq int) any {
		text := err.Error()
		return dap.ErrorResponse{
			Response: c.response(seq, false, orElse(e.Short, text)),
			Body:     dap.ErrorResponseBody{Error: &dap.ErrorMessage{Id: int(e.ID), Format: escape(text), ShowUser: e.ShowUser}},
		}
	})
}

func (c *Call) response(seq int, success bool, text string) dap.Response {
	return dap.Response{
		ProtocolMessage: dap.ProtocolMessage{Seq: seq, Type: "response"},
		RequestSeq:      c.Seq, Success: success, Command: c.Command, Message: text,
	}
}

// none is nil for a pointer that is nil.
func none(body any) any {
	if v := reflect.ValueOf(body); v.Kind() == reflect.Pointer && v.IsNil() {
		return nil
	}
	return body
}
