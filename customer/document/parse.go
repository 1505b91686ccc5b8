package document

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/regulars-go/regulars/customer"
)

// What a document may be, at most.
const (
	MaxSize  = 16 << 20 // bytes
	MaxDepth = 1000     // arrays and objects in each other
)

// Parse reads a JSON text. Besides what is no JSON it refuses what encoding/json
// lets pass: a key given twice, text that is not UTF-8, half of a surrogate pair,
// anything behind the value; and what is larger than MaxSize or deeper than
// MaxDepth. The error is a *customer.DefinitionError.
func Parse(data []byte) (*Node, error) {
	if len(data) > MaxSize {
		return nil, &customer.DefinitionError{Line: 1, Fault: fmt.Sprintf("has %d bytes; a document has at most %d", len(data), MaxSize)}
	}
	p := parser{src: &source{text: string(data)}}
	p.space()
	if p.value(place{parent: -1}, 0) && p.space() && p.at < len(p.src.text) {
		p.fault(-1, "has %s behind its end; a document is one value", p.next())
	}
	if p.err != nil {
		return nil, p.err
	}
	return &p.src.nodes[0], nil
}

// parser reads a text from front to back. Its methods report whether they could
// go on; where not, err says why.
type parser struct {
	src  *source
	at   int
	open []int32 // children of the arrays and objects that are not closed yet
	err  error
}

// place is where a value stands: under which node, and under which key.
type place struct {
	parent, place int32
	key, keyEnd   int32
}

func (p *parser) value(at place, depth int) bool {
	id := int32(len(p.src.nodes))
	p.src.nodes = append(p.src.nodes, Node{
		src: p.src, kind: kindOf(p.peek()), start: int32(p.at), parent: at.parent, place: at.place, key: at.key, keyEnd: at.keyEnd,
	})
	ok := false
	switch p.src.nodes[id].kind {
	case objectNode:
		ok = p.nested(id, depth, '}', p.member) && p.unique(id)
	case arrayNode:
		ok = p.nested(id, depth, ']', p.element)
	case stringNode:
		ok = p.string(id)
	case numberNode:
		ok = p.number(id)
	case boolNode:
		ok = p.skip("true") || p.skip("false")
	case nullNode:
		ok = p.skip("null")
	}
	if !ok && p.err == nil {
		p.fault(id, "is no JSON: %s stands where a value belongs", p.next())
	}
	p.src.nodes[id].end = int32(p.at)
	return ok
}

// kindOf returns what a value is that begins with c, if it is one.
func kindOf(c byte) kind {
	switch c {
	case '{':
		return objectNode
	case '[':
		return arrayNode
	case '"':
		return stringNode
	case 't', 'f':
		return boolNode
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return numberNode
	}
	return nullNode
}

// nested reads an array or object, whose parts the given function reads.
func (p *parser) nested(id int32, depth int, end byte, part func(id, place int32, depth int) bool) bool {
	if depth++; depth > MaxDepth {
		return p.fault(id, "is deeper than %d arrays and objects; simplify the definition", MaxDepth)
	}
	p.at++
	mark := len(p.open)
	for i := int32(0); ; i++ {
		if p.space(); p.peek() == end && i == 0 {
			break
		}
		if !part(id, i, depth) {
			return false
		}
		if p.space(); p.peek() == end {
			break
		}
		if !p.skip(",") {
			return p.fault(id, `is no JSON: %s stands where "," or "%c" belongs`, p.next(), end)
		}
	}
	p.at++
	n := &p.src.nodes[id]
	n.first, n.count = int32(len(p.src.children)), int32(len(p.open)-mark)
	p.src.children = append(p.src.children, p.open[mark:]...)
	p.open = p.open[:mark]
	return true
}

func (p *parser) element(id, i int32, depth int) bool {
	p.open = append(p.open, int32(len(p.src.nodes)))
	return p.value(place{parent: id, place: i}, depth)
}

func (p *parser) member(id, i int32, depth int) bool {
	at := place{parent: id, place: i, key: int32(p.at)}
	if p.peek() != '"' {
		return p.fault(id, "is no JSON: %s stands where a key in quotes belongs", p.next())
	}
	if !p.string(id) {
		return false
	}
	at.keyEnd = int32(p.at)
	if p.space(); !p.skip(":") {
		return p.fault(id, `is no JSON: %s stands where ":" belongs`, p.next())
	}
	p.space()
	p.open = append(p.open, int32(len(p.src.nodes)))
	return p.value(at, depth)
}

// unique faults a key that an object has twice.
func (p *parser) unique(id int32) bool {
	n := &p.src.nodes[id]
	if n.count < 2 {
		return true
	}
	seen := make(map[string]struct{}, n.count)
	for key, value := range n.Members() {
		if _, twice := seen[key]; twice {
			p.at = int(value.key)
			return p.fault(p.src.children[n.first+value.place], "is given twice; keep one")
		}
		seen[key] = struct{}{}
	}
	return true
}

// space passes over white space, and notes where lines end.
func (p *parser) space() bool {
	for ; p.at < len(p.src.text); p.at++ {
		switch p.src.text[p.at] {
		case '\n':
			p.src.feeds = append(p.src.feeds, int32(p.at))
		case ' ', '\t', '\r':
		default:
			return true
		}
	}
	return true
}

// peek returns the next byte; zero at the end.
func (p *parser) peek() byte {
	if p.at == len(p.src.text) {
		return 0
	}
	return p.src.text[p.at]
}

// skip passes over s, if it is what comes next.
func (p *parser) skip(s string) bool {
	if !strings.HasPrefix(p.src.text[p.at:], s) {
		return false
	}
	p.at += len(s)
	return true
}

// next describes what comes next.
func (p *parser) next() string {
	if p.at == len(p.src.text) {
		return "the end"
	}
	r, size := utf8.DecodeRuneInString(p.src.text[p.at:])
	if r == utf8.RuneError && size == 1 {
		return fmt.Sprintf("the byte %#x", p.src.text[p.at])
	}
	return fmt.Sprintf("%q", string(r))
}

// fault records what is wrong at the reader's place inside a node; -1 is the
// document.
func (p *parser) fault(id int32, format string, args ...any) bool {
	path := ""
	if id >= 0 {
		path = p.src.nodes[id].Path()
	}
	p.err = &customer.DefinitionError{Path: path, Line: p.src.line(int32(p.at)), Fault: fmt.Sprintf(format, args...)}
	return false
}
