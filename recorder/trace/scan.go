package trace

import "fmt"

// scan finds the frames by going from header to header, up to the footer, the
// end of the file, or damage.
func (l *logReader) scan() error {
	l.end = logHeaderSize
	for at := l.end; at < l.size; {
		h, err := l.header(at)
		if err == nil && h.kind == footerFrame {
			if err = l.readFooter(at, h, l.events); err == nil {
				return nil
			}
		}
		if err == nil && h.first != l.events {
			err = l.damaged(at, fmt.Sprintf("a frame begins with event %d instead of %d", h.first, l.events))
		}
		if err == nil && h.kind == eventFrame && at != l.end {
			err = l.damaged(at, "a frame of events follows the index")
		}
		if d, ok := err.(*DamageError); ok {
			l.damage = d
			break
		}
		if err != nil {
			return err
		}
		at += frameHeaderSize + int64(h.packed)
		if h.kind == eventFrame {
			l.frames = append(l.frames, frameRef{l.end, h.first})
			l.events += uint64(h.count)
			l.end = at
		}
	}
	return l.dropTornTail()
}

// dropTornTail drops frames at the end of an incomplete log whose content does
// not match their header: after a crash of the machine, the last parts of a
// file may be missing though its length is right.
func (l *logReader) dropTornTail() error {
	for n := len(l.frames); n > 0; n-- {
		at := l.frames[n-1].offset
		h, err := l.header(at)
		if err != nil {
			return err
		}
		payload, err := l.read(at+frameHeaderSize, int(h.packed), nil)
		if err != nil {
			return err
		}
		if checksum(payload) == h.sum {
			l.elapsed = h.elapsed
			return nil
		}
		l.damage = l.damaged(at, "the checksum of the last frame does not match")
		l.frames, l.end, l.events = l.frames[:n-1], at, h.first
	}
	l.elapsed = 0
	return nil
}
