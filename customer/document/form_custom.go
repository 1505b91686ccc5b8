package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
)

// Custom is what a type implements, on its pointer, that reads itself. It
// encodes itself as a json.Marshaler; what it writes it must read.
type Custom interface {
	// DecodeDocument reads n into the receiver, or faults it.
	DecodeDocument(d *Decoder, n *Node)
	// DescribeDocument returns the JSON Schema of what DecodeDocument reads.
	DescribeDocument(d *Describer) map[string]any
}

var (
	customType = reflect.TypeFor[Custom]()
	jsonWriter = reflect.TypeFor[json.Marshaler]()
)

// custom is the form of what reads itself.
type custom struct{ of reflect.Type }

func newCustom(t reflect.Type) form {
	if !reflect.PointerTo(t).Implements(jsonWriter) {
		return unfit{fmt.Sprintf("%v reads itself but is no json.Marshaler", t)}
	}
	return custom{t}
}

func (c custom) decode(d *Decoder, n *Node, v reflect.Value) {
	v.Addr().Interface().(Custom).DecodeDocument(d, n)
}

func (c custom) encode(e *encoder, v reflect.Value) {
	written, err := pointer(v).Interface().(json.Marshaler).MarshalJSON()
	if err != nil {
		e.inner(err)
		return
	}
	n, err := Parse(written)
	if err != nil {
		e.inner(err)
		return
	}
	if e.depth+n.depth() > MaxDepth { // it does not know where it stands
		e.fault("is deeper than %d arrays and objects; simplify the definition", MaxDepth)
		return
	}
	out := bytes.NewBuffer(e.out)
	_ = json.Compact(out, written) // which Parse found to be JSON
	e.out = out.Bytes()
}

func (c custom) describe(d *Describer) map[string]any {
	return reflect.New(c.of).Interface().(Custom).DescribeDocument(d)
}
