package values

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"stepback/adapter/types"
)

// charPrefix is what stands before the quotes of a character type, and whether
// the type is one of characters.
func charPrefix(t *types.Type) (prefix string, is bool) {
	for e, n := t, 0; n < 64; e, n = e.Elem, n+1 { // in C, these are typedefs
		if p, ok := prefixes[e.Name]; ok && e.Lang != types.Rust {
			return p, true
		}
		if e.Kind != types.Typedef && e.Kind != types.Qualified {
			return "", e.Kind == types.Char
		}
	}
	return "", false
}

var prefixes = map[string]string{"wchar_t": "L", "char16_t": "u", "char32_t": "U", "char8_t": "u8"}

// unit is a character with its value, or a byte that begins none.
type unit struct {
	r    rune
	n    uint64 // the character's number
	bad  bool   // it is no character
	size int    // in bytes
}

// units splits bytes into characters of a size.
func units(data []byte, size int) (list []unit) {
	for len(data) >= size {
		u := unit{size: size}
		switch size {
		case 1:
			u.r, u.size = utf8.DecodeRune(data)
			u.n = uint64(u.r)
			if u.r == utf8.RuneError && u.size <= 1 {
				u.n, u.bad, u.size = uint64(data[0]), true, 1
			}
		case 2:
			u.n = uint64(binary.LittleEndian.Uint16(data))
		case 4:
			u.n = uint64(binary.LittleEndian.Uint32(data))
		default:
			return list
		}
		if size > 1 {
			u.r = rune(u.n)
			u.bad = u.n > unicode.MaxRune || u.n >= 0xd800 && u.n < 0xe000
		}
		list = append(list, u)
		data = data[u.size:]
	}
	return list
}

var escapes = map[rune]string{'\a': `\a`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\v': `\v`, 0x1b: `\033`, '\\': `\\`}

// write writes a character between quotes.
func (u unit) write(b *strings.Builder, quote rune, width int) {
	if text, ok := escapes[u.r]; ok && !u.bad {
		b.WriteString(text)
		return
	}
	switch {
	case u.r == quote && !u.bad:
		b.WriteRune('\\')
		b.WriteRune(u.r)
	case !u.bad && unicode.IsPrint(u.r):
		b.WriteRune(u.r)
	default:
		if width == 1 && u.size > 1 { // each of its bytes
			for _, c := range []byte(string(u.r)) {
				fmt.Fprintf(b, `\%03o`, c)
			}
			return
		}
		for i := range width {
			fmt.Fprintf(b, `\%03o`, byte(u.n>>(8*i)))
		}
	}
}

// quoteChar writes one character, as in 'a'.
func quoteChar(n uint64, width int, prefix string) string {
	var b strings.Builder
	u := unit{r: rune(n), n: n, size: width, bad: width == 1 && n >= 0x80 || n > unicode.MaxRune}
	b.WriteString(prefix + "'")
	u.write(&b, '\'', width)
	b.WriteString("'")
	return b.String()
}

// quote writes a string with what repeats written once. cut: there is more of it.
func quote(data []byte, width int, prefix string, o *Options, cut bool) string {
	list := units(data, width)
	if len(list) == 0 {
		if cut {
			return prefix + `""...`
		}
		return prefix + `""`
	}
	var b strings.Builder
	open := false
	shown := 0
	for i := 0; i < len(list); {
		if shown >= o.limit() {
			cut = true
			break
		}
		n := 1
		for i+n < len(list) && list[i+n].n == list[i].n && list[i+n].bad == list[i].bad {
			n++
		}
		if n > o.repeats() {
			if open {
				b.WriteString(`"`)
				open = false
			}
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(prefix + "'")
			list[i].write(&b, '\'', width)
			fmt.Fprintf(&b, "' <repeats %d times>", n)
		} else {
			n = min(n, o.limit()-shown)
			if !open {
				if i > 0 {
					b.WriteString(", ")
				}
				b.WriteString(prefix + `"`)
				open = true
			}
			for range n {
				list[i].write(&b, '"', width)
			}
		}
		shown += n
		i += n
	}
	if open {
		b.WriteString(`"`)
	}
	if cut {
		b.WriteString("...")
	}
	return b.String()
}

// String reads a string that ends with a zero, of at most so many characters.
func String(target Target, addr uint64, width, limit int) (data []byte, cut bool, err error) {
	const chunk = 256
	buf := make([]byte, chunk)
	for len(data) < limit*width {
		// Up to a boundary, so that no page is touched that the string does not reach.
		n := min(chunk-int(addr%chunk)/width*width, limit*width-len(data))
		got, _ := target.Read(addr, buf[:n])
		got -= got % width
		for i := 0; i < got; i += width {
			zero := true
			for _, c := range buf[i : i+width] {
				zero = zero && c == 0
			}
			if zero {
				return append(data, buf[:i]...), false, nil
			}
		}
		data = append(data, buf[:max(got, 0)]...)
		if got < n {
			return data, false, &MemoryError{addr + uint64(max(got, 0))}
		}
		addr += uint64(got)
	}
	return data, true, nil
}

// Quote shows n characters of a type in memory as a string.
func Quote(target Target, elem *types.Type, addr, n uint64, o Options) string {
	prefix, _ := charPrefix(elem)
	width := int(elem.Bytes())
	if target == nil || width != 1 && width != 2 && width != 4 {
		return "<error: no characters>"
	}
	want := int(min(n, uint64(o.limit())))
	data := make([]byte, want*width)
	if got, _ := target.Read(addr, data); got < len(data) {
		return fmt.Sprintf("<error: %v>", &MemoryError{addr + uint64(max(got, 0))})
	}
	return quote(data, width, prefix, &o, uint64(want) < n)
}
