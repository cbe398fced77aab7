package expr

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a word of an expression.
type token struct {
	kind tokenKind
	text string
	pos  int
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenNumber
	tokenChar   // with its quotes and prefix
	tokenString // likewise
	tokenRegister
	tokenSign
	tokenBad
)

// signs are the operators and brackets; of those with a common beginning the
// longest comes first.
var signs = []string{
	"<<=", ">>=", "->*", "...", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=",
	"::", ".*", "+", "-", "*", "/", "%", "&", "|", "^", "~", "!", "<", ">", "=", "?", ":", ",", ".", "(", ")", "[", "]", "@", "{", "}", "#",
}

// files are the ends of file names in file.c::x.
var files = []string{".c", ".cc", ".cpp", ".cxx", ".C", ".h", ".hpp", ".hh", ".rs"}

// lex reads the token at or behind a position.
func lex(text string, pos int) token {
	for pos < len(text) && strings.IndexByte(" \t\r\n", text[pos]) >= 0 {
		pos++
	}
	rest := text[pos:]
	if rest == "" {
		return token{tokenEnd, "", pos}
	}
	c := rest[0]
	switch {
	case c == '$':
		return token{tokenRegister, rest[:1+nameLen(rest[1:], true)], pos}
	case c >= '0' && c <= '9' || c == '.' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9':
		return token{tokenNumber, rest[:numberLen(rest)], pos}
	case c == '"' || c == '\'':
		return quoted(rest, 0, pos)
	}
	for _, prefix := range []string{"u8", "L", "u", "U", "b"} {
		if strings.HasPrefix(rest, prefix) && len(rest) > len(prefix) && (rest[len(prefix)] == '"' || rest[len(prefix)] == '\'') {
			return quoted(rest, len(prefix), pos)
		}
	}
	if n := nameLen(rest, false); n > 0 {
		for _, end := range files {
			if strings.HasPrefix(rest[n:], end+"::") {
				n += len(end)
				break
			}
		}
		return token{tokenName, rest[:n], pos}
	}
	for _, s := range signs {
		if strings.HasPrefix(rest, s) {
			return token{tokenSign, s, pos}
		}
	}
	_, n := utf8.DecodeRuneInString(rest)
	return token{tokenBad, rest[:n], pos}
}

// nameLen is how long the name is that a text begins with.
func nameLen(text string, digitFirst bool) int {
	for i, r := range text {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 && !digitFirst || !unicode.IsDigit(r)) {
			return i
		}
	}
	return len(text)
}

func numberLen(text string) int {
	hex := strings.HasPrefix(text, "0x") || strings.HasPrefix(text, "0X")
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '.' || c == '_' || c == '\'' && i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9':
		case (c == '+' || c == '-') && !hex && (text[i-1] == 'e' || text[i-1] == 'E'):
		default:
			return i
		}
	}
	return len(text)
}

func quoted(text string, prefix, pos int) token {
	quote := text[prefix]
	for i := prefix + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case quote:
			kind := tokenString
			if quote == '\'' {
				kind = tokenChar
			}
			return token{kind, text[:i+1], pos}
		}
	}
	return token{tokenBad, text[:prefix+1], pos}
}
