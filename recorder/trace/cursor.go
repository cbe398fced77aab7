package trace

import (
	"fmt"
	"io"
	"sort"

	"github.com/klauspost/compress/zstd"
)

// Cursor reads events in their order. Each Cursor is independent of the
// others; one Cursor is for one goroutine.
type Cursor struct {
	log          *logReader
	decompressor *zstd.Decoder
	dec          decoder
	payload, raw []byte // buffers

	frame int    // the frame to load next
	next  uint64 // number of the event that Next returns
	left  uint32 // events of the loaded frame not yet decoded
	at    int64  // offset of the loaded frame
	err   error  // what every Next returns from now on
}

// Events returns a Cursor whose first Next returns event number from. That
// may be Len, to find the end.
func (r *Recording) Events(from uint64) (*Cursor, error) {
	c := &Cursor{log: r.log, decompressor: newDecompressor(), dec: decoder{version: r.log.version}}
	if err := c.Seek(from); err != nil {
		return nil, err
	}
	return c, nil
}

// Seek makes event number from the one that Next returns; it may be Len.
func (c *Cursor) Seek(from uint64) error {
	l := c.log
	if from > l.events {
		return fmt.Errorf("the recording has %d events: there is no event %d", l.events, from)
	}
	c.err, c.left, c.next = nil, 0, from
	if from == l.events {
		c.frame = len(l.frames)
		return nil
	}
	c.frame = sort.Search(len(l.frames), func(i int) bool { return l.frames[i].first > from }) - 1
	c.next = l.frames[c.frame].first
	var e Event
	for c.next < from {
		if err := c.Next(&e); err != nil {
			return err
		}
	}
	return nil
}

// Number returns the number of the event that Next returned last. It means
// nothing before the first Next.
func (c *Cursor) Number() uint64 { return c.next - 1 }

// Next reads the next event into e. It returns io.EOF after the last one, and
// a *DamageError for a frame that is not as it was written. The memory of
// e.Ops and e.Writes is reused, and all bytes that e refers to are valid until
// the next call; what the kind-specific pointers lead to stays valid.
func (c *Cursor) Next(e *Event) error {
	if c.err != nil {
		return c.err
	}
	if c.left == 0 {
		if c.err = c.load(); c.err != nil {
			return c.err
		}
	}
	if what := c.dec.decode(e); what != "" {
		c.err = c.log.damaged(c.at, fmt.Sprintf("event %d: %s", c.next, what))
		return c.err
	}
	c.next++
	c.left--
	if c.left == 0 && len(c.dec.in.rest) > 0 {
		c.err = c.log.damaged(c.at, "a frame is longer than its events")
		return c.err
	}
	return nil
}

// load loads the next frame.
func (c *Cursor) load() error {
	l := c.log
	if c.frame == len(l.frames) {
		return io.EOF
	}
	ref := l.frames[c.frame]
	h, err := l.header(ref.offset)
	if err != nil {
		return err
	}
	end, after := l.end, l.events
	if c.frame+1 < len(l.frames) {
		end, after = l.frames[c.frame+1].offset, l.frames[c.frame+1].first
	}
	if h.kind != eventFrame || h.first != ref.first || h.first+uint64(h.count) != after ||
		ref.offset+frameHeaderSize+int64(h.packed) != end {
		return l.damaged(ref.offset, "a frame is not the one that the index tells of")
	}
	c.payload, err = l.read(ref.offset+frameHeaderSize, int(h.packed), c.payload)
	if err != nil {
		return err
	}
	raw, what := openFrame(c.decompressor, h, c.payload, c.raw)
	if what != "" {
		return l.damaged(ref.offset, what)
	}
	c.raw = raw
	c.dec.reset(raw)
	c.at, c.left = ref.offset, h.count
	c.frame++
	return nil
}
