package document

import "reflect"

// list is the form of a slice. An empty one is nil when it is read, so that what
// was read and what it is written as say the same.
type list struct{ of reflect.Type }

func (l list) decode(d *Decoder, n *Node, v reflect.Value) {
	if !d.is(n, arrayNode) || n.Len() == 0 {
		return
	}
	for i := range n.Len() {
		if i == v.Cap() { // which grows with what was sound, not with the length of what is to be read
			v.Grow(min(n.Len()-i, i+16))
		}
		v.SetLen(i + 1)
		if d.decode(n.child(i), v.Index(i)); d.full() {
			return
		}
	}
}

func (l list) encode(e *encoder, v reflect.Value) {
	if !e.begin('[') {
		return
	}
	for i := range v.Len() {
		e.element(i, v.Index(i))
	}
	e.end(']')
}

func (l list) describe(d *Describer) map[string]any {
	return map[string]any{"type": "array", "items": d.Type(l.of.Elem())}
}
