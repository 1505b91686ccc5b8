package document

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/regulars-go/regulars/customer"
)

// Decode reads n into the value that into points to, which stays as it was
// where there is a fault. All faults are told, joined, each a
// *customer.DefinitionError with path and line. Behind the hundredth reading
// ends.
func (l *Language) Decode(n *Node, into any) error {
	if l.err != nil {
		return l.err
	}
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return fmt.Errorf("document: cannot decode into %T; give a pointer", into)
	}
	d := &Decoder{language: l}
	read := reflect.New(target.Type().Elem()).Elem()
	d.decode(n, read)
	if len(d.faults) > 0 {
		return errors.Join(d.faults...)
	}
	target.Elem().Set(read)
	return nil
}

// Unmarshal reads a text as [Parse] and [Language.Decode] do: what a
// json.Unmarshaler needs.
func (l *Language) Unmarshal(data []byte, into any) error {
	n, err := Parse(data)
	if err != nil {
		return err
	}
	return l.Decode(n, into)
}

// Decoder is what a [Custom] reads itself with.
type Decoder struct {
	language *Language
	faults   []error
}

// Fault records what is wrong with n.
func (d *Decoder) Fault(n *Node, format string, args ...any) { d.fault(n, n.Path(), format, args...) }

// maxFaults bounds how many faults are told: beyond it nobody reads them, and a
// document may have millions.
const maxFaults = 100

// full reports whether no more faults are told, so that reading on is no use.
func (d *Decoder) full() bool { return len(d.faults) > maxFaults }

func (d *Decoder) fault(n *Node, path, format string, args ...any) {
	switch {
	case len(d.faults) == maxFaults:
		path, format, args = "", "has more faults than these", nil
	case d.full():
		return
	}
	d.faults = append(d.faults, &customer.DefinitionError{Path: path, Line: n.Line(), Fault: fmt.Sprintf(format, args...)})
}

// Value reads n into the value that into points to, by the rules of the
// language. It reports whether there was no fault.
func (d *Decoder) Value(n *Node, into any) bool {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		d.Fault(n, "cannot be read into %T", into)
		return false
	}
	target.Elem().SetZero()
	return d.decode(n, target.Elem())
}

func (d *Decoder) decode(n *Node, v reflect.Value) bool {
	before := len(d.faults)
	if n.kind == nullNode {
		d.Fault(n, "is null; leave out what is not there")
	} else {
		d.language.form(v.Type()).decode(d, n, v)
	}
	return len(d.faults) == before && !d.full()
}

// Choice returns the one member of an object that has exactly one, of the given
// keys. What names the thing in the faults: "cadence". A nil value is a fault.
func (d *Decoder) Choice(n *Node, what string, keys ...string) (key string, value *Node) {
	if !d.is(n, objectNode) {
		return "", nil
	}
	key, value, only := n.OnlyMember()
	if !only {
		d.Fault(n, "has %d keys; exactly one names the %s", n.Len(), what)
		return "", nil
	}
	if !slices.Contains(keys, key) {
		d.Fault(value, "is no known %s; known are %s", what, nearest(key, keys))
		return "", nil
	}
	return key, value
}

// is faults a node that is not of the kind.
func (d *Decoder) is(n *Node, want kind) bool {
	if n.kind != want {
		d.Fault(n, "is %s, not %s", n.kind, want)
	}
	return n.kind == want
}

// join returns the path of a key in the object at a path.
func join(path, key string) string {
	if path == "" {
		return step(key)[1:]
	}
	return path + step(key)
}
