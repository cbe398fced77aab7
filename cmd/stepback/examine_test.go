package main

import (
	"math"
	"strings"
	"testing"
)

func TestParseFormat(t *testing.T) {
	for _, tt := range []struct {
		format string
		want   examineFormat
		err    string
	}{
		{"", examineFormat{1, 'x', 4}, ""},
		{"8xg", examineFormat{8, 'x', 8}, ""},
		{"8gx", examineFormat{8, 'x', 8}, ""},
		{"3", examineFormat{3, 'x', 4}, ""},
		{"h", examineFormat{1, 'x', 2}, ""},
		{"2d", examineFormat{2, 'd', 4}, ""},
		{"ub", examineFormat{1, 'u', 1}, ""},
		{"4c", examineFormat{4, 'c', 1}, ""},
		{"a", examineFormat{1, 'a', 8}, ""},
		{"f", examineFormat{1, 'f', 8}, ""},
		{"fw", examineFormat{1, 'f', 4}, ""},
		{"s", examineFormat{1, 's', 201}, ""},
		{"10i", examineFormat{10, 'i', 15}, ""},
		{"0x", examineFormat{}, "count"},
		{"99999999999x", examineFormat{}, "count"},
		{"200000g", examineFormat{}, "at most 1048576 bytes"},
		{"q", examineFormat{}, "'q' does not belong there"},
		{"xx", examineFormat{}, "'x' does not belong there"},
		{"xbb", examineFormat{}, "'b' does not belong there"},
		{"x8", examineFormat{}, "'8' does not belong there"},
		{"-1x", examineFormat{}, "'-' does not belong there"},
		{"ib", examineFormat{}, "i cannot have the size b"},
		{"fh", examineFormat{}, "f cannot have the size h"},
	} {
		got, err := parseFormat(tt.format)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%q: %v, want %q", tt.format, err, tt.err)
			}
		} else if err != nil || got != tt.want {
			t.Errorf("%q: %+v, %v, want %+v", tt.format, got, err, tt.want)
		}
	}
}

func TestExamineMemory(t *testing.T) {
	x := &examiner{func(a uint64) string {
		return map[uint64]string{0x1000: "list", 0x1008: "list+8", 0x4141414141414141: "letters"}[a]
	}}
	words := "\x01\x02\x03\x04\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\xf0\x3f"
	single := math.Float32bits(-1.5)
	for _, tt := range []struct {
		format, data string
		want         []string
	}{
		{"2x", words, []string{"0x1000 <list>:\t0x04030201\t0xffffffff"}},
		{"5xb", words, []string{"0x1000 <list>:\t0x01\t0x02\t0x03\t0x04\t0xff"}},
		{"9b", words, []string{"0x1000 <list>:\t0x01\t0x02\t0x03\t0x04\t0xff\t0xff\t0xff\t0xff", "0x1008 <list+8>:\t0x00"}},
		{"2xg", words, []string{"0x1000 <list>:\t0xffffffff04030201\t0x3ff0000000000000"}},
		{"2d", words, []string{"0x1000 <list>:\t67305985\t-1"}},
		{"2u", words, []string{"0x1000 <list>:\t67305985\t4294967295"}},
		{"dh", "\xfe\xff", []string{"0x1000 <list>:\t-2"}},
		{"o", "\x08\x00\x00\x00", []string{"0x1000 <list>:\t010"}},
		{"2tb", "\x05\x80", []string{"0x1000 <list>:\t00000101\t10000000"}},
		{"4c", "A'\n\xff", []string{"0x1000 <list>:\t65 'A'\t39 '\\''\t10 '\\n'\t-1 '\\377'"}},
		{"2f", words, []string{"0x1000 <list>:\tNaN\t1"}},
		{"fw", string([]byte{byte(single), byte(single >> 8), byte(single >> 16), byte(single >> 24)}), []string{"0x1000 <list>:\t-1.5"}},
		{"2a", "AAAAAAAA\x02\x00\x00\x00\x00\x00\x00\x00", []string{"0x1000 <list>:\t0x4141414141414141 <letters>\t0x2"}},
		{"2s", "\"one\"\x00two\x00", []string{"0x1000 <list>:\t\"\\\"one\\\"\"", "0x1006:\t\"two\""}},
		{"s", strings.Repeat("z", 300), []string{"0x1000 <list>:\t\"" + strings.Repeat("z", 200) + "\"..."}},
		{"2i", "\x55\x48\x89\xe5", []string{"0x1000 <list>:\tpush rbp", "0x1001:\tmov rbp, rsp"}},
		// Less is there.
		{"3x", words[:10], []string{"0x1000 <list>:\t0x04030201\t0xffffffff", "memory ends at 0x100a"}},
		{"xg", "abc", []string{"memory ends at 0x1003"}},
		{"2s", "end", []string{"0x1000 <list>:\t\"end\"...", "memory ends at 0x1003"}},
		{"3i", "\x90\x48", []string{"0x1000 <list>:\tnop", "0x1001:\t.byte 0x48", "memory ends at 0x1002"}},
	} {
		f, err := parseFormat(tt.format)
		if err != nil {
			t.Fatal(err)
		}
		data := []byte(tt.data)
		if got, want := x.examine(f, 0x1000, data[:min(len(data), int(f.count*f.size))]).String(), strings.Join(tt.want, "\n"); got != want {
			t.Errorf("x/%s of %q:\n%s\nwant\n%s", tt.format, tt.data, got, want)
		}
	}
}
