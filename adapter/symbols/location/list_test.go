package location

import (
	"bufio"
	"debug/elf"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestLists(t *testing.T) {
	addresses := func(i uint64) (uint64, error) {
		if i > 9 {
			return 0, errors.New("there is no such address")
		}
		return 0x9000 + i*0x100, nil
	}
	for _, tt := range []struct {
		what    string
		version int
		data    string
		want    string
	}{
		{"version 4", 4, "1000000000000000 2000000000000000 0100 50" + "ffffffffffffffff 0050000000000000" +
			"0000000000000000 0400000000000000 0200 9100" + "0000000000000000 0000000000000000", "1010-1020 50, 5000-5004 9100"},
		{"pairs", 5, "04 10 20 01 50  09 00 01  04 20 30 00  00", "1010-1020 50, 1020-1030 "},
		{"bases", 5, "01 02 04 01 02 01 50 06 0050000000000000 04 01 02 01 51 00", "9201-9202 50, 5001-5002 51"},
		{"addresses", 5, "02 01 02 01 50 03 01 10 01 51 07 0100000000000000 0200000000000000 01 52 08 0300000000000000 05 01 53 00",
			"9100-9200 50, 9100-9110 51, 1-2 52, 3-8 53"},
		{"default", 5, "05 01 50 00", "otherwise 50"},
		{"unknown kind", 5, "0a", "!an entry of unknown kind 0xa"},
		{"no end", 5, "04 01 02 01 50", "1001-1002 50, !the data end too early"},
		{"no address", 5, "02 01 63 00 00", "!DW_LLE_startx_endx: there is no such address"},
		{"no end of version 4", 4, "1000", "!the data end too early"},
		{"a long expression", 4, "1000000000000000 2000000000000000 ff00 50", "!the data end too early"},
	} {
		l := Lists{Version: tt.version, Data: append([]byte{0xee}, bytesOf(t, tt.data)...), Low: 0x1000, Address: addresses}
		var list []string
		err := l.Each(1, func(e Entry) bool {
			text := fmt.Sprintf("%x-%x %x", e.Start, e.End, e.Expr)
			if e.Default {
				text = fmt.Sprintf("otherwise %x", e.Expr)
			}
			list = append(list, text)
			return true
		})
		if err != nil {
			_, problem, _ := strings.Cut(err.Error(), "the location list at 0x1: ")
			list = append(list, "!"+problem)
		}
		if got := strings.Join(list, ", "); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, got, tt.want)
		}
	}
}

func TestFind(t *testing.T) {
	l := Lists{Version: 5, Data: bytesOf(t, "05 01 50 04 10 20 01 51 00 04 10 20 01 52 00"), Low: 0x1000}
	for _, tt := range []struct {
		offset, pc uint64
		want       string
	}{
		{0, 0x1010, "51"}, {0, 0x101f, "51"}, {0, 0x1020, "50"}, {9, 0x1010, "52"}, {9, 0x1020, "optimized out"}, {9, 0x100f, "optimized out"},
	} {
		expr, err := l.Find(tt.offset, tt.pc)
		got := fmt.Sprintf("%x", expr)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%#x in the list at %d: %s, want %s", tt.pc, tt.offset, got, tt.want)
		}
	}
	if _, err := l.Find(100, 0); err == nil {
		t.Error("a list behind the end is found")
	}
}

func TestOffset(t *testing.T) {
	l := Lists{Data: bytesOf(t, "eeeeeeee 08000000 10000000"), Base: 4}
	if at, err := l.Offset(1); at != 0x14 || err != nil {
		t.Errorf("%#x, %v", at, err)
	}
	for _, n := range []uint64{2, 3, ^uint64(0), ^uint64(0) / 4} {
		if at, err := l.Offset(n); err == nil {
			t.Errorf("list %d is at %#x", n, at)
		}
	}
	l.OffsetSize = 8
	if at, err := l.Offset(0); at != 0x1000000008+4 || err != nil {
		t.Errorf("%#x, %v", at, err)
	}
}

const optimized = `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
struct pair { long a, b; };
static struct pair make(long n) { struct pair p = { n * 3, n ^ 5 }; return p; }
static double half(float f) { double d = f; return d / 2; }
__attribute__((noinline)) int work(int n, char **v, unsigned char c) {
	int total = 0;
	for (int i = 0; i < n; i++) {
		struct pair p = make(strlen(v[i]));
		__int128 wide = (__int128)p.a * p.b;
		total += p.a + p.b + half(i) + (int)(wide >> 64) + c++;
		printf("%d\n", total);
	}
	int *q = &total;
	return *q + abs(n);
}
int main(int n, char **v) { return work(n, v, n * 3) + work(n - 1, v, 7); }
`

// Lists of compiled code are as readelf has them.
func TestReadelf(t *testing.T) {
	for _, version := range []int{4, 5} {
		t.Run(fmt.Sprint("DWARF ", version), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "program")
			c := exec.Command("gcc", "-O2", "-g", "-gno-as-locview-support", fmt.Sprint("-gdwarf-", version), "-x", "c", "-o", path, "-")
			c.Stdin = strings.NewReader(optimized)
			if out, err := c.CombinedOutput(); err != nil {
				t.Skipf("gcc: %v\n%s", err, out)
			}
			out, err := exec.Command("readelf", "--debug-dump=loc,no-follow-links", "--wide", path).Output()
			if err != nil {
				t.Skipf("readelf: %v", err)
			}
			f, err := elf.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			section := f.Section(map[int]string{4: ".debug_loc", 5: ".debug_loclists"}[version])
			data, err := section.Data()
			if err != nil {
				t.Fatal(err)
			}
			d, err := f.DWARF()
			if err != nil {
				t.Fatal(err)
			}
			unit, err := d.Reader().Next()
			if err != nil {
				t.Fatal(err)
			}
			ranges, err := d.Ranges(unit)
			if err != nil || len(ranges) == 0 {
				t.Fatal(ranges, err)
			}
			low := uint64(0)
			if len(ranges) == 1 {
				low = ranges[0][0]
			}
			l := Lists{Version: version, Data: data, Low: low}
			lists, entries := 0, 0
			for offset, want := range readelfLists(t, string(out)) {
				lists++
				var got []string
				err := l.Each(offset, func(e Entry) bool {
					got = append(got, fmt.Sprintf("%x-%x %s", e.Start, e.End, Format(e.Expr, 4)))
					return true
				})
				if err != nil || len(got) != len(want) {
					t.Errorf("the list at %#x: %v, readelf has %v; %v", offset, got, want, err)
					continue
				}
				for i := range got {
					if entries++; plain(got[i]) != want[i] {
						t.Errorf("the list at %#x: %s, readelf has %s", offset, plain(got[i]), want[i])
					}
				}
			}
			t.Logf("%d entries in %d lists", entries, lists)
			if entries < 20 {
				t.Error("these are few")
			}
		})
	}
}

// plain is an expression without what readelf writes in other ways: operands
// that are blocks or types.
func plain(text string) string {
	pcs, expr, _ := strings.Cut(text, " ")
	var names []string
	for _, word := range strings.FieldsFunc(expr, func(r rune) bool { return strings.ContainsRune(" ();:", r) }) {
		if strings.HasPrefix(word, "DW_OP_") {
			names = append(names, word)
		}
	}
	return pcs + " " + strings.Join(names, " ")
}

// readelfLists are the entries of lists by their offsets.
func readelfLists(t *testing.T, out string) map[uint64][]string {
	lists := map[uint64][]string{}
	start, fresh := uint64(0), true
	for s := bufio.NewScanner(strings.NewReader(out)); s.Scan(); {
		line := s.Text()
		var at, from, to uint64
		if n, _ := fmt.Sscanf(line, "%x", &at); n != 1 || !strings.HasPrefix(line, "    ") {
			continue
		}
		if strings.Contains(line, "<End of list>") {
			fresh = true
			continue
		}
		if fresh {
			start, fresh = at, false
		}
		fields := strings.Fields(line)
		if strings.Contains(line, "(base address") || len(fields) < 4 {
			continue
		}
		if _, err := fmt.Sscanf(fields[1]+" "+fields[2], "%x %x", &from, &to); err != nil {
			continue
		}
		_, expr, _ := strings.Cut(line, "(")
		lists[start] = append(lists[start], plain(fmt.Sprintf("%x-%x %s", from, to, expr)))
	}
	return lists
}

func FuzzLists(f *testing.F) {
	f.Add(bytesOf(f, "05 01 50 04 10 20 01 51 00"), 5)
	f.Add(bytesOf(f, "1000000000000000 2000000000000000 0100 50 00000000000000000000000000000000"), 4)
	f.Fuzz(func(t *testing.T, data []byte, version int) {
		l := Lists{Version: version, Data: data, Low: 1, Address: func(i uint64) (uint64, error) { return i, nil }}
		_, _ = l.Offset(1)
		_ = l.Each(0, func(e Entry) bool { return true })
		_, _ = l.Find(0, 0x1010)
	})
}
