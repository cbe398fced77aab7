// Package daptest is a client of the Debug Adapter Protocol for tests. It checks every
// message, sent and received, against the protocol's JSON schema.
package daptest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Client is a client with its connection.
type Client struct {
	t    testing.TB
	conn io.ReadWriteCloser

	mu      sync.Mutex
	seq     int
	got     []Message // that nobody took yet
	log     []string
	err     error // of the connection
	changed chan struct{}
}

// Message is what the adapter sent.
type Message struct {
	Seq        int             `json:"seq"`
	Type       string          `json:"type"`
	Command    string          `json:"command"`
	Event      string          `json:"event"`
	RequestSeq int             `json:"request_seq"`
	Success    bool            `json:"success"`
	Message    string          `json:"message"`
	Arguments  json.RawMessage `json:"arguments"`
	Body       json.RawMessage `json:"body"`
}

// A is a JSON object.
type A = map[string]any

// New makes a client.
func New(t testing.TB, conn io.ReadWriteCloser) *Client {
	c := &Client{t: t, conn: conn, changed: make(chan struct{}, 1)}
	go c.receive()
	t.Cleanup(func() { conn.Close() })
	return c
}

func (c *Client) receive() {
	r := bufio.NewReader(c.conn)
	for seq := 1; ; seq++ {
		content, err := read(r)
		var m Message
		if err == nil {
			if err = Check(content); err != nil {
				c.t.Errorf("the adapter sent %s\n%v", content, err)
			}
			err = json.Unmarshal(content, &m)
		}
		if err == nil && m.Seq != seq {
			c.t.Errorf("message %d has number %d: %s", seq, m.Seq, content)
		}
		c.mu.Lock()
		if err != nil {
			c.err = err
		} else {
			c.got = append(c.got, m)
			c.note("<-", content)
		}
		c.mu.Unlock()
		select {
		case c.changed <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// note keeps the latest messages for failures.
func (c *Client) note(direction string, content []byte) {
	const most = 60
	c.log = append(c.log, direction+" "+string(content[:min(len(content), 500)]))
	c.log = c.log[max(len(c.log)-most, 0):]
}

func read(r *bufio.Reader) ([]byte, error) {
	header, err := textproto.NewReader(r).ReadMIMEHeader()
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(header.Get("Content-Length"))
	if err != nil {
		return nil, err
	}
	content := make([]byte, n)
	_, err = io.ReadFull(r, content)
	return content, err
}

// Raw sends bytes as they are.
func (c *Client) Raw(p []byte) {
	c.t.Helper()
	if _, err := c.conn.Write(p); err != nil {
		c.t.Fatalf("sending: %v", err)
	}
}

// Frame is a message with its header.
func Frame(content []byte) []byte {
	return append(fmt.Appendf(nil, "Content-Length: %d\r\n\r\n", len(content)), content...)
}

// Send sends a request and returns its number. arguments may be nil.
func (c *Client) Send(command string, arguments any) (seq int) {
	c.t.Helper()
	c.mu.Lock()
	c.seq++
	seq = c.seq
	m := A{"seq": seq, "type": "request", "command": command}
	if arguments != nil {
		m["arguments"] = arguments
	}
	content, err := json.Marshal(m)
	if err == nil {
		err = Check(content)
	}
	c.note("->", content)
	c.mu.Unlock()
	if err != nil {
		c.t.Fatalf("the test sends %s\n%v", content, err)
	}
	c.Raw(Frame(content))
	return seq
}

// Unchecked sends a request that need not be as the protocol wants it.
func (c *Client) Unchecked(command string, arguments json.RawMessage) (seq int) {
	c.t.Helper()
	c.mu.Lock()
	c.seq++
	seq = c.seq
	content := fmt.Appendf(nil, `{"seq":%d,"type":"request","command":%q,"arguments":%s}`, seq, command, arguments)
	c.note("->", content)
	c.mu.Unlock()
	c.Raw(Frame(content))
	return seq
}

// Respond answers a request of the adapter.
func (c *Client) Respond(m Message, body any) {
	c.mu.Lock()
	c.seq++
	content, _ := json.Marshal(A{"seq": c.seq, "type": "response", "request_seq": m.Seq, "success": true, "command": m.Command, "body": body})
	c.mu.Unlock()
	c.Raw(Frame(content))
}

// patience is how long a message may take.
const patience = 60 * time.Second

// take waits for a message and takes it out. Others stay where they are.
func (c *Client) take(what string, is func(*Message) bool) Message {
	c.t.Helper()
	deadline := time.After(patience)
	for {
		c.mu.Lock()
		i := slices.IndexFunc(c.got, func(m Message) bool { return is(&m) })
		var m Message
		if i >= 0 {
			m = c.got[i]
			c.got = slices.Delete(c.got, i, i+1)
		}
		err := c.err
		c.mu.Unlock()
		if i >= 0 {
			return m
		}
		if err != nil {
			c.fail("waiting for %s: the connection ended: %v", what, err)
		}
		select {
		case <-c.changed:
		case <-deadline:
			c.fail("waiting for %s: it did not come", what)
		}
	}
}

func (c *Client) fail(format string, args ...any) {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t.Fatalf(format+"\n%s", append(args, strings.Join(c.log, "\n"))...)
}

// Response waits for the response to a request.
func (c *Client) Response(seq int) Message {
	c.t.Helper()
	return c.take(fmt.Sprintf("the response to %d", seq), func(m *Message) bool { return m.Type == "response" && m.RequestSeq == seq })
}

// Event waits for an event.
func (c *Client) Event(name string) Message {
	c.t.Helper()
	return c.take("event "+name, func(m *Message) bool { return m.Type == "event" && m.Event == name })
}

// Request waits for a request of the adapter.
func (c *Client) Request(command string) Message {
	c.t.Helper()
	return c.take("request "+command, func(m *Message) bool { return m.Type == "request" && m.Command == command })
}

// Do sends a request that must succeed, and reads the body of the response.
func Do[B any](c *Client, command string, arguments any) (body B) {
	c.t.Helper()
	m := c.Response(c.Send(command, arguments))
	if !m.Success {
		c.fail("%s failed: %s", command, m.Message)
	}
	if m.Body != nil {
		if err := json.Unmarshal(m.Body, &body); err != nil {
			c.fail("%s: %v", command, err)
		}
	}
	return body
}

// Fails sends a request that must fail, and returns what the user is told.
func (c *Client) Fails(command string, arguments any) string {
	c.t.Helper()
	m := c.Response(c.Send(command, arguments))
	if m.Success {
		c.fail("%s succeeded", command)
	}
	var body struct {
		Error struct {
			Format string
			ID     int
		}
	}
	json.Unmarshal(m.Body, &body)
	if body.Error.Format == "" || body.Error.ID == 0 {
		c.fail("%s failed without a text for the user: %s", command, m.Body)
	}
	return body.Error.Format
}

// Stopped is the body of a stopped event.
type Stopped struct {
	Reason, Description, Text string
	ThreadID                  int
	AllThreadsStopped         bool
	HitBreakpointIDs          []int
}

// Stopped waits for a stopped event.
func (c *Client) Stopped() (s Stopped) {
	c.t.Helper()
	m := c.Event("stopped")
	if err := json.Unmarshal(m.Body, &s); err != nil {
		c.fail("%v", err)
	}
	if !s.AllThreadsStopped {
		c.fail("stopped, but not all threads")
	}
	return s
}

// Move sends a request that moves the present, and waits until it stands again. The response must
// come first, and one stopped event.
func (c *Client) Move(command string, arguments any) Stopped {
	c.t.Helper()
	r := c.Response(c.Send(command, arguments))
	if !r.Success {
		c.fail("%s failed: %s", command, r.Message)
	}
	m := c.Event("stopped")
	if m.Seq < r.Seq {
		c.fail("stopped came before the response to %s", command)
	}
	var s Stopped
	json.Unmarshal(m.Body, &s)
	c.None("stopped")
	return s
}

// None makes sure that no such event has come.
func (c *Client) None(event string) {
	c.t.Helper()
	c.mu.Lock()
	some := slices.ContainsFunc(c.got, func(m Message) bool { return m.Event == event })
	c.mu.Unlock()
	if some {
		c.fail("there is one event %s too many", event)
	}
}

// Output is all output of a category that has come, and that nobody took.
func (c *Client) Output(category string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var b strings.Builder
	for _, m := range c.got {
		var o struct{ Category, Output string }
		if m.Event == "output" && json.Unmarshal(m.Body, &o) == nil && o.Category == category {
			b.WriteString(o.Output)
		}
	}
	return b.String()
}

// End waits until the adapter closes the connection.
func (c *Client) End() {
	c.t.Helper()
	deadline := time.After(patience)
	for {
		c.mu.Lock()
		err := c.err
		c.mu.Unlock()
		if err != nil {
			return
		}
		select {
		case <-c.changed:
		case <-deadline:
			c.fail("the adapter does not close the connection")
		}
	}
}
