package memmap

import "testing"

// The values are those of the reference implementation of XXH64.
func TestHash(t *testing.T) {
	page := make([]byte, PageSize)
	if got := Hash(page); got != 0xac869b6f32d8bbdb {
		t.Errorf("of zeros: %#x", got)
	}
	for i := range page {
		page[i] = byte(i*7 + i>>8)
	}
	if got := Hash(page); got != 0x2f2095dbb4b78856 {
		t.Errorf("of a page: %#x", got)
	}
	if got := Hash(page[:64]); got != 0xbf3052e3445775d0 {
		t.Errorf("of 64 bytes: %#x", got)
	}
}

func BenchmarkHash(b *testing.B) {
	page := make([]byte, PageSize)
	b.SetBytes(PageSize)
	for range b.N {
		Hash(page)
	}
}
