package trace

import (
	"crypto/sha256"
	"encoding/hex"
)

// Hash names a blob by the SHA-256 of its content. The zero Hash names none.
type Hash [sha256.Size]byte

// IsZero reports whether the hash names no blob.
func (h Hash) IsZero() bool { return h == Hash{} }

// String is the hash in lower-case hexadecimal digits, as in the blob's name.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// parseHash is the inverse of Hash.String. It accepts nothing else: an upper
// case digit would make a second name for the same blob.
func parseHash(s string) (h Hash, ok bool) {
	if len(s) != hex.EncodedLen(len(h)) {
		return Hash{}, false
	}
	if _, err := hex.Decode(h[:], []byte(s)); err != nil || h.String() != s {
		return Hash{}, false
	}
	return h, true
}
