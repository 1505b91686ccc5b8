package document

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// union is the form of an interface: an object whose one key names the type.
type union struct {
	of     reflect.Type
	cases  []Case
	byKey  map[string]reflect.Type
	byType map[reflect.Type]string
	keys   []string
}

func newUnion(u Union) (*union, error) {
	r := &union{of: u.of, cases: u.cases, byKey: make(map[string]reflect.Type), byType: make(map[reflect.Type]string)}
	if u.of == nil || u.of.Kind() != reflect.Interface {
		return r, fmt.Errorf("document: %v is no interface type and so no union", u.of)
	}
	var errs []error
	for _, c := range u.cases {
		errs = append(errs, r.add(c))
	}
	return r, errors.Join(errs...)
}

func (u *union) add(c Case) error {
	t := reflect.TypeOf(c.Value)
	switch {
	case c.Key == "":
		return fmt.Errorf("document: a case of %v has no key", u.of)
	case u.byKey[c.Key] != nil:
		return fmt.Errorf("document: %v has two cases %q", u.of, c.Key)
	case t == nil || t.Kind() == reflect.Pointer || !t.Implements(u.of):
		return fmt.Errorf("document: case %q of %v has the type %v, which is a pointer or does not implement it", c.Key, u.of, t)
	case u.byType[t] != "":
		return fmt.Errorf("document: %v is behind %q and %q of %v", t, u.byType[t], c.Key, u.of)
	}
	u.byKey[c.Key], u.byType[t] = t, c.Key
	u.keys = append(u.keys, c.Key)
	return nil
}

// name is what a value of the union is called: "step".
func (u *union) name() string { return strings.ToLower(u.of.Name()) }

func (u *union) decode(d *Decoder, n *Node, v reflect.Value) {
	key, value := d.Choice(n, u.name(), u.keys...)
	if value == nil {
		return
	}
	read := reflect.New(u.byKey[key]).Elem()
	d.decode(value, read)
	v.Set(read)
}

func (u *union) encode(e *encoder, v reflect.Value) {
	if v.IsNil() {
		e.fault("is nil; a %s is required", u.name())
		return
	}
	key, known := u.byType[v.Elem().Type()]
	if !known {
		e.fault("is a %v, which has no JSON form; build it by the functions of its package", v.Elem().Type())
		return
	}
	e.tagged(key, v.Elem())
}

func (u *union) describe(d *Describer) map[string]any {
	members := make(map[string]any, len(u.cases))
	for _, c := range u.cases {
		members[c.Key] = described(d.Type(reflect.TypeOf(c.Value)), c.Doc)
	}
	return d.Choice(members)
}
