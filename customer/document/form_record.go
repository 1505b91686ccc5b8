package document

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// record is the form of a struct.
type record struct {
	fields []field
	byName map[string]int
	names  []string
	need   int // how many fields are required
}

// field is one field of a struct.
type field struct {
	name     string
	index    []int
	of       reflect.Type
	optional bool
	nonzero  bool // a zero that is written is a fault: absent, it means otherwise
	doc      string
}

// newRecord returns the form of a struct: that of its self field, if it has one.
func newRecord(t reflect.Type) form {
	r := &record{byName: make(map[string]int)}
	self, err := r.gather(t, nil)
	switch {
	case err != nil:
		return unfit{err.Error()}
	case self != nil && len(r.fields) > 0:
		return unfit{fmt.Sprintf("%v has a field that stands for all of it, and others", t)}
	case self != nil:
		return alias{*self}
	}
	return r
}

// gather takes in the fields of a struct, those of embedded ones included.
func (r *record) gather(t reflect.Type, index []int) (self *field, err error) {
	for i := range t.NumField() {
		f := t.Field(i)
		at := append(slices.Clone(index), i)
		if f.Tag.Get("document") == "self" && f.IsExported() && self == nil {
			self = &field{index: at, of: f.Type, doc: f.Tag.Get("doc")}
			continue
		}
		tag, tagged := f.Tag.Lookup("json")
		switch {
		case tag == "-":
		case f.Anonymous && !tagged && f.Type.Kind() == reflect.Struct:
			inner, err := r.gather(f.Type, at)
			if err != nil {
				return nil, err
			}
			if inner != nil {
				return nil, fmt.Errorf("%v embeds %v, which is written as one of its fields", t, f.Type)
			}
		case !f.IsExported():
		case !tagged:
			return nil, fmt.Errorf("field %s of %v has no json tag", f.Name, t)
		default:
			if err := r.add(f, tag, at); err != nil {
				return nil, fmt.Errorf("%v: %w", t, err)
			}
		}
	}
	return self, nil
}

func (r *record) add(f reflect.StructField, tag string, index []int) error {
	name, options, _ := strings.Cut(tag, ",")
	if name == "" {
		return fmt.Errorf("field %s has no name in its json tag", f.Name)
	}
	if _, twice := r.byName[name]; twice {
		return fmt.Errorf("two fields have the name %q", name)
	}
	optional := slices.ContainsFunc(strings.Split(options, ","), func(o string) bool { return o == "omitzero" || o == "omitempty" })
	r.byName[name] = len(r.fields)
	r.names = append(r.names, name)
	nonzero := f.Tag.Get("document") == "nonzero"
	r.fields = append(r.fields, field{name, index, f.Type, optional, nonzero, f.Tag.Get("doc")})
	if !optional {
		r.need++
	}
	return nil
}

func (r *record) decode(d *Decoder, n *Node, v reflect.Value) {
	if !d.is(n, objectNode) {
		return
	}
	found := 0
	for key, value := range n.Members() {
		if d.full() {
			return
		}
		i, known := r.byName[key]
		if !known {
			d.Fault(value, "is no key here; known are %s", nearest(key, r.names))
			continue
		}
		f := &r.fields[i]
		if !f.optional {
			found++
		}
		x := v.FieldByIndex(f.index)
		if d.decode(value, x) && f.nonzero && isZero(x) {
			d.Fault(value, "is nothing; give it a length, or leave it out if there is to be no bound")
		}
	}
	if found == r.need {
		return
	}
	for i := range r.fields {
		if f := &r.fields[i]; !f.optional && n.Member(f.name) == nil {
			d.fault(n, join(n.Path(), f.name), "is missing; it is required")
		}
	}
}

func (r *record) encode(e *encoder, v reflect.Value) {
	if !e.begin('{') {
		return
	}
	for i := range r.fields {
		f := &r.fields[i]
		if x := v.FieldByIndex(f.index); !f.optional || !isZero(x) {
			e.member(f.name, x)
		}
	}
	e.end('}')
}

func (r *record) describe(d *Describer) map[string]any {
	properties := make(map[string]any, len(r.fields))
	required := []string{}
	for i := range r.fields {
		f := &r.fields[i]
		properties[f.name] = described(d.Type(f.of), f.doc)
		if !f.optional {
			required = append(required, f.name)
		}
	}
	schema := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		schema["required"] = required
	}
	return schema
}

// alias is the form of a struct that is written as one of its fields.
type alias struct{ field }

func (a alias) decode(d *Decoder, n *Node, v reflect.Value) { d.decode(n, v.FieldByIndex(a.index)) }

func (a alias) encode(e *encoder, v reflect.Value) { e.value(v.FieldByIndex(a.index)) }

func (a alias) describe(d *Describer) map[string]any { return described(d.Type(a.of), a.doc) }

// isZero reports whether an optional value is left out: it is zero, says so
// itself, or holds nothing.
func isZero(v reflect.Value) bool {
	if v.CanInterface() && v.Kind() != reflect.Interface {
		if z, ok := pointer(v).Interface().(interface{ IsZero() bool }); ok {
			return z.IsZero()
		}
	}
	switch v.Kind() {
	case reflect.Slice:
		return v.Len() == 0
	case reflect.Struct:
		for i := range v.NumField() {
			if !isZero(v.Field(i)) {
				return false
			}
		}
		return true
	}
	return v.IsZero()
}

// pointer returns a pointer to a value, or to a copy where it has no address.
func pointer(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v.Addr()
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return p
}
