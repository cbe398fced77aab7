package x86

import (
	"slices"
	"strings"
	"testing"
)

// flagLetters are the flags, as the cases of this test have them.
var flagLetters = map[rune]Flags{'c': CF, 'p': PF, 'a': AF, 'z': ZF, 's': SF, 'o': OF, 'd': DF, 't': TF, 'i': IF, 'k': AC}

func flagsOf(text string) (f Flags) {
	for _, letter := range text {
		f |= flagLetters[letter]
	}
	return f
}

// TestFlags has the flags of each family of instructions, as the SDM says it at the end of each
// page. TestProcessorFlags asks the processor.
func TestFlags(t *testing.T) {
	for _, c := range []struct{ text, codes, read, written, undefined string }{
		{"mov, lea, push, xchg, not, cbw, bswap, movzx", "89c8 8d00 50 91 f7d0 98 0fc8 0fb6c0", "", "", ""},
		{"add, sub, cmp, neg", "01c8 29c8 39c8 f7d8 83c001 83e801 0401 3c01 80c001 81f800000000", "", "cpazso", ""},
		{"adc, sbb", "11c8 19c8 83d001 83d801 1401 1c01", "c", "cpazso", ""},
		{"and, or, xor, test", "21c8 09c8 31c8 85c8 a801 f7c001000000 83c801 83e001 83f001", "", "cpzso", "a"},
		{"inc, dec", "ffc0 ffc8 fe00", "", "pazso", ""},
		{"mul, imul", "f7e0 f7e8 0fafc1 6bc001 69c000000000", "", "co", "pazs"},
		{"div, idiv", "f7f0 f6f8", "", "", "cpazso"},
		{"xadd, cmpxchg", "0fc1c8 0fb1c8 f00fb10f", "", "cpazso", ""},
		{"cmpxchg8b, cmpxchg16b", "0fc70f 480fc70f", "", "z", ""},

		{"shl, shr, sar by one", "d1e0 d1e8 d1f8 c1e001 d0e0", "", "cpzso", "a"},
		{"shl, shr, sar by some", "c1e002 c1e81f 48c1e03f c0f807", "", "cpzs", "ao"},
		{"shl, shr by as much as there is", "c0e008 c0e81f 66c1e010", "", "pzs", "cao"},
		{"sar by as much as there is", "c0f81f 66c1f810", "", "cpzs", "ao"},
		{"shl by nothing", "c1e000 c1e020 48c1e040 c1f800 c0e020 48c0e060", "", "", ""},
		{"shl, shr, sar by cl", "d3e0 d3e8 d3f8 d2e0", "cpazso", "cpzso", "ao"},
		{"rol, ror by one", "d1c0 d1c8 c1c001", "", "co", ""},
		{"rol, ror by some", "c1c004 48c1c83f", "", "c", "o"},
		{"rol by nothing", "c1c000 c1c020 c1d000 48c1d840", "", "", ""},
		{"rol, ror by cl", "d3c0 d2c8", "co", "co", "o"},
		{"rcl, rcr by one", "d1d0 d1d8 c1d001", "c", "co", ""},
		{"rcl, rcr by some", "c1d004", "c", "c", "o"},
		{"rcl, rcr by cl", "d3d0 d3d8", "co", "co", "o"},
		{"shld, shrd by one", "0fa4c801 0facc801", "", "cpzso", "a"},
		{"shld, shrd by some", "0fa4c804 480facc83f", "", "cpzs", "ao"},
		{"shld of 16 bits by more", "660fa4c811", "", "", "cpazso"},
		{"shld by nothing", "0fa4c820", "", "", ""},
		{"shld, shrd by cl", "0fa5c8 0fadc8", "cpazso", "cpzso", "ao"},

		{"bt, bts, btr, btc", "0fa3c8 0fabc8 0fb3c8 0fbbc8 0fbae001 0fba2801", "", "c", "paso"},
		{"bsf, bsr", "0fbcc1 0fbdc1", "", "z", "capso"},
		{"tzcnt, lzcnt", "f30fbcc1 f30fbdc1", "", "cz", "paso"},
		{"popcnt", "f30fb8c1", "", "cpazso", ""},
		{"andn, bzhi, blsr, blsmsk, blsi", "c4e278f2c1 c4e278f5c1 c4e278f3c9 c4e278f3d1 c4e278f3d9", "", "czso", "pa"},
		{"bextr", "c4e278f7c1 8fea7810c100000000", "", "czo", "pas"},
		{"TBM", "8fe97801c9 8fe97802c9", "", "czso", "pa"},
		{"mulx, pdep, pext, rorx, sarx", "c4e27bf6c1 c4e27bf5c1 c4e27af5c1 c4e37bf0c101 c4e27af7c1", "", "", ""},
		{"adcx", "660f38f6c1", "c", "c", ""},
		{"adox", "f30f38f6c1", "o", "o", ""},
		{"crc32, movbe", "f20f38f1c1 0f38f000", "", "", ""},
		{"rdrand, rdseed", "0fc7f0 0fc7f8", "", "cpazso", ""},

		{"jo, seto, cmovo", "70fe 0f80fbffffff 0f90c0 0f41c1", "o", "", ""},
		{"jb, setae, cmovb", "72fe 0f93c0 0f42c1", "c", "", ""},
		{"je, setne, cmove", "74fe 0f95c0 0f44c1", "z", "", ""},
		{"jbe, seta, cmova", "76fe 0f97c0 0f47c1", "cz", "", ""},
		{"js, setns, cmovs", "78fe 0f99c0 0f48c1", "s", "", ""},
		{"jp, setnp, cmovp", "7afe 0f9bc0 0f4ac1", "p", "", ""},
		{"jl, setge, cmovl", "7cfe 0f9dc0 0f4cc1", "so", "", ""},
		{"jle, setg, cmovle", "7efe 0f9fc0 0f4ec1", "zso", "", ""},
		{"jmp, call, ret, loop, jrcxz", "ebfe e800000000 c3 e2fe e3fe ffe0", "", "", ""},
		{"loope, loopne", "e1fe e0fe", "z", "", ""},
		{"fcmovb, fcmovnb", "dac1 dbc1", "c", "", ""},
		{"fcmove, fcmovbe, fcmovu", "dac9", "z", "", ""},
		{"fcmovbe", "dad1 dbd1", "cz", "", ""},
		{"fcmovu", "dad9 dbd9", "p", "", ""},
		{"fcomi, fucomip", "dbf1 dbe9 dff1 dfe9", "", "cpazso", ""},
		{"fcom, fadd", "d8d1 d8c1 9b", "", "", ""},

		{"clc, stc", "f8 f9", "", "c", ""},
		{"cmc", "f5", "c", "c", ""},
		{"cld, std", "fc fd", "", "d", ""},
		{"lahf", "9f", "cpazs", "", ""},
		{"sahf", "9e", "", "cpazs", ""},
		{"pushf", "9c", "cpazsodtik", "", ""},
		{"popf", "9d", "", "cpazsodtk", ""},
		{"syscall", "0f05", "cpazsodtik", "", ""},

		{"movs, stos, lods", "a4 f3ab 48ad", "d", "", ""},
		{"cmps, scas", "a6 48af", "d", "cpazso", ""},
		{"rep cmps, repne scas", "f3a6 f2af", "dcpazso", "cpazso", ""},

		{"comiss, ucomisd, VEX, EVEX, FP16", "0f2fc1 660f2ec1 c5f82fc1 c5f92ec1 62f17c082fc1 62f57c082ec1", "", "cpazso", ""},
		{"addps, ucomis's neighbours", "0f58c1 c5f058c1 62f1744858c1", "", "", ""},
		{"ptest, vptest, vtestps", "660f3817c1 c4e27917c1 c4e2790ec1", "", "cpazso", ""},
		{"kortest, ktest", "c5f898c1 c5f899c1", "", "cpazso", ""},
		{"kand, vptestmd", "c5f441c1 62f2754827c1", "", "", ""},
		{"pcmpistri, pcmpestrm", "660f3a63c100 660f3a60c100 c4e37963c100", "", "cpazso", ""},
		{"aesenc128kl, encodekey128", "f30f38dc07 f30f38d807 f30f38fac1", "", "cpazso", ""},
		{"aesenc", "660f38dcc1", "", "", ""},

		{"verr, lar, lsl", "0f00e0 0f02c1 0f03c1", "", "z", ""},
		{"xtest", "0f01d6", "", "cpazso", ""},
		{"umwait, tpause", "f20faef1 660faef1", "", "cpazso", ""},
		{"umonitor, rdpid, rdpkru, xgetbv, cpuid, rdtsc", "f30faef1 f30fc7f8 0f01ee 0f01d0 0fa2 0f31", "", "", ""},
		{"enqcmd", "f20f38f807", "", "cpazso", ""},
		{"movdir64b, movdiri, wrss", "660f38f807 0f38f907 0f38f607", "", "", ""},
		{"cmpbexadd", "c4e279e607", "", "cpazso", ""},
		{"aadd", "0f38fc07", "", "", ""},
		{"rdssp, incssp, endbr64", "f30f1ec8 f30faee8 f30f1efa", "", "", ""},
		{"saveprevssp", "f30f01ea", "c", "", ""},
		{"rstorssp, testui", "f30f0128 f30f01ed", "", "cpazso", ""},
		{"lwpins", "8fea78120000000000", "", "c", ""},
	} {
		for _, code := range strings.Fields(c.codes) {
			var inst Inst
			if err := Decode(unhex(t, code), &inst); err != nil {
				t.Errorf("%s: %s: %v", c.text, code, err)
				continue
			}
			got := []Flags{inst.FlagsRead, inst.FlagsWritten, inst.FlagsUndefined}
			if want := []Flags{flagsOf(c.read), flagsOf(c.written), flagsOf(c.undefined)}; !slices.Equal(got, want) {
				t.Errorf("%s: %s: read, written, undefined %x instead of %x", c.text, code, got, want)
			}
		}
	}
}
