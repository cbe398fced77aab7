package condition_test

import (
	"errors"
	"strings"
	"testing"

	"stepback/replayer/condition"
)

// state has registers 0 to 16 with ten times their numbers in them, and memory
// that begins at 0x1000.
func state() *condition.State {
	s := &condition.State{ThreadID: 7, ProcessID: 6}
	for i := range s.Registers {
		s.Registers[i] = 10 * uint64(i)
	}
	memory := []byte{0xff, 0xfe, 0xfd, 0xfc, 5, 6, 7, 0x88, 9}
	s.Read = func(addr uint64, p []byte) error {
		if addr < 0x1000 || addr+uint64(len(p)) > 0x1000+uint64(len(memory)) {
			return errors.New("no memory")
		}
		copy(p, memory[addr-0x1000:])
		return nil
	}
	return s
}

const none = "none"

func TestEval(t *testing.T) {
	for _, tt := range []struct {
		text string
		want any // int, or none
	}{
		{"1", 1},
		{"0x10", 16},
		{"-1", -1},
		{"~0", -1},
		{"!5", 0},
		{"!0", 1},
		{"1+2*3", 7},
		{"(1+2)*3", 9},
		{"7-2-1", 4},
		{"$rcx", 10},
		{"$r15", 150},
		{"$sp+$fp", 90},
		{"$rip", 160},
		{"$tid*10+$pid", 76},
		{"u8[0x1000]", 255},
		{"s8[0x1000]", -1},
		{"u16[0x1000]", 0xfeff},
		{"s16[0x1002]", -771},
		{"u32[0x1004]", 0x88070605},
		{"s32[0x1004]", 0x88070605 - 1<<32},
		{"u64[0x1000]==s64[0x1000]", 1},
		{"u64[0x1001]", 0x0988070605fcfdfe},
		{"u64[0x1002]", none},
		{"u8[u8[0x1004]+0xffb]", 255},
		{"-7/2", -3},
		{"-7%2", -1},
		{"-7/+2", 1<<63 - 4},
		{"-7%+2", 1},
		{"1/0", none},
		{"1%+0", none},
		{"(1<<63)/-1", none},
		{"(1<<63)%-1", none},
		{"-8>>1", -4},
		{"-8>>+1", 1<<63 - 4},
		{"1<<65", 2},
		{"-1<1", 1},
		{"-1<+1", 0},
		{"2<=2", 1},
		{"2>=3", 0},
		{"3>2", 1},
		{"-1>+1", 1},
		{"6&3|8^1", 11},
		{"1==1!=0", 1},
		{"2&&1", 1},
		{"2&&0", 0},
		{"0||2", 1},
		{"0||0", 0},
		{"0&&u8[0]", 0},
		{"1||u8[0]", 1},
		{"1&&u8[0]", none},
		{"u8[0]||1", none},
		{" $rax == 0 && ( $rcx > 9 ) ", 1},
		{"1&&2&3", 1},
	} {
		e, err := condition.Parse(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		got, err := e.Eval(state())
		switch want := tt.want.(type) {
		case int:
			if err != nil || got != uint64(want) {
				t.Errorf("%s = %d, %v; want %d", tt.text, int64(got), err, want)
			}
			if e.Holds(state()) != (want != 0) {
				t.Errorf("%s holds: %t", tt.text, want == 0)
			}
		default:
			if err == nil || e.Holds(state()) {
				t.Errorf("%s = %d, want no value", tt.text, got)
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		"", "1+", "(1", "1)", "$rax2", "rax", "$", "u8", "u8[", "u8[1", "x[1]", "1 2", "99999999999999999999", "&1", "1&&&1", "=", "1=1",
		strings.Repeat("(", 40) + "1" + strings.Repeat(")", 40), strings.Repeat("1+", 400) + "1", strings.Repeat("1+", 33) + "1",
	} {
		if e, err := condition.Parse(text); err == nil {
			t.Errorf("%q is taken as %+v", text, e)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, e := range []condition.Expr{
		{Op: condition.Add}, {Op: 200}, {Op: condition.Register, N: 17}, {Op: condition.IsZero, Args: make([]condition.Expr, 2)},
	} {
		if e.Check() == nil {
			t.Errorf("%+v is taken", e)
		}
	}
	if err := condition.Both(nil, condition.Is(condition.Expr{Op: condition.ThreadID}, 7)).Check(); err != nil {
		t.Error(err)
	}
}

// Whatever is parsed can be evaluated.
func FuzzParse(f *testing.F) {
	f.Add("u32[$rsp+8]==5&&$rax<+3||!($tid%2)")
	f.Add("-~!0x10>>+1")
	f.Fuzz(func(t *testing.T, text string) {
		if e, err := condition.Parse(text); err == nil {
			e.Holds(state())
		}
	})
}
