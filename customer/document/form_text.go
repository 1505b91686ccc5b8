package document

import (
	"encoding"
	"reflect"
)

var (
	textReader = reflect.TypeFor[encoding.TextUnmarshaler]()
	textWriter = reflect.TypeFor[encoding.TextMarshaler]()
)

// named is the form of what reads and writes itself as text.
type named struct{ texts []string } // all there are; empty: not known

func newText(t reflect.Type) form {
	if list, ok := reflect.Zero(t).Interface().(interface{ DocumentTexts() []string }); ok {
		return named{list.DocumentTexts()}
	}
	return named{}
}

func (named) decode(d *Decoder, n *Node, v reflect.Value) {
	if !d.is(n, stringNode) {
		return
	}
	s, _ := n.Text()
	if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s)); err != nil {
		d.Fault(n, "%v", err)
	}
}

func (named) encode(e *encoder, v reflect.Value) {
	written, err := pointer(v).Interface().(encoding.TextMarshaler).MarshalText()
	if err != nil {
		e.fault("%v", err)
		return
	}
	e.text(string(written))
}

func (f named) describe(*Describer) map[string]any {
	schema := map[string]any{"type": "string"}
	if len(f.texts) > 0 {
		schema["enum"] = f.texts
	}
	return schema
}
