package main

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"

	"stepback/adapter/disasm"
)

// mostShown is how many bytes of memory a command shows at most.
const mostShown = 1 << 20

// memory is what is at an address, as bytes.
type memory struct {
	Address string `json:"address"`
	Bytes   string `json:"bytes"`         // hexadecimal
	End     string `json:"end,omitempty"` // where memory ends, if less is there than was asked for
	addr    uint64
	data    []byte
}

func (m memory) String() string {
	var lines []string
	for off := 0; off < len(m.data); off += 16 {
		row := m.data[off:min(off+16, len(m.data))]
		words := ""
		for _, b := range row {
			words += fmt.Sprintf(" %02x", b)
		}
		shown := strings.Map(func(c rune) rune {
			if c < 0x20 || c > 0x7e {
				return '.'
			}
			return c
		}, string(latin(row)))
		lines = append(lines, fmt.Sprintf("%#x %-49s %s", m.addr+uint64(off), words, shown))
	}
	return strings.Join(appendEnd(lines, m.End), "\n")
}

// appendEnd adds the line that says where memory ends.
func appendEnd(lines []string, end string) []string {
	if end == "" {
		return lines
	}
	return append(lines, "memory ends at "+end)
}

// latin makes each byte a character.
func latin(b []byte) []rune {
	list := make([]rune, len(b))
	for i, c := range b {
		list[i] = rune(c)
	}
	return list
}

// dump shows memory as bytes.
func (t *traveller) dump() (any, error) {
	addr, err := t.address(t.args[0])
	if err != nil {
		return nil, err
	}
	n, err := t.number(1, 64)
	if err == nil && n > mostShown {
		err = fmt.Errorf("at most %d bytes are shown", mostShown)
	}
	if err != nil {
		return nil, err
	}
	h, err := t.nextThread()
	if err != nil {
		return nil, err
	}
	data, err := t.read(h.PID, addr, n)
	if err != nil {
		return nil, err
	}
	return memory{fmt.Sprintf("%#x", addr), hex.EncodeToString(data), memoryEnd(addr, data, n), addr, data}, nil
}

// read reads memory as far as it is there; at least a byte must be.
func (t *traveller) read(pid int, addr, n uint64) ([]byte, error) {
	data := make([]byte, n)
	got, err := t.ReadMemory(pid, addr, data)
	if err == nil && got == 0 && n > 0 {
		err = fmt.Errorf("there is no memory at %#x in process %d", addr, pid)
	}
	return data[:got], err
}

// memoryEnd is where memory ends of which n bytes were to be read, "" if all
// are there.
func memoryEnd(addr uint64, data []byte, n uint64) string {
	if uint64(len(data)) == n {
		return ""
	}
	return fmt.Sprintf("%#x", addr+uint64(len(data)))
}

// An examineFormat is what follows the slash of x: a count, a letter and a size.
type examineFormat struct {
	count  uint64
	letter byte
	size   uint64 // bytes of a value; of a string or instruction, at most
}

// longestString is how many characters of a string are shown, as in gdb.
const longestString = 200

// A formatLetter is what a letter of a format stands for.
type formatLetter struct {
	sizes string // that its values can have, the usual one first; "" if they have lengths of their own
	most  uint64 // the longest of these
	// show shows the value at the start of data, which is at addr, and returns its
	// length.
	show func(x *examiner, addr uint64, data []byte) (text string, n int)
}

var formatLetters = map[byte]formatLetter{
	'x': {sizes: "wbhg", show: number(func(v uint64, size int) string { return fmt.Sprintf("0x%0*x", 2*size, v) })},
	'd': {sizes: "wbhg", show: number(func(v uint64, size int) string { return strconv.FormatInt(signed(v, size), 10) })},
	'u': {sizes: "wbhg", show: number(func(v uint64, _ int) string { return strconv.FormatUint(v, 10) })},
	'o': {sizes: "wbhg", show: number(func(v uint64, _ int) string { return fmt.Sprintf("%#o", v) })},
	't': {sizes: "wbhg", show: number(func(v uint64, size int) string { return fmt.Sprintf("%0*b", 8*size, v) })},
	'c': {sizes: "b", show: number(func(v uint64, size int) string { return fmt.Sprintf("%d %s", signed(v, size), quoted('\'', byte(v))) })},
	'f': {sizes: "gw", show: number(floating)},
	'a': {sizes: "g", show: (*examiner).address},
	's': {sizes: "", most: longestString + 1, show: (*examiner).text},
	'i': {sizes: "", most: disasm.MaxLen, show: (*examiner).instruction},
}

// number shows a number that takes up all of the data.
func number(show func(v uint64, size int) string) func(*examiner, uint64, []byte) (string, int) {
	return func(_ *examiner, _ uint64, data []byte) (string, int) {
		var b [8]byte
		copy(b[:], data)
		return show(binary.LittleEndian.Uint64(b[:]), len(data)), len(data)
	}
}

// formatSizes are the bytes of the sizes, and how many values are in a line.
var formatSizes = map[byte]struct{ bytes, inLine uint64 }{'b': {1, 8}, 'h': {2, 8}, 'w': {4, 4}, 'g': {8, 2}}

// parseFormat reads a format, such as 8xg. Its parts may be left out, and letter
// and size come in any order: 4 bytes in hexadecimal are the usual.
func parseFormat(s string) (f examineFormat, err error) {
	fail := func(why string) (examineFormat, error) {
		return examineFormat{}, fmt.Errorf("x/%s: %s; write a count, one of the letters x d u o t f c a s i, and a size of b h w g, such as x/8xg", s, why)
	}
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	f.count = 1
	if digits > 0 {
		if f.count, err = strconv.ParseUint(s[:digits], 10, 32); err != nil || f.count == 0 {
			return fail("the count must be 1 or more, and not that large")
		}
	}
	size := byte(0)
	for _, c := range []byte(s[digits:]) {
		_, isLetter := formatLetters[c]
		_, isSize := formatSizes[c]
		switch {
		case isLetter && f.letter == 0:
			f.letter = c
		case isSize && size == 0:
			size = c
		default:
			return fail(fmt.Sprintf("%q does not belong there", c))
		}
	}
	if f.letter == 0 {
		f.letter = 'x'
	}
	letter := formatLetters[f.letter]
	switch {
	case size != 0 && strings.IndexByte(letter.sizes, size) < 0:
		return fail(fmt.Sprintf("%c cannot have the size %c", f.letter, size))
	case letter.sizes == "":
		f.size = letter.most
	case size == 0:
		size = letter.sizes[0]
		fallthrough
	default:
		f.size = formatSizes[size].bytes
	}
	if f.count*f.size > mostShown {
		return fail(fmt.Sprintf("at most %d bytes are shown", mostShown))
	}
	return f, nil
}

// inLine is how many values a line shows.
func (f examineFormat) inLine() int {
	for _, size := range formatSizes {
		if size.bytes == f.size {
			return int(size.inLine)
		}
	}
	return 1
}

// examined is what x/FMT shows.
type examined struct {
	Values []examinedValue `json:"values"`
	End    string          `json:"end,omitempty"` // where memory ends, if less is there than was asked for
	inLine int
}

type examinedValue struct {
	Address string `json:"address"`
	Symbol  string `json:"symbol,omitempty"`
	Value   string `json:"value"`
}

func (x examined) String() string {
	var lines []string
	for i, v := range x.Values {
		if i%x.inLine == 0 {
			at := v.Address
			if v.Symbol != "" {
				at += " <" + v.Symbol + ">"
			}
			lines = append(lines, at+":")
		}
		lines[len(lines)-1] += "\t" + v.Value
	}
	return strings.Join(appendEnd(lines, x.End), "\n")
}

// examine shows memory in a format.
func (t *traveller) examine() (any, error) {
	f, err := parseFormat(t.format)
	if err != nil {
		return nil, err
	}
	addr, err := t.address(t.args[0])
	if err != nil {
		return nil, err
	}
	h, err := t.nextThread()
	if err != nil {
		return nil, err
	}
	data, err := t.read(h.PID, addr, f.count*f.size)
	if err != nil {
		return nil, err
	}
	space, err := t.space(h.PID)
	if err != nil {
		return nil, err
	}
	return (&examiner{func(a uint64) string { return space.Lookup(a).String() }}).examine(f, addr, data), nil
}

// An examiner shows memory.
type examiner struct {
	symbol func(addr uint64) string // that an address belongs to, "" for none
}

// examine shows data in a format. They are fewer than the format wants if memory
// ends behind them.
func (x *examiner) examine(f examineFormat, addr uint64, data []byte) examined {
	letter := formatLetters[f.letter]
	answer := examined{Values: []examinedValue{}, inLine: f.inLine()}
	wanted := f.count * f.size
	ends := uint64(len(data)) < wanted
	for at := addr; uint64(len(answer.Values)) < f.count; {
		if len(data) == 0 || letter.sizes != "" && uint64(len(data)) < f.size {
			if ends {
				answer.End = fmt.Sprintf("%#x", at+uint64(len(data)))
			}
			break
		}
		text, n := letter.show(x, at, data[:min(uint64(len(data)), f.size)])
		answer.Values = append(answer.Values, examinedValue{fmt.Sprintf("%#x", at), x.symbol(at), text})
		at, data = at+uint64(n), data[n:]
	}
	return answer
}

func signed(v uint64, size int) int64 {
	unused := 64 - 8*size
	return int64(v<<unused) >> unused
}

func floating(v uint64, size int) string {
	if size == 4 {
		return strconv.FormatFloat(float64(math.Float32frombits(uint32(v))), 'g', -1, 32)
	}
	return strconv.FormatFloat(math.Float64frombits(v), 'g', -1, 64)
}

// address shows an address with its symbol.
func (x *examiner) address(_ uint64, data []byte) (string, int) {
	v := binary.LittleEndian.Uint64(data)
	text := fmt.Sprintf("%#x", v)
	if name := x.symbol(v); name != "" {
		text += " <" + name + ">"
	}
	return text, len(data)
}

// text shows a string up to its zero byte, or the beginning of a long one.
func (x *examiner) text(_ uint64, data []byte) (string, int) {
	if n := bytes.IndexByte(data, 0); n >= 0 {
		return quoted('"', data[:n]...), n + 1
	}
	data = data[:min(len(data), longestString)]
	return quoted('"', data...) + "...", len(data)
}

func (x *examiner) instruction(addr uint64, data []byte) (string, int) {
	return disasm.Instruction(data, addr, x.symbol)
}

// escapes are the bytes that C writes in a way of its own.
var escapes = map[byte]string{'\a': `\a`, '\b': `\b`, '\t': `\t`, '\n': `\n`, '\v': `\v`, '\f': `\f`, '\r': `\r`, '\\': `\\`}

// quoted writes bytes as C does: what is not printable ASCII in octal, as its
// escapes have three digits at most.
func quoted(quote byte, data ...byte) string {
	b := []byte{quote}
	for _, c := range data {
		switch {
		case c == quote:
			b = append(b, '\\', c)
		case escapes[c] != "":
			b = append(b, escapes[c]...)
		case c < 0x20 || c > 0x7e:
			b = fmt.Appendf(b, `\%03o`, c)
		default:
			b = append(b, c)
		}
	}
	return string(append(b, quote))
}
