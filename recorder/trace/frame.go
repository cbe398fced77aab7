package trace

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"time"

	"github.com/klauspost/compress/zstd"
)

// The events.log begins with a magic number, the format version, and the
// checksum of both.
const (
	logMagic      = "StepLog\n"
	logHeaderSize = 16
)

// Bounds of a frame. A frame is cut as soon as it holds frameCut bytes, so it
// is only longer when its last event is.
const (
	frameCut  = 256 << 10
	maxRaw    = 64 << 20
	maxPacked = maxRaw + 1<<20 // zstd's overhead for what it cannot compress is smaller
)

// frameKind says what a frame holds.
type frameKind uint32

const (
	eventFrame frameKind = iota + 1
	indexFrame
	footerFrame
)

// frameHeader describes a frame.
type frameHeader struct {
	kind frameKind
	// first is the number of the frame's first event. Frames that hold none
	// have the number of events before them.
	first uint64
	count uint32 // events
	// elapsed is when the frame was cut, since the start of the recording:
	// the time of its last event, or at most flushInterval later.
	elapsed time.Duration
	raw     uint32 // length of the content
	packed  uint32 // length of the payload: the content, compressed
	sum     uint32 // CRC-32C of the payload
}

// A frame's header on disk, little-endian: magic, kind, first, elapsed,
// count, raw, packed, sum, and the CRC-32C of all these. With a checksum of
// its own, the headers alone can be trusted to lead from frame to frame.
const (
	frameMagic      = 0x66706253 // "Sbpf"
	frameHeaderSize = 44
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// encodeLogHeader returns the first bytes of an events.log.
func encodeLogHeader() []byte {
	b := append(make([]byte, 0, logHeaderSize), logMagic...)
	b = binary.LittleEndian.AppendUint32(b, Version)
	return binary.LittleEndian.AppendUint32(b, checksum(b))
}

// checkLogHeader checks the first bytes of the log called name, and returns
// the version of its format.
func checkLogHeader(name string, b []byte) (version int, err error) {
	switch {
	case len(b) < logHeaderSize:
		return 0, &DamageError{File: name, What: "it is too short for an event log"}
	case string(b[:8]) != logMagic:
		return 0, &DamageError{File: name, What: "it does not begin as an event log does"}
	case checksum(b[:12]) != binary.LittleEndian.Uint32(b[12:]):
		return 0, &DamageError{File: name, What: "the checksum of its header does not match"}
	}
	version = int(min(binary.LittleEndian.Uint32(b[8:]), math.MaxInt32))
	return version, checkVersion(version)
}

// put writes the header to the first frameHeaderSize bytes of b.
func (h *frameHeader) put(b []byte) {
	le := binary.LittleEndian
	le.PutUint32(b[0:], frameMagic)
	le.PutUint32(b[4:], uint32(h.kind))
	le.PutUint64(b[8:], h.first)
	le.PutUint64(b[16:], uint64(h.elapsed))
	le.PutUint32(b[24:], h.count)
	le.PutUint32(b[28:], h.raw)
	le.PutUint32(b[32:], h.packed)
	le.PutUint32(b[36:], h.sum)
	le.PutUint32(b[40:], checksum(b[:40]))
}

// parseFrameHeader is the inverse of put. It returns what is wrong with the
// header, "" when nothing is.
func parseFrameHeader(b []byte) (h frameHeader, what string) {
	le := binary.LittleEndian
	switch {
	case len(b) < frameHeaderSize:
		return h, "a frame's header is cut short"
	case le.Uint32(b) != frameMagic:
		return h, "no frame begins here"
	case le.Uint32(b[40:]) != checksum(b[:40]):
		return h, "the checksum of a frame's header does not match"
	}
	h = frameHeader{
		kind:    frameKind(le.Uint32(b[4:])),
		first:   le.Uint64(b[8:]),
		elapsed: time.Duration(le.Uint64(b[16:])),
		count:   le.Uint32(b[24:]),
		raw:     le.Uint32(b[28:]),
		packed:  le.Uint32(b[32:]),
		sum:     le.Uint32(b[36:]),
	}
	switch {
	case h.kind < eventFrame || h.kind > footerFrame:
		return h, "a frame is of no known kind"
	case (h.kind == eventFrame) != (h.count > 0):
		return h, "a frame's header has a wrong number of events"
	case h.first > math.MaxUint64-uint64(h.count):
		return h, "a frame's header has impossible event numbers"
	case h.elapsed < 0:
		return h, "a frame's header has an impossible time"
	case h.raw > maxRaw || h.packed > maxPacked:
		return h, "a frame's header has an impossible length"
	}
	return h, ""
}

// newCompressor returns the encoder for frames. The checksum of zstd is off
// since frames have their own.
func newCompressor() *zstd.Encoder {
	c, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false), zstd.WithWindowSize(1<<20), zstd.WithZeroFrames(true))
	if err != nil {
		panic(err) // the options are constants
	}
	return c
}

// newDecompressor returns a decoder for frames, which writes no more than its
// destination has room for.
func newDecompressor() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true),
		zstd.WithDecoderMaxMemory(maxRaw))
	if err != nil {
		panic(err) // the options are constants
	}
	return d
}

// appendFrame appends a frame with the given content: h needs no lengths and
// no checksum.
func appendFrame(b []byte, c *zstd.Encoder, h frameHeader, raw []byte) []byte {
	start := len(b)
	b = append(b, make([]byte, frameHeaderSize)...)
	b = c.EncodeAll(raw, b)
	payload := b[start+frameHeaderSize:]
	h.raw, h.packed, h.sum = uint32(len(raw)), uint32(len(payload)), checksum(payload)
	h.put(b[start:])
	return b
}

// openFrame returns the content of a frame, in the memory of buf if that is
// large enough, and what is wrong with it, "" when nothing is.
func openFrame(d *zstd.Decoder, h frameHeader, payload, buf []byte) (raw []byte, what string) {
	if checksum(payload) != h.sum {
		return nil, "the checksum of a frame does not match"
	}
	if cap(buf) < int(h.raw) {
		buf = make([]byte, h.raw)
	}
	raw, err := d.DecodeAll(payload, buf[:0:h.raw])
	if err != nil || len(raw) != int(h.raw) {
		return nil, "a frame cannot be decompressed"
	}
	return raw, ""
}
