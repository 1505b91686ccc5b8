package document

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
)

// Language says which types stand behind interfaces. It never changes and may
// be used concurrently.
type Language struct {
	unions map[reflect.Type]*union
	forms  sync.Map // of reflect.Type to form: those used so far
	err    error    // what is wrong with the unions; every method returns it
}

// NewLanguage returns the language of the given unions. A mistake in them is
// told by whatever the language is then asked to do.
func NewLanguage(unions ...Union) *Language {
	l := &Language{unions: make(map[reflect.Type]*union, len(unions))}
	var errs []error
	for _, u := range unions {
		read, err := newUnion(u)
		if l.unions[u.of] != nil {
			err = fmt.Errorf("document: %v has two unions", u.of)
		}
		l.unions[u.of] = read
		errs = append(errs, err)
	}
	l.err = errors.Join(errs...)
	return l
}

// Union is an interface type with the types that may stand behind it. It is
// built by [UnionOf].
type Union struct {
	of    reflect.Type
	cases []Case
}

// Case is one type behind an interface.
type Case struct {
	Key   string // what names it: {"key": ...}
	Value any    // the zero value of the type
	Doc   string // what it means, for the schema
}

// UnionOf returns the union of the interface type T.
func UnionOf[T any](cases ...Case) Union { return Union{reflect.TypeFor[T](), cases} }

// Key returns the key of the case that v is; empty where it is none.
func (u Union) Key(v any) string {
	for _, c := range u.cases {
		if reflect.TypeOf(c.Value) == reflect.TypeOf(v) {
			return c.Key
		}
	}
	return ""
}

// form is how values of one type are read, written and described.
type form interface {
	// decode reads n into v, which is settable and zero.
	decode(d *Decoder, n *Node, v reflect.Value)
	encode(e *encoder, v reflect.Value)
	describe(d *Describer) map[string]any
}

// form returns the form of a type.
func (l *Language) form(t reflect.Type) form {
	if f, known := l.forms.Load(t); known {
		return f.(form)
	}
	f, _ := l.forms.LoadOrStore(t, l.newForm(t))
	return f.(form)
}

func (l *Language) newForm(t reflect.Type) form {
	if u := l.unions[t]; u != nil {
		return u
	}
	if f := vocabulary[t]; f != nil {
		return f
	}
	p := reflect.PointerTo(t)
	switch {
	case t.Kind() == reflect.Interface:
		return unfit{fmt.Sprintf("%v is an interface that the language does not know", t)}
	case p.Implements(customType):
		return newCustom(t)
	case p.Implements(textReader) && p.Implements(textWriter):
		return newText(t)
	}
	return plain(t)
}

// plain returns the form of a type by its kind.
func plain(t reflect.Type) form {
	switch t.Kind() {
	case reflect.Struct:
		return newRecord(t)
	case reflect.Slice:
		return list{t}
	case reflect.String:
		return newPlainText(t)
	case reflect.Bool:
		return truth{}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return whole{t}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return natural{t}
	case reflect.Float32, reflect.Float64:
		return number{t}
	}
	return unfit{fmt.Sprintf("%v has no JSON form", t)}
}

// unfit is the form of a type that has none.
type unfit struct{ why string }

func (u unfit) decode(d *Decoder, n *Node, _ reflect.Value) { d.Fault(n, "cannot be read: %s", u.why) }

func (u unfit) encode(e *encoder, _ reflect.Value) { e.fault("cannot be written: %s", u.why) }

func (u unfit) describe(d *Describer) map[string]any {
	d.err = errors.Join(d.err, fmt.Errorf("document: %s", u.why))
	return nil
}
