package symbols

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const rustSource = `
mod inner {
    pub struct Thing { pub n: i32 }
    impl Thing {
        #[inline(never)]
        pub fn add(&mut self, k: i32) -> i32 {
            self.n += k; // line 7
            self.n
        }
    }
    pub trait Show { fn show(&self) -> String; }
    impl Show for Thing {
        #[inline(never)]
        fn show(&self) -> String { format!("{}", self.n) } // line 14
    }
    #[inline(never)]
    pub fn generic<T: std::fmt::Debug>(t: T) -> usize {
        let s = format!("{:?}", t); // line 18
        s.len()
    }
}
use inner::Show;
fn main() {
    let mut t = inner::Thing { n: 3 };
    let v: Vec<i32> = (0..10).map(|x| x * t.add(x)).collect();
    println!("{} {} {}", t.show(), inner::generic(&v), inner::generic("x"));
}
`

func TestRust(t *testing.T) {
	if _, err := exec.LookPath("rustc"); err != nil {
		t.Skip("there is no rustc to compile a program with")
	}
	for _, flags := range []string{"-Copt-level=0", "-Copt-level=2", "-Copt-level=0 -Csymbol-mangling-version=v0"} {
		t.Run(flags, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "program")
			source := path + ".rs"
			if err := os.WriteFile(source, []byte(rustSource), 0o600); err != nil {
				t.Fatal(err)
			}
			c := exec.Command("rustc", append(strings.Fields(flags), "-g", "-o", path, source)...)
			if out, err := c.CombinedOutput(); err != nil {
				t.Skipf("rustc: %v\n%s", err, out)
			}
			s := spaceOf(t, path, bias)
			for name, want := range map[string]string{
				"inner::Thing::add": "program::inner::Thing::add", "program::main": "program::main", "generic": "program::inner::generic",
				"Thing::show": "<program::inner::Thing as program::inner::Show>::show", "Show::show": "<program::inner::Thing as program::inner::Show>::show",
			} {
				list := s.FunctionsNamed(name)
				found := slices.ContainsFunc(list, func(f *Function) bool {
					return strings.HasPrefix(f.Name, want) && f.Language.String() == "Rust"
				})
				if !found {
					t.Errorf("%s is not among %d functions", name, len(list))
					for _, f := range list {
						t.Error(f.Name)
					}
				}
			}
			if !slices.Contains(s.Sources(), source) {
				t.Error("the source is not among the program's")
			}
			for _, line := range []int{7, 18} {
				list := s.Locations(source, line)
				if len(list) == 0 || list[0].Position.Line != line {
					t.Errorf("line %d is at %+v", line, list)
				}
			}
		})
	}
}
