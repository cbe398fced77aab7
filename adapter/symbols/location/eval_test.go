package location

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

// The types of the tests' unit, by their offsets.
var types = map[uint64]BaseType{
	0x10: {Signed, 4}, 0x20: {Unsigned, 4}, 0x30: {Float, 8}, 0x40: {Float, 4}, 0x50: {Signed, 1}, 0x60: {Opaque, 16}, 0x70: {Signed, 8},
}

// testEnv has in memory at x, for x in a page at 0x1000, x mod 256; in
// register n, n times 0x1111111111111111 repeated.
func testEnv() *Env {
	return &Env{
		Bias: 0x400000,
		Read: func(addr uint64, p []byte) error {
			if addr < 0x1000 || addr+uint64(len(p)) > 0x2000 {
				return errors.New("there is no memory")
			}
			for i := range p {
				p[i] = byte(addr + uint64(i))
			}
			return nil
		},
		Register: func(n uint64, p []byte) error {
			if n > 20 {
				return errors.New("it was not saved")
			}
			for i := range p {
				p[i] = byte(n * 0x11)
			}
			return nil
		},
		FrameBase: func() (uint64, error) { return 0x1100, nil },
		CFA:       func() (uint64, error) { return 0x1200, nil },
		Address:   func(i uint64) (uint64, error) { return 0x7000 + i, nil },
		TLS:       func(offset uint64) (uint64, error) { return 0x7f0000 + offset, nil },
		Object:    func() (uint64, error) { return 0x1300, nil },
		Entry: func(expr []byte) (uint64, error) {
			if string(expr) != "\x55" {
				return 0, errors.New("no call site tells it")
			}
			return 77, nil
		},
		Parameter: func(r Ref) (uint64, error) { return 1000 + r.Offset, nil },
		Variable:  func(r Ref) (uint64, error) { return 2000 + r.Offset, nil },
		Expression: func(r Ref) ([]byte, error) {
			switch r {
			case Ref{1, true}: // adds 5
				return []byte{0x23, 5}, nil
			case Ref{2, false}: // itself
				return []byte{0x9a, 2, 0, 0, 0}, nil
			case Ref{3, true}:
				return nil, nil
			}
			return nil, errors.New("there is no such entry")
		},
		Type: func(offset uint64) (BaseType, error) {
			t, ok := types[offset]
			if !ok {
				return t, errors.New("there is no such type")
			}
			return t, nil
		},
	}
}

// bytesOf decodes hexadecimal digits with blanks.
func bytesOf(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func double(f float64) string {
	return hex.EncodeToString(binary.LittleEndian.AppendUint64(nil, math.Float64bits(f)))
}

func single(f float32) string {
	return hex.EncodeToString(binary.LittleEndian.AppendUint32(nil, math.Float32bits(f)))
}

func TestValues(t *testing.T) {
	for _, tt := range []struct {
		expr string
		want int64
	}{
		{"35", 5},
		{"08ff", 255}, {"09ff", -1}, {"0affff", 65535}, {"0bffff", -1}, {"0cffffffff", math.MaxUint32}, {"0dffffffff", -1},
		{"0e0100000000000080", math.MinInt64 + 1}, {"0fffffffffffffffff", -1}, {"108001", 128}, {"11807f", -128},
		{"03 0010000000000000", 0x401000},
		{"33 12 22", 6}, {"33 34 13", 3}, {"33 34 14 22", 7}, {"33 34 35 15 02 22", 8}, {"33 34 16 1c", 1},
		{"31 32 33 17", 2},
		{"31 32 33 17 13", 1}, {"31 32 33 17 13 13", 3},
		{"09ff 19", 1}, {"33 35 1a", 1}, {"37 32 1b", 3}, {"09f9 32 1b", -3}, {"35 37 1c", -2},
		{"09ff 3a 1d", math.MaxUint64 % 10}, {"36 37 1e", 42}, {"33 1f", -3}, {"33 20", -4}, {"33 34 21", 7}, {"33 23 8001", 131},
		{"31 34 24", 16}, {"09ff 083f 25", 1}, {"09f0 34 26", -1}, {"31 0840 24", 0}, {"33 35 27", 6},
		{"35 35 29", 1}, {"09ff 31 2a", 0}, {"31 09ff 2b", 1}, {"09ff 31 2c", 1}, {"09ff 31 2d", 1}, {"31 31 2e", 0},
		{"31 28 0100 34 35", 5},    // jumps over lit4
		{"30 28 0100 34 35", 5},    // does not
		{"33 2f 0100 34", 3},       // skip
		{"3a 31 1c 12 28 faff", 0}, // a loop
		{"75 08", 0x5555555555555555 + 8}, {"92 06 7f", 0x6666666666666666 - 1}, {"91 70", 0x10f0}, {"9c", 0x1200}, {"97", 0x1300},
		{"91 00 06", 0x0706050403020100}, {"91 00 94 02", 0x0100}, {"96 31", 1},
		{"32 9b", 0x7f0002}, {"32 e0", 0x7f0002}, {"a1 03", 0x407003}, {"a2 03", 0x7003}, {"fb 03", 0x407003}, {"fc 03", 0x7003},
		{"a3 01 55", 77}, {"f3 01 55", 77}, {"fa 04000000", 1004}, {"fd 04000000", 2004},
		{"33 98 0100", 8}, {"33 99 01000000", 8}, {"33 98 0300", 3},
		{"55", 0x5555555555555555},
		{"9e 04 01020304", 0x04030201},
		// typed
		{"a4 10 04 ffffffff a4 10 04 02000000 1e 9f", -2},
		{"a4 20 04 ffffffff a4 20 04 02000000 1b 9f", 0x7fffffff},
		{"a4 20 04 ffffffff a4 20 04 02000000 2b", 1},
		{"a4 10 04 ffffffff a4 10 04 02000000 2b", 0},
		{"a4 10 04 ffffffff 31 25 9f", 0x7fffffff}, {"a4 20 04 ffffffff 31 26 a8 10 9f", -1},
		{"a4 30 08 " + double(2.5) + " a4 30 08 " + double(4) + " 1e a8 10 9f", 10},
		{"a4 30 08 " + double(-2.5) + " a8 10 9f", -2},
		{"a4 30 08 " + double(2.5) + " a8 40 a8 00", 2},
		{"a4 40 04 " + single(0.5) + " a4 40 04 " + single(0.25) + " 1b a8 00", 2},
		{"a4 30 08 " + double(1) + " a9 00", 0x3ff0000000000000},
		{"a4 30 08 " + double(-1) + " 19 a8 00", 1},
		{"a4 30 08 " + double(1) + " a4 30 08 " + double(2) + " 2d", 1},
		{"33 a8 30 a8 00", 3}, {"a5 05 50 a8 00", 0x55}, {"f5 05 10 f7 00", 0x55555555}, {"91 00 a6 04 10 a8 00", 0x03020100},
	} {
		got, err := testEnv().Value(bytesOf(t, tt.expr))
		if err != nil || int64(got) != tt.want {
			t.Errorf("%s (%s) is %d, %v, want %d", tt.expr, Format(bytesOf(t, tt.expr), 4), int64(got), err, tt.want)
		}
	}
}

func TestLocations(t *testing.T) {
	for _, tt := range []struct {
		expr, want string
		value      string // what is read of it; what is wrong, if it begins with !
	}{
		{"", "optimized out", "!optimized out"},
		{"91 00", "memory at 0x1100", "0001020304050607"},
		{"91 7f", "memory at 0x10ff", "ff00010203040506"},
		{"31", "memory at 0x1", "!there is no memory"},
		{"53", "register rbx", "3333333333333333"},
		{"90 11", "register xmm0", "2121212121212121"},
		{"53 f0", "register rbx", "3333333333333333"},
		{"6e", "register xmm13", "!not saved"},
		{"35 9f", "the value 0500000000000000", "0500000000000000"},
		{"9e 08 0102030405060708", "the value 0102030405060708", "0102030405060708"},
		{"9e 02 0102", "the value 0102", "!has 2 bytes"},
		{"a0 34120000 02", "a pointer to the entry at 0x1234+2", "!no address"},
		{"f2 34120000 00", "a pointer to the entry at 0x1234", "!no address"},
		{"53 93 04 91 00 93 04", "register rbx (4 bytes), memory at 0x1100 (4 bytes)", "3333333300010203"},
		{"53 93 04 93 04", "register rbx (4 bytes), optimized out (4 bytes)", "!optimized out"},
		{"93 04 53 93 04", "optimized out (4 bytes), register rbx (4 bytes)", "!optimized out"},
		{"53 93 04", "register rbx (4 bytes)", "!optimized out"},
		{"53 9d 04 04 35 9f 9d 3c 00", "register rbx from bit 4 (4 bits), the value 0500000000000000 from bit 0 (60 bits)", "5300000000000000"},
		{"91 00 9d 20 08 53 9d 20 20", "memory at 0x1100 from byte 1 (4 bytes), register rbx from byte 4 (4 bytes)", "0102030433333333"},
	} {
		env := testEnv()
		l, err := env.Locate(bytesOf(t, tt.expr))
		if err != nil || l.String() != tt.want {
			t.Errorf("%s is %q, %v, want %q", tt.expr, l, err, tt.want)
			continue
		}
		var p [8]byte
		err = l.Read(env, p[:])
		if problem, ok := strings.CutPrefix(tt.value, "!"); ok {
			if err == nil || !strings.Contains(err.Error(), problem) {
				t.Errorf("%s: reading %s: %v, want %q", tt.expr, l, err, problem)
			}
		} else if err != nil || fmt.Sprintf("%x", p) != tt.value {
			t.Errorf("%s: %s has %x, %v, want %s", tt.expr, l, p, err, tt.value)
		}
	}
}

// What is wrong with an expression is said.
func TestErrors(t *testing.T) {
	for expr, want := range map[string]string{
		"ff":                                    "unknown operation 0xff at byte 0",
		"31 0c 01":                              "DW_OP_const4u at byte 1 of the expression: the data end",
		"22":                                    "DW_OP_plus at byte 0 of the expression: the stack has 0 numbers only",
		"31 22":                                 "the stack has 0 numbers only",
		"15 05":                                 "the stack has 0 numbers only",
		"17":                                    "the stack has 0 numbers only",
		"31 30 1b":                              "division by zero",
		"31 30 1d":                              "division by zero",
		"2f fdff":                               "does not end within 100000 operations",
		"2f 7fff":                               "a jump to byte -126 of 3",
		"31 12 2f fcff":                         "the stack is full",
		"9a 02000000":                           "call each other more than 32 deep",
		"98 0900":                               "no such entry",
		"53 31":                                 "DW_OP_lit1 at byte 1 follows a whole location",
		"53 93 04 53":                           "ends with a piece that has no size",
		"53 93 00":                              "a piece of 0 bits",
		"53 93 ffffffffff1f":                    "a piece of",
		"31 18":                                 "one address space only",
		"31 94 09":                              "9 bytes are read",
		"a3 01 56":                              "no call site tells it",
		"8e 00":                                 "register xmm13: it was not saved",
		"a8 77":                                 "no such type",
		"a4 10 02 0000":                         "2 bytes for a type of 4",
		"a4 10 04 00000000 31 22":               "different types",
		"a4 30 08 0000000000000000 31 a8 30 1a": "not supported",
		"a4 60 10 00000000000000000000000000000000 19": "not supported",
		"a4 30 08 0000000000000000 a9 10":              "8 bytes are taken for a type of 4",
		"30 06":                                        "reading 8 bytes at 0x0: there is no memory",
	} {
		_, err := testEnv().Locate(bytesOf(t, expr))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", expr, err, want)
		}
	}
	for expr, want := range map[string]string{
		"91 00": "DW_OP_fbreg at byte 0 of the expression: the frame base is not known here",
		"9c":    "canonical frame address is not known", "97": "the object is not known", "a1 00": "not known", "31 9b": "not known", "a3 00": "not known",
		"98 0000": "not known", "30 06": "memory is not known", "70 00": "register rax is not known", "fa 00000000": "not known", "a8 10": "not known",
	} {
		_, err := (&Env{}).Locate(bytesOf(t, expr))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", expr, err, want)
		}
	}
}

func TestSlice(t *testing.T) {
	env := testEnv()
	l, err := env.Locate(bytesOf(t, "53 93 04 93 02 91 00 93 0a"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		bit, bits uint64
		want      string
	}{
		{0, 32, "33333333"}, {8, 16, "3333"}, {48, 32, "00010203"}, {56, 16, "0102"}, {32, 16, "!"}, {16, 64, "!"}, {112, 0, "0809"}, {12, 8, "33"}, {52, 8, "10"}, {200, 8, "!"},
	} {
		n := tt.bits
		if n == 0 {
			n = 16
		}
		p := make([]byte, (n+7)/8)
		err := l.Slice(tt.bit, tt.bits).Read(env, p)
		if got := fmt.Sprintf("%x", p); (err != nil) != (tt.want == "!") || err == nil && got != tt.want {
			t.Errorf("%d bits from %d are %s, %v, want %s", tt.bits, tt.bit, got, err, tt.want)
		}
	}
	l = Location{{Kind: Memory, Addr: 0x1000}}
	if addr, ok := l.Slice(24, 8).Address(); !ok || addr != 0x1003 {
		t.Errorf("%#x, %v", addr, ok)
	}
}

func TestFormat(t *testing.T) {
	for expr, want := range map[string]string{
		"91 6c 06 23 08 9f": "DW_OP_fbreg -20; DW_OP_deref; DW_OP_plus_uconst 8; DW_OP_stack_value",
		"a3 01 55 9f":       "DW_OP_entry_value (DW_OP_reg5); DW_OP_stack_value",
		"f4 10 01 07":       "DW_OP_GNU_const_type 16 07",
		"0a 01":             "DW_OP_const2u 0; the data end too early",
		"01":                "unknown operation 0x01",
	} {
		if got := Format(bytesOf(t, expr), 4); got != want {
			t.Errorf("%s is %q, want %q", expr, got, want)
		}
	}
}

func FuzzLocate(f *testing.F) {
	for _, seed := range []string{"916c06230 89f", "a301559f", "5393049100 9304", "3a30161214221631 1c1228f5ff", "a43008000000000000f03fa8109f", "9a02000000"} {
		f.Add(bytesOf(f, seed))
	}
	f.Fuzz(func(t *testing.T, expr []byte) {
		Format(expr, 8)
		env := testEnv()
		l, err := env.Locate(expr)
		if err != nil {
			return
		}
		_ = l.String()
		p := make([]byte, 16)
		_ = l.Read(env, p)
		_ = l.Slice(3, 17).Read(env, p[:3])
		_, _ = env.Value(expr, 1, 2)
	})
}
