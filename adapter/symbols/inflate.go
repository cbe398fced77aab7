package symbols

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"
)

// inflate unpacks a .zdebug section: "ZLIB", the size in 8 bytes, the most significant first,
// and a zlib stream. It unpacks at most limit bytes.
func inflate(data []byte, limit uint64) ([]byte, error) {
	const header = len("ZLIB") + 8
	if len(data) < header {
		return nil, errors.New("it is too short")
	}
	size := binary.BigEndian.Uint64(data[header-8:])
	if size > limit {
		return nil, errPacked
	}
	r, err := zlib.NewReader(bytes.NewReader(data[header:]))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(r, int64(size)))
	if err == nil && uint64(len(out)) != size {
		err = io.ErrUnexpectedEOF
	}
	return out, err
}
