package adapter

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	godap "github.com/google/go-dap"

	"stepback/dap"
	"stepback/recorder/trace"
	"stepback/replayer"
	"stepback/replayer/output"
)

// printed finds in the replay what the program printed, each piece once: a Timeline
// passes events again and again, but new ones in their order.
type printed struct {
	tracker *output.Tracker
	next    uint64 // event that was not seen yet; the rest is of the same goroutine
	show    func(output.Stream, []byte, replayer.Time)

	mu    sync.Mutex
	marks []dap.Marker
}

// maxMarks is how many pieces of output are kept as markers; beyond, every other
// is dropped.
const maxMarks = 1 << 14

func newPrinted(show func(output.Stream, []byte, replayer.Time)) *printed {
	p := &printed{show: show}
	p.tracker = output.New(p.piece)
	return p
}

func (p *printed) observe(n uint64, e *trace.Event, pid int, read func(uint64, []byte) error) {
	if n != p.next {
		return
	}
	p.tracker.Observe(e, pid, read)
	p.next++
}

// piece takes what event p.next printed.
func (p *printed) piece(to output.Stream, content []byte) {
	at := replayer.Time{Event: p.next}
	p.show(to, content, at)
	p.mu.Lock()
	defer p.mu.Unlock()
	const most = 80
	text := strings.ToValidUTF8(string(content[:min(len(content), most)]), "\uFFFD")
	p.marks = append(p.marks, dap.Marker{Time: at.String(), Kind: "output", Text: strings.TrimRight(text, "\n")})
	if len(p.marks) >= maxMarks {
		p.marks = every(p.marks, 2)
	}
}

// markers are what was printed as far as history was passed.
func (p *printed) markers() []dap.Marker {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.marks)
}

// every keeps each nth of a list.
func every[T any](list []T, n int) []T {
	var kept []T
	for i := 0; i < len(list); i += n {
		kept = append(kept, list[i])
	}
	return kept
}

// categories are the protocol's names for streams.
var categories = map[output.Stream]string{output.Stdout: "stdout", output.Stderr: "stderr"}

// validText is text as JSON can have it.
func validText(p []byte) string { return strings.ToValidUTF8(string(p), "\uFFFD") }

// shower sends output to a client, split where a character ends.
type shower struct {
	conn     *dap.Conn
	category string
	rest     []byte // of a character
}

func (s *shower) Write(p []byte) (int, error) {
	text := append(s.rest, p...)
	whole := len(text)
	for i := 1; i < utf8.UTFMax && i <= len(text); i++ { // the last character may be cut
		if b := text[len(text)-i]; utf8.RuneStart(b) {
			if !utf8.FullRune(text[len(text)-i:]) {
				whole -= i
			}
			break
		}
	}
	s.rest = slices.Clone(text[whole:])
	if whole > 0 {
		s.conn.Send("output", godap.OutputEventBody{Category: s.category, Output: validText(text[:whole])})
	}
	return len(p), nil
}

// say sends text to a client.
func say(conn *dap.Conn, category, text string) {
	conn.Send("output", godap.OutputEventBody{Category: category, Output: text})
}

// sayAt sends text that belongs to a Time.
func sayAt(conn *dap.Conn, category, text string, at replayer.Time) {
	data, _ := json.Marshal(dap.Output{Time: at.String()})
	conn.Send("output", godap.OutputEventBody{Category: category, Output: text, Data: data})
}
