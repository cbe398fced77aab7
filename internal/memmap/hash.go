package memmap

// Hash is the FNV-1a hash, 64 bits, of a page's content: what a recording
// keeps of memory to recognize it.
func Hash(page []byte) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for _, b := range page {
		h = (h ^ uint64(b)) * prime
	}
	return h
}
