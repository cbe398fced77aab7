package cursor

import (
	"errors"
	"math"
	"testing"
)

func TestLEB128(t *testing.T) {
	for _, tt := range []struct {
		data     string
		unsigned uint64
		signed   int64
		err      error
	}{
		{"\x00", 0, 0, nil},
		{"\x02", 2, 2, nil},
		{"\x7f", 127, -1, nil},
		{"\x80\x01", 128, 128, nil},
		{"\x80\x7f", 0x3f80, -128, nil},
		{"\xe5\x8e\x26", 624485, 624485, nil},
		{"\x80\x80\x80\x00", 0, 0, nil}, // padded
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", math.MaxUint64, -1, nil},
		{"\x80", 0, 0, ErrShort},
		{"", 0, 0, ErrShort},
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 0, 0, ErrLEB128},
	} {
		c := At([]byte(tt.data), 0)
		if n := c.ULEB(); n != tt.unsigned || c.Err != tt.err {
			t.Errorf("%x unsigned is %d, %v", tt.data, n, c.Err)
		}
		c = At([]byte(tt.data), 0)
		if n := c.SLEB(); n != tt.signed || c.Err != tt.err {
			t.Errorf("%x signed is %d, %v", tt.data, n, c.Err)
		}
	}
	lowest := "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f"
	c := At([]byte(lowest), 0)
	if n := c.SLEB(); n != math.MinInt64 || c.Err != nil {
		t.Errorf("the lowest is %d, %v", n, c.Err)
	}
}

func TestCursor(t *testing.T) {
	c := At([]byte("xab\x00\xfe\xff\x10\xff\xff\xff\xff\x09\x00\x00\x00\x00\x00\x00\x00"), 1)
	if s := c.String(); s != "ab" {
		t.Errorf("%q", s)
	}
	if n := c.Int(2); n != -2 {
		t.Error(n)
	}
	if n := c.Uint(1); n != 16 {
		t.Error(n)
	}
	if n, size := c.Initial(); n != 9 || size != 8 || c.More() || c.Err != nil {
		t.Error(n, size, c.Err)
	}
	if c.Bytes(1); !errors.Is(c.Err, ErrShort) || c.String() != "" || c.Uint(8) != 0 {
		t.Error(c.Err)
	}
	if c := At(nil, 1); c.Err == nil || c.More() {
		t.Error("a cursor behind the data")
	}
}
