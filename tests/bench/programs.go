package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
)

// A preparation fills a directory with what a program needs and returns the command that runs it there.
type preparation func(dir string) (argv []string, err error)

// command needs no preparation.
func command(argv ...string) preparation {
	return func(string) ([]string, error) { return argv, nil }
}

func xz(size int) preparation {
	return func(dir string) ([]string, error) {
		return []string{"/usr/bin/xz", "-T1", "-6", "-k", "-c", "data"}, writeData(dir, size)
	}
}

func unxz(size int) preparation {
	return func(dir string) ([]string, error) {
		if err := writeData(dir, size); err != nil {
			return nil, err
		}
		return []string{"/usr/bin/xz", "-d", "-k", "-c", "data.xz"}, tool("xz", "-T1", "-1", "-k", filepath.Join(dir, "data"))
	}
}

func zstd(size int) preparation {
	return func(dir string) ([]string, error) {
		return []string{"/usr/bin/zstd", "-q", "--single-thread", "-12", "-c", "data"}, writeData(dir, size)
	}
}

func python(rounds int) preparation {
	return command("/usr/bin/python3", "-c", fmt.Sprintf(`
total = 0
for i in range(%d):
    total = (total * 31 + i) %% 1000003
print(total)`, rounds))
}

func sqlite(rows int) preparation {
	return command("/usr/bin/sqlite3", ":memory:", fmt.Sprintf(`
pragma temp_store = memory;
create table t(a integer, b text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < %d)
insert into t select i * 7919 %% 2000003, 'row ' || i from n;
create index by_a on t(a);
select count(*), sum(a) from t where b like '%%7%%';
select a, b from t order by b desc limit 5;`, rows))
}

// script runs a script of this tree.
func script(interpreter, path string) preparation {
	return func(string) ([]string, error) {
		path, err := filepath.Abs(path)
		return []string{interpreter, path}, err
	}
}

// compiled builds a source of testdata with -O2 and runs it with one argument.
func compiled(compiler, name, argument string, flags ...string) preparation {
	return func(dir string) ([]string, error) {
		program := filepath.Join(dir, "program")
		source := filepath.Join("tests/bench/testdata", name)
		return []string{program, argument}, tool(compiler, append([]string{"-O2", "-g", "-o", program, source, "-lm"}, flags...)...)
	}
}

// tool runs a command that prepares something.
func tool(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}

// writeData writes n bytes, the same every time, to the file data: half noise and half text in turns, so that some of it
// compresses, as in most files.
func writeData(dir string, n int) error {
	random := rand.New(rand.NewPCG(1, 2))
	words := []string{"record ", "replay ", "step ", "back ", "forward ", "event ", "time ", "thread ", "\n"}
	const turn = 64 << 10
	data := make([]byte, 0, n+2*turn)
	for len(data) < n {
		for end := len(data) + turn; len(data) < end; {
			data = append(data, byte(random.Uint32()))
		}
		for end := len(data) + turn; len(data) < end; {
			data = append(data, words[random.IntN(len(words))]...)
		}
	}
	return os.WriteFile(filepath.Join(dir, "data"), data[:n], 0o644)
}
