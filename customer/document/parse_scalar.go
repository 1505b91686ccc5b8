package document

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// string reads a string, of or in the given node.
func (p *parser) string(id int32) bool {
	text := p.src.text
	p.at++
	for p.at < len(text) {
		switch c := text[p.at]; {
		case c == '"':
			p.at++
			return true
		case c == '\\':
			if !p.escape(id) {
				return false
			}
		case c < ' ':
			return p.fault(id, "has the control character %#x in a string; write it as \\u%04x", c, c)
		case c < utf8.RuneSelf:
			p.at++
		default:
			r, size := utf8.DecodeRuneInString(text[p.at:])
			if r == utf8.RuneError && size == 1 {
				return p.fault(id, "is not UTF-8 text: it has the byte %#x", c)
			}
			p.at += size
		}
	}
	return p.fault(id, `is no JSON: a string has no closing quote`)
}

// escape reads what begins with a backslash.
func (p *parser) escape(id int32) bool {
	if p.at+1 < len(p.src.text) {
		switch p.src.text[p.at+1] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			p.at += 2
			return true
		case 'u':
			return p.unicode(id)
		}
	}
	return p.fault(id, `is no JSON: "\" is followed by none of "\/bfnrtu in a string`)
}

// unicode reads an escape such as \u00e9, or a pair of them that makes one
// character.
func (p *parser) unicode(id int32) bool {
	r, ok := p.hex(p.at)
	if !ok {
		return p.fault(id, `is no JSON: "\u" is not followed by four hexadecimal digits`)
	}
	if !utf16.IsSurrogate(r) {
		p.at += 6
		return true
	}
	if second, ok := p.hex(p.at + 6); !ok || utf16.DecodeRune(r, second) == utf8.RuneError {
		return p.fault(id, `has half a character, \u%04x, in a string; such escapes come in pairs`, r)
	}
	p.at += 12
	return true
}

// hex returns what the escape at a place of the text stands for.
func (p *parser) hex(at int) (rune, bool) {
	text := p.src.text
	if at+6 > len(text) || text[at] != '\\' || text[at+1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range []byte(text[at+2 : at+6]) {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// number reads a number. How large it may be is for its reader to say.
func (p *parser) number(id int32) bool {
	start := p.at
	p.skip("-")
	sound := p.skip("0") || p.digits()
	if sound && p.skip(".") {
		sound = p.digits()
	}
	if sound && (p.skip("e") || p.skip("E")) {
		_ = p.skip("+") || p.skip("-")
		sound = p.digits()
	}
	if c := p.peek(); !sound || (c >= '0' && c <= '9') {
		return p.fault(id, "is no JSON: a number goes wrong at %s", strconv.Quote(clip(p.src.text[start:min(p.at+1, len(p.src.text))])))
	}
	return true
}

// digits passes over at least one digit.
func (p *parser) digits() bool {
	start := p.at
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.at++
	}
	return p.at > start
}
