package symbols

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A build is a way to compile testdata/lines.cc.
type build struct {
	compiler string
	flags    []string
}

func (b build) String() string {
	return filepath.Base(b.compiler) + strings.Join(b.flags, "")
}

func (b build) optimized() bool { return !slices.Contains(b.flags, "-O0") }

// builds are those that the machine has compilers for.
func builds() (list []build) {
	for _, compiler := range []string{"g++", "clang++"} {
		if _, err := exec.LookPath(compiler); err != nil {
			continue
		}
		for _, flags := range []string{"-gdwarf-4 -O0", "-gdwarf-5 -O0", "-gdwarf-4 -O2", "-gdwarf-5 -O2", "-gdwarf-5 -O1 -no-pie", "-gdwarf-5 -O0 -gz"} {
			list = append(list, build{compiler, strings.Fields(flags)})
		}
	}
	return list
}

// compileLines compiles testdata/lines.cc with relative paths, which are the hard ones.
func compileLines(t testing.TB, b build) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "program")
	c := exec.Command(b.compiler, append(b.flags, "-ffunction-sections", "-Wl,--gc-sections", "-o", path, "lines.cc")...)
	c.Dir = "testdata"
	if out, err := c.CombinedOutput(); err != nil {
		t.Skipf("%v does not compile the program: %v\n%s", b, err, out)
	}
	return path
}

// marks are the lines of testdata/lines.cc by the ends of their comments.
func marks(t testing.TB) map[string]int {
	text, err := os.ReadFile("testdata/lines.cc")
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]int{}
	for i, line := range strings.Split(string(text), "\n") {
		if _, mark, ok := strings.Cut(line, "// "); ok {
			list[strings.TrimPrefix(mark, "Nothing here. ")] = i + 1
		}
	}
	return list
}

const bias = 0x555555554000

// sourceOf is a process of a build.
func sourceOf(t testing.TB, b build) *Space {
	path := compileLines(t, b)
	if slices.Contains(b.flags, "-no-pie") {
		return spaceOf(t, path, 0)
	}
	return spaceOf(t, path, bias)
}

func TestLocations(t *testing.T) {
	source, err := filepath.Abs("testdata/lines.cc")
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "lines.cc")
	if err := os.Symlink(source, link); err != nil {
		t.Fatal(err)
	}
	mark := marks(t)
	for _, b := range builds() {
		t.Run(b.String(), func(t *testing.T) {
			s := sourceOf(t, b)
			for _, tt := range []struct {
				mark, moved, function string
				places                int // 0 is any number, at least 1
			}{
				{"IN METHOD", "", "ns::Class::method", 1},
				{"METHOD", "", "ns::Class::method", 1},
				{"PLAIN", "", "plain", 1},
				{"IN TWICE", "", "ns::twice<", 2},
				{"IN INNER", "", "ns::inner", 2},
				{"EMPTY", "CALLS OUTER", "plain", 0},
				{"IN LAMBDA", "", "operator()", 0},
				{"AFTER", "", "plain", 1},
			} {
				if b.optimized() && (tt.mark == "IN LAMBDA" || tt.mark == "IN TWICE" || tt.mark == "AFTER") {
					continue // as the compiler likes it
				}
				line := mark[tt.mark]
				want := line
				if tt.moved != "" {
					want = mark[tt.moved]
				}
				for _, path := range []string{source, link, "/elsewhere/testdata/lines.cc", "lines.cc"} {
					list := s.Locations(path, line)
					if len(list) == 0 || tt.places != 0 && len(list) != tt.places {
						t.Errorf("%s is at %v", tt.mark, list)
					}
					for _, l := range list {
						if l.Position.Line != want || l.Position.File != source || !strings.Contains(l.Function, tt.function) {
							t.Errorf("%s is at %+v", tt.mark, l)
						}
					}
				}
			}
			for _, path := range []string{source + "x", "/elsewhere/other.cc"} {
				if list := s.Locations(path, mark["PLAIN"]); len(list) != 0 {
					t.Errorf("%s is at %v", path, list)
				}
			}
			if list := s.Locations(source, 1); len(list) != 0 {
				t.Errorf("a comment before all functions is at %v", list)
			}
			lines := s.BreakableLines(source, mark["IN PLAIN"], mark["AFTER"])
			for _, m := range []string{"IN PLAIN", "CALLS OUTER", "TWO CALLS"} {
				if !slices.Contains(lines, mark[m]) {
					t.Errorf("%s is not among %v", m, lines)
				}
			}
			if slices.Contains(lines, mark["EMPTY"]) || !slices.IsSorted(lines) {
				t.Errorf("lines %v", lines)
			}
			if !slices.Contains(s.Sources(), source) {
				t.Errorf("sources %v", s.Sources())
			}
		})
	}
}

func TestFrames(t *testing.T) {
	mark := marks(t)
	for _, b := range builds() {
		t.Run(b.String(), func(t *testing.T) {
			s := sourceOf(t, b)
			for _, l := range s.Locations("lines.cc", mark["IN INNER"]) {
				var got []string
				for _, f := range s.Frames(l.Addr) {
					got = append(got, fmt.Sprintf("%s:%d %v", f.Name, f.Position.Line, f.Inlined))
				}
				want := []string{
					fmt.Sprintf("ns::inner:%d true", mark["IN INNER"]), fmt.Sprintf("ns::outer:%d true", mark["CALLS INNER"]),
					fmt.Sprintf("plain:%d false", mark["CALLS OUTER"]),
				}
				other := slices.Clone(want)
				other[2] = fmt.Sprintf("plain:%d false", mark["TWO CALLS"])
				if !slices.Equal(got, want) && !slices.Equal(got, other) {
					t.Errorf("frames %v", got)
				}
			}
			f := s.Function(s.Locations("lines.cc", mark["IN PLAIN"])[0].Addr)
			if f == nil || f.Name != "plain" || f.Language.String() != "C++" || f.Declared.Line != mark["PLAIN"] || f.DIE == 0 {
				t.Errorf("function %+v", f)
			}
			if f := s.Function(8); f != nil || len(s.Frames(8)) != 0 {
				t.Errorf("there is %+v", f)
			}
		})
	}
}

func TestFunctionsNamed(t *testing.T) {
	for _, b := range builds() {
		t.Run(b.String(), func(t *testing.T) {
			s := sourceOf(t, b)
			for name, want := range map[string]int{
				"main": 1, "ns::Class::method": 1, "Class::method": 1, "method": 1, "ns::twice": 2, "twice<int>": 1, "ns::twice<double>": 1,
				"twice(int)": 1, "twice(char)": 0, "ns::Class::method(int)": 1, "ns :: Class :: method( int )": 1, "lines.cc:plain": 1, "testdata/lines.cc:plain": 1,
				"other.cc:plain": 0, "hidden": 1, "(anonymous namespace)::hidden": 1, "inner": 2, "ethod": 0, "Class": -1, "": 0, "::": 0, "nothing": 0, "a<b": 0,
			} {
				list := s.FunctionsNamed(name)
				if want >= 0 && len(list) != want && (name != "hidden" || !b.optimized()) {
					t.Errorf("%s is %d functions", name, len(list))
				}
				for _, f := range list {
					if !strings.Contains(f.Name, "twice") && !strings.Contains(compact(name), lastPart(f.Name)) || f.Body < f.Entry {
						t.Errorf("%s is %+v", name, f)
					}
				}
			}
		})
	}
}

func TestNames(t *testing.T) {
	for _, tt := range []struct {
		query, name string
		want        bool
	}{
		{"operator<<", "std::operator<< <char>", true},
		{"operator<", "std::operator<< <char>", false},
		{"operator<", "operator< <int>", true},
		{"A::operator()", "ns::A::operator()", true},
		{"operator->", "A<int>::operator->", true},
		{"A<int>::operator->", "A<int>::operator->", true},
		{"A<int>::operator->", "A<char>::operator->", false},
		{"A::f", "A<int>::f<char>", true},
		{"f", "(anonymous namespace)::f", true},
		{"ns::f", "ns::(anonymous namespace)::f", true},
		{"f", "g", false},
		{"S::m", "<a::S as b::T>::m", true},
		{"T::m", "<a::S<i32> as b::T<fn(i32) -> i32>>::m", true},
		{"S<i32>::m", "<a::S<i32> as b::T>::m", true},
		{"a.c:f", "f", true},
		{"", "f", false},
	} {
		q := parseQuery(tt.query)
		if got := q.matches(tt.name, "") && q.short != ""; got != tt.want {
			t.Errorf("%s means %s: %v (%+v)", tt.query, tt.name, got, q)
		}
	}
}

// The ranges of a line hold it, and steps over it do not end inside.
func TestLineRange(t *testing.T) {
	mark := marks(t)
	for _, b := range builds() {
		t.Run(b.String(), func(t *testing.T) {
			s := sourceOf(t, b)
			for _, m := range []string{"CALLS OUTER", "TWO CALLS"} {
				for _, l := range s.Locations("lines.cc", mark[m]) {
					pc := l.Addr
					if b.optimized() { // the row may be empty: the address belongs to the inlined call
						continue
					}
					own, inlined := s.LineRange(pc)
					holds := func(list []Range, pc uint64) bool {
						return slices.ContainsFunc(list, func(r Range) bool { return r.contains(pc) })
					}
					if !holds(own, pc) || holds(inlined, pc) || len(inlined) == 0 {
						t.Errorf("%s at %#x: %x, inlined %x", m, pc, own, inlined)
					}
					for _, r := range own {
						for a := r.Low; a < r.High; a++ {
							p, _ := s.Line(a)
							if frames := s.Frames(a); len(frames) != 1 || p.IsStmt && p.Line != mark[m] && p.Line != 0 {
								t.Errorf("%#x is %+v, %d frames", a, p, len(frames))
							}
						}
					}
					for _, r := range inlined {
						if len(s.Frames(r.Low)) < 2 {
							t.Errorf("no call is inlined at %#x", r.Low)
						}
					}
				}
			}
		})
	}
}

// Wherever the program is, the range of its line holds it, stays in its function or inlined call, and leaves the line only
// where no statement begins.
func TestLineRanges(t *testing.T) {
	for _, b := range builds() {
		t.Run(b.String(), func(t *testing.T) {
			s := sourceOf(t, b)
			for _, name := range []string{"plain", "main", "ns::Class::method", "twice<int>"} {
				f := s.FunctionsNamed(name)[0]
				for pc := f.Ranges[0].Low; pc < f.Ranges[0].High; pc++ {
					here, ok := s.Line(pc)
					frames := s.Frames(pc)
					own, _ := s.LineRange(pc)
					if !ok || here.Line == 0 {
						continue
					}
					if !slices.ContainsFunc(own, func(r Range) bool { return r.contains(pc) }) {
						t.Fatalf("%#x, line %d, is not in %x", pc, here.Line, own)
					}
					for _, r := range own {
						for _, a := range []uint64{r.Low, r.High - 1} {
							p, _ := s.Line(a)
							other := s.Frames(a)
							if p.IsStmt && p.Line != 0 && p.Line != here.Line || len(other) != len(frames) || other[0].DIE != frames[0].DIE {
								t.Fatalf("%#x, line %d: own has %#x, %+v, %d frames", pc, here.Line, a, p, len(other))
							}
						}
					}
				}
			}
		})
	}
}
