package document

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/regulars-go/regulars/customer"
)

// Encode writes v, or what it points to, as compact JSON: keys in the order of the Go fields, nothing
// that may be left out and is zero. Equal values give equal texts, and Decode
// reads each back. What has no JSON form is a fault with the path of its place.
// A value behind an interface is handed over as a pointer to the interface.
func (l *Language) Encode(v any) ([]byte, error) {
	return l.encode(v, (*encoder).value)
}

// EncodeMember writes {"key": v}, which [Decoder.Choice] reads. Otherwise it is
// as Encode.
func (l *Language) EncodeMember(key string, v any) ([]byte, error) {
	return l.encode(v, func(e *encoder, v reflect.Value) { e.tagged(key, v) })
}

func (l *Language) encode(v any, write func(*encoder, reflect.Value)) ([]byte, error) {
	if l.err != nil {
		return nil, l.err
	}
	if v == nil {
		return nil, errors.New("document: cannot encode nil")
	}
	value := reflect.ValueOf(v)
	if value.Kind() == reflect.Pointer && !value.IsNil() {
		value = value.Elem()
	}
	e := &encoder{language: l}
	write(e, value)
	if len(e.out) > MaxSize {
		e.fault("has %d bytes; a document has at most %d", len(e.out), MaxSize)
	}
	if err := errors.Join(e.faults...); err != nil {
		return nil, err
	}
	return e.out, nil
}

// encoder writes one value.
type encoder struct {
	language *Language
	out      []byte
	names    []string // the place of what is being written
	faults   []error
	depth    int
}

func (e *encoder) value(v reflect.Value) { e.language.form(v.Type()).encode(e, v) }

// fault records what is wrong with the value being written.
func (e *encoder) fault(format string, args ...any) {
	e.faults = append(e.faults, &customer.DefinitionError{Path: e.path(""), Fault: fmt.Sprintf(format, args...)})
}

// inner records what a value that writes itself told, below its own place.
func (e *encoder) inner(err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			e.inner(one)
		}
		return
	}
	var fault *customer.DefinitionError
	if !errors.As(err, &fault) {
		e.fault("%v", err)
		return
	}
	e.faults = append(e.faults, &customer.DefinitionError{Path: e.path(fault.Path), Fault: fault.Fault})
}

// path returns the path of a place below the value being written.
func (e *encoder) path(below string) string {
	if below != "" && below[0] != '[' {
		below = "." + below
	}
	return strings.TrimPrefix(strings.Join(e.names, "")+below, ".")
}

// begin opens an array or object. It reports whether there is room for one more
// in another; a Go value may even contain itself.
func (e *encoder) begin(bracket byte) bool {
	if e.depth++; e.depth > MaxDepth {
		e.fault("is deeper than %d arrays and objects; simplify the definition", MaxDepth)
		e.depth--
		return false
	}
	e.out = append(e.out, bracket)
	return true
}

func (e *encoder) end(bracket byte) {
	e.depth--
	if last := len(e.out) - 1; e.out[last] == ',' {
		e.out[last] = bracket
	} else {
		e.out = append(e.out, bracket)
	}
}

// member writes a key and its value.
func (e *encoder) member(key string, v reflect.Value) {
	e.text(key)
	e.out = append(e.out, ':')
	e.names = append(e.names, step(key))
	e.value(v)
	e.names = e.names[:len(e.names)-1]
	e.out = append(e.out, ',')
}

// tagged writes an object with one key.
func (e *encoder) tagged(key string, v reflect.Value) {
	if e.begin('{') {
		e.member(key, v)
		e.end('}')
	}
}

// element writes an element of an array.
func (e *encoder) element(i int, v reflect.Value) {
	e.names = append(e.names, "["+strconv.Itoa(i)+"]")
	e.value(v)
	e.names = e.names[:len(e.names)-1]
	e.out = append(e.out, ',')
}

// text writes a string. Only what JSON asks for is escaped.
func (e *encoder) text(s string) {
	if !utf8.ValidString(s) {
		e.fault("is not UTF-8 text")
		return
	}
	e.out = append(e.out, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			e.out = append(e.out, '\\', c)
		case c == '\n':
			e.out = append(e.out, '\\', 'n')
		case c == '\t':
			e.out = append(e.out, '\\', 't')
		case c < ' ':
			e.out = fmt.Appendf(e.out, "\\u%04x", c)
		default:
			e.out = append(e.out, c)
		}
	}
	e.out = append(e.out, '"')
}
