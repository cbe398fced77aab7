package trace

import "encoding/binary"

// frameRef is where a frame of events lies in the log.
type frameRef struct {
	offset int64
	first  uint64 // number of its first event
}

// encodeIndex returns the content of an index frame: for every frame, the
// differences of offset and number to the frame before.
func encodeIndex(frames []frameRef) []byte {
	var b []byte
	var last frameRef
	for _, f := range frames {
		b = binary.AppendUvarint(b, uint64(f.offset-last.offset))
		b = binary.AppendUvarint(b, f.first-last.first)
		last = f
	}
	return b
}

// decodeIndex is the inverse of encodeIndex. The frames lie before the offset
// end and hold the events before the number events.
func decodeIndex(b []byte, end int64, events uint64) ([]frameRef, bool) {
	in := source{rest: b}
	var frames []frameRef
	var last frameRef
	for len(in.rest) > 0 {
		offset, first := in.uvarint(), in.uvarint()
		if in.what != "" || offset > uint64(end-last.offset) || first > events-last.first {
			return nil, false
		}
		f := frameRef{last.offset + int64(offset), last.first + first}
		if len(frames) == 0 {
			if f != (frameRef{logHeaderSize, 0}) {
				return nil, false
			}
		} else if offset < frameHeaderSize || first == 0 {
			return nil, false
		}
		frames = append(frames, f)
		last = f
	}
	if len(frames) == 0 {
		return nil, events == 0
	}
	return frames, last.offset <= end-frameHeaderSize && last.first < events
}

// trailer is the end of a complete log: where its index and footer are.
type trailer struct {
	index, footer int64
}

// A trailer on disk: magic, both offsets, CRC-32C of these.
const (
	trailerMagic = "StepEnd\n"
	trailerSize  = 28
)

func (t trailer) append(b []byte) []byte {
	start := len(b)
	b = append(b, trailerMagic...)
	b = binary.LittleEndian.AppendUint64(b, uint64(t.index))
	b = binary.LittleEndian.AppendUint64(b, uint64(t.footer))
	return binary.LittleEndian.AppendUint32(b, checksum(b[start:]))
}

// parseTrailer is the inverse of append; b is the end of a log.
func parseTrailer(b []byte) (t trailer, ok bool) {
	if len(b) != trailerSize || string(b[:8]) != trailerMagic ||
		binary.LittleEndian.Uint32(b[24:]) != checksum(b[:24]) {
		return t, false
	}
	t.index = int64(binary.LittleEndian.Uint64(b[8:]))
	t.footer = int64(binary.LittleEndian.Uint64(b[16:]))
	return t, t.index >= logHeaderSize && t.footer >= t.index
}
