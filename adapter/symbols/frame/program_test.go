package frame

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"stepback/internal/tracee"
)

// described makes a Table of a .debug_frame with a CIE and one function at
// 0x1010-0x1050. The CIE has code alignment 1, data alignment -8, and says that
// the CFA is rsp + 8 and the return address at CFA - 8.
func described(t testing.TB, program string) *Table {
	common := code(t, "ffffffff 04 00 08 00 01 78 10 0c 07 08 90 01 83 02")
	fde := append(words(0x1010, 0x40), code(t, program)...)
	data := append(words(uint64(len(common)))[:4], common...)
	data = append(data, words(uint64(len(fde)+4))...) // with the offset of the CIE, 0
	data = append(data, fde...)
	return &Table{
		sections: []*section{{name: ".debug_frame", data: data, cies: map[uint64]*cie{}}},
		indexes:  map[*section][]span{},
	}
}

// Rows of programs that compilers seldom write.
func TestProgram(t *testing.T) {
	for _, tt := range []struct {
		program string
		want    string // of rows: start, CFA, rbx, rbp, return address
	}{
		{"", "1010 r7+8 c-16 u c-8"},
		{"41 0e10 42 8603", "1010 r7+8 c-16 u c-8; 1011 r7+16 c-16 u c-8; 1013 r7+16 c-16 c-24 c-8"},
		{"83 05 0204 c3", "1010 r7+8 c-40 u c-8; 1014 r7+8 c-16 u c-8"}, // the CIE's rule again
		{"030100 0506 02 0401000000 0606", "1010 r7+8 c-16 u c-8; 1011 r7+8 c-16 c-16 c-8; 1012 r7+8 c-16 u c-8"},
		{"01 1210000000000000 0803", "1010 r7+8 c-16 u c-8; 1012 r7+8 s u c-8"},
		{"0a 0e20 0703 41 0b", "1010 r7+32 u u c-8; 1011 r7+8 c-16 u c-8"},
		{"090306 0803", "1010 r7+8 s u c-8"},
		{"090306", "1010 r7+8 r6+0 u c-8"},
		{"0f 02 7710 41 100301 30 160601 31", "1010 exp c-16 u c-8; 1011 exp exp vexp c-8"},
		{"12067e 137d 1103 7f", "1010 r6+24 c+8 u c-8"},
		{"140302 150601 2e10 2f0c02", "1010 r7+8 v-16 v-8 c-8"},
		{"0d06 41 1d0100000000000000 00", "1010 r6+8 c-16 u c-8; 1011 r6+8 c-16 u c-8; 1012 r6+8 c-16 u c-8"},
		{"2f0302", "1010 r7+8 c+16 u c-8"},
		{"0514 01 9a 01", "1010 r7+8 c-16 u c-8"}, // registers that are not followed
		{"0b", "!DW_CFA_restore_state at byte 0 of the program of frames at 0x1010: nothing was remembered"},
		{"3f", "!unknown operation 0x3f"},
		{"0e", "!DW_CFA_def_cfa_offset at byte 0 of the program of frames at 0x1010: the data end too early"},
		{"0f00 0e08", "!the CFA is no register"},
		{"01 0010000000000000", "!goes back to 0x1000"},
		{strings.Repeat("0a", 300), "!remembered"},
	} {
		var rows []string
		f, err := described(t, tt.program).Find(0x1020)
		if err == nil {
			err = f.Rows(func(r *Row) bool {
				rows = append(rows, fmt.Sprintf("%x %s %s %s %s", r.Start, r.CFA, r.Regs[RBX], r.Regs[RBP], r.Regs[RIP]))
				return true
			})
		}
		got := strings.Join(rows, "; ")
		if problem, ok := strings.CutPrefix(tt.want, "!"); ok {
			if err == nil || !strings.Contains(err.Error(), problem) {
				t.Errorf("%s: %v, want %q", tt.program, err, problem)
			}
		} else if err != nil || got != tt.want {
			t.Errorf("%s: %s, %v, want %s", tt.program, got, err, tt.want)
		}
	}
}

// Rules give the registers of the caller.
func TestRules(t *testing.T) {
	for _, tt := range []struct {
		program string
		want    string // CFA, rbx, rbp, pc of the caller; what is wrong, after !
	}{
		{"", "8008 ? 55 1005"},
		{"0e10 8302", "8010 1005 55 8888"},
		{"0803", "8008 33 55 1005"}, {"0703", "8008 ? 55 1005"}, {"090306", "8008 55 55 1005"}, {"140302", "8008 7ff8 55 1005"},
		{"100302 2308 0600", "8008 7777 55 1005"}, {"160301 35", "8008 5 55 1005"}, {"1603 03 231006", "8008 6666 55 1005"},
		{"0f02 7710", "8010 1005 55 8888"}, // CFA = rsp + 16
		{"0710", "end"},
		{"0c 11 08", "!register xmm0, on which its frame is based"},
		{"0f01 06", "!its canonical frame address: DW_OP_deref"},
		{"0e808001", "!the return address: there is no memory at 0xbff8"},
	} {
		m := &memory{code: code(t, callers+"90 90 90"), stack: words(0x1005, 0x8888, 0x7777, 0x6666), table: described(t, tt.program)}
		s := Unwind(m, RegsOf(&tracee.Regs{Rip: 0x1010, Rsp: 0x8000, Rbx: 0x33, Rbp: 0x55}), 2)
		got := "end"
		if len(s.Frames) > 1 {
			show := func(n uint64) string {
				if value, ok := s.Frames[1].Regs.Get(n); ok {
					return fmt.Sprintf("%x", value)
				}
				return "?"
			}
			got = fmt.Sprintf("%x %s %s %s", s.Frames[0].CFA, show(RBX), show(RBP), show(RIP))
		} else if s.Err != nil {
			got = "!" + s.Err.Error()
		}
		if got != tt.want && (tt.want[0] != '!' || !strings.Contains(got, tt.want[1:])) {
			t.Errorf("%s: %s, want %s", tt.program, got, tt.want)
		}
	}
}

// FuzzSection reads damaged sections, and unwinds with what they say.
func FuzzSection(f *testing.F) {
	if _, err := exec.LookPath("gcc"); err == nil {
		data, err := open(f, library(f, "libgcc_s.so.1")).Section(".eh_frame").Data()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[:4096], true)
	}
	f.Add(described(f, "41 0e10 42 8603 0f0177 0a 0b").sections[0].data, false)
	f.Fuzz(func(t *testing.T, data []byte, eh bool) {
		s := &section{name: "fuzz", data: data, addr: 0x1000, eh: eh, cies: map[uint64]*cie{}}
		table := &Table{sections: []*section{s}, indexes: map[*section][]span{}}
		n := 0
		for fde := range table.All {
			_ = fde.Rows(func(r *Row) bool { n++; return n < 1000 })
			m := &memory{code: data, stack: data, table: table}
			Unwind(m, RegsOf(&tracee.Regs{Rip: fde.Start, Rsp: 0x8000, Rbp: 0x8010}), 10)
			if n++; n > 1000 {
				return
			}
		}
	})
}

// FuzzGuess unwinds through code of any kind.
func FuzzGuess(f *testing.F) {
	f.Add(code(f, callers+"55 4889e5 90 5d c3"), words(0x8888, 0x1005), uint64(0x1014))
	f.Fuzz(func(t *testing.T, program, stack []byte, pc uint64) {
		m := &memory{code: program, stack: stack}
		s := Unwind(m, RegsOf(&tracee.Regs{Rip: pc, Rsp: 0x8000, Rbp: 0x8010}), 20)
		if len(s.Frames) == 0 || len(s.Frames) > 20 {
			t.Errorf("%d frames", len(s.Frames))
		}
	})
}
