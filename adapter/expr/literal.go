package expr

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"stepback/adapter/types"
	"stepback/adapter/values"
)

func (p *parser) literal(t token) (*node, error) {
	n := &node{kind: literal, pos: t.pos}
	var err error
	switch t.kind {
	case tokenNumber:
		n.lit, err = p.number(t)
	default:
		n.lit, err = p.quotedLiteral(t)
	}
	return n, err
}

// number reads a number with the type that C gives it.
func (p *parser) number(t token) (values.Value, error) {
	text := strings.ToLower(strings.NewReplacer("_", "", "'", "").Replace(t.text))
	rust := p.scope.Lang() == types.Rust
	for _, suffix := range []string{"i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "isize", "usize", "f32", "f64"} {
		if cut, ok := strings.CutSuffix(text, suffix); ok && rust && cut != "" {
			text = cut
		}
	}
	hex := strings.HasPrefix(text, "0x")
	if !hex && strings.ContainsAny(text, ".e") {
		typ, number := values.Double, text
		if cut, ok := strings.CutSuffix(text, "f"); ok {
			typ, number = values.Float, cut
		} else if cut, ok := strings.CutSuffix(text, "l"); ok {
			typ, number = values.LongFloat, cut
		}
		f, err := strconv.ParseFloat(number, 64)
		if err != nil && !math.IsInf(f, 0) {
			return values.Value{}, errorAt(t.pos, "%q is no number", t.text)
		}
		return values.FloatOf(p.scope.Target(), typ, f), nil
	}
	digits := strings.TrimRight(text, "ul")
	suffix := text[len(digits):]
	base := 10
	switch {
	case hex:
		base, digits = 16, digits[2:]
	case strings.HasPrefix(digits, "0b"):
		base, digits = 2, digits[2:]
	case strings.HasPrefix(digits, "0o"):
		base, digits = 8, digits[2:]
	case len(digits) > 1 && digits[0] == '0' && !rust:
		base = 8
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if err != nil || len(suffix) > 3 {
		if err != nil && strings.Contains(err.Error(), "range") {
			return values.Value{}, errorAt(t.pos, "%s has more than 64 bits", t.text)
		}
		return values.Value{}, errorAt(t.pos, "%q is no number", t.text)
	}
	unsigned := strings.Contains(suffix, "u")
	typ := values.Int
	switch {
	case strings.Contains(suffix, "l"):
		typ = values.Long
	case n > math.MaxUint32 || n > math.MaxInt32 && base == 10 && !unsigned:
		typ = values.Long
	case n > math.MaxInt32:
		unsigned = true
	}
	if typ == values.Long && n > math.MaxInt64 {
		unsigned = true
	}
	if unsigned {
		typ = map[*types.Type]*types.Type{values.Int: values.UInt, values.Long: values.ULong}[typ]
	}
	return values.Number(p.scope.Target(), typ, n), nil
}

// simple are the escapes of one letter.
var simple = map[byte]rune{'a': '\a', 'b': '\b', 'e': 0x1b, 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v'}

// quotedLiteral reads characters between quotes.
func (p *parser) quotedLiteral(t token) (values.Value, error) {
	open := strings.IndexAny(t.text, `"'`)
	prefix, body := t.text[:open], t.text[open+1:len(t.text)-1]
	elem, width := values.Char, 1
	switch prefix {
	case "L":
		elem, width = types.Base(types.Char, "wchar_t", 4, true), 4
	case "u":
		elem, width = types.Base(types.Char, "char16_t", 2, false), 2
	case "U":
		elem, width = types.Base(types.Char, "char32_t", 4, false), 4
	}
	var data []byte
	n := 0
	add := func(r rune, raw bool) {
		n++
		switch {
		case width == 1 && (raw || r < 0x80):
			data = append(data, byte(r))
		case width == 1:
			data = utf8.AppendRune(data, r)
		case width == 2:
			data = binary.LittleEndian.AppendUint16(data, uint16(r))
		default:
			data = binary.LittleEndian.AppendUint32(data, uint32(r))
		}
	}
	for body != "" {
		if body[0] != '\\' {
			r, size := utf8.DecodeRuneInString(body)
			add(r, r == utf8.RuneError)
			body = body[size:]
			continue
		}
		c := body[1]
		body = body[2:]
		base, most := 0, 0
		switch {
		case c >= '0' && c <= '7':
			base, most, body = 8, 3, string(c)+body
		case c == 'x':
			base, most = 16, 8
		case c == 'u':
			base, most = 16, 4
		case c == 'U':
			base, most = 16, 8
		}
		if base == 0 {
			if r, ok := simple[c]; ok {
				add(r, true)
			} else {
				add(rune(c), true)
			}
			continue
		}
		digits := 0
		for digits < min(most, len(body)) {
			if _, err := strconv.ParseUint(body[digits:digits+1], base, 8); err != nil {
				break
			}
			digits++
		}
		v, err := strconv.ParseUint(body[:digits], base, 32)
		if err != nil {
			return values.Value{}, errorAt(t.pos, `\%c has no digits`, c)
		}
		add(rune(v), c != 'u' && c != 'U')
		body = body[digits:]
	}
	if t.kind == tokenString {
		data = append(data, make([]byte, width)...)
		return values.Of(p.scope.Target(), types.ArrayOf(elem, int64(len(data)/width)), data, nil), nil
	}
	if n != 1 {
		return values.Value{}, errorAt(t.pos, "%s is not one character", t.text)
	}
	if width == 1 && len(data) > 1 || p.scope.Lang() == types.Rust && prefix == "" {
		r, _ := utf8.DecodeRune(data)
		return values.Number(p.scope.Target(), types.Base(types.Char, "char32_t", 4, false), uint64(r)), nil
	}
	return values.Of(p.scope.Target(), elem, data, nil), nil
}
