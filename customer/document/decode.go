package document

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/regulars-go/regulars/customer"
)

// Decode reads n into the value that into points to, which stays as it was
// where there is a fault. All faults are told, joined, each a
// *customer.DefinitionError with path and line; behind the first hundred only
// how many more there are.
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
	if err := d.faults.err(n); err != nil {
		return err
	}
	target.Elem().Set(read)
	return nil
}

// Decoder is what a [Custom] reads itself with.
type Decoder struct {
	language *Language
	faults   faults
}

// Fault records what is wrong with n.
func (d *Decoder) Fault(n *Node, format string, args ...any) {
	if d.faults.count++; d.faults.count <= maxFaults {
		d.faults.add(n.Path(), n.Line(), format, args...)
	}
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
	before := d.faults.count
	if n.kind == nullNode {
		d.Fault(n, "is null; leave out what is not there")
	} else {
		d.language.form(v.Type()).decode(d, n, v)
	}
	return d.faults.count == before
}

// missing faults a key that an object lacks.
func (d *Decoder) missing(n *Node, key string) {
	if d.faults.count++; d.faults.count <= maxFaults {
		d.faults.add(join(n.Path(), key), n.Line(), "is missing; it is required")
	}
}

// is faults a node that is not of the kind.
func (d *Decoder) is(n *Node, want kind) bool {
	if n.kind != want {
		d.Fault(n, "is %s, not %s", n.kind, want)
	}
	return n.kind == want
}

// maxFaults bounds how many faults are told: beyond it nobody reads them, and a
// document may have millions.
const maxFaults = 100

// faults gathers what is wrong with one document.
type faults struct {
	list  []error
	count int // of all, those not in the list included
}

func (f *faults) add(path string, line int, format string, args ...any) {
	f.list = append(f.list, &customer.DefinitionError{Path: path, Line: line, Fault: fmt.Sprintf(format, args...)})
}

func (f *faults) err(root *Node) error {
	if more := f.count - maxFaults; more > 0 {
		f.add(root.Path(), root.Line(), "has %d more faults", more)
	}
	return errors.Join(f.list...)
}

// join returns the path of a key in the object at a path.
func join(path, key string) string {
	if path == "" {
		return step(key)[1:]
	}
	return path + step(key)
}
