package document

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"reflect"
	"strings"
)

// Schema describes what Decode reads into the type of root, as JSON Schema of
// draft 2020-12, indented. It says what a document is made of; that names exist
// and lengths make sense is for the types themselves to check.
func (l *Language) Schema(root any, id, title string) ([]byte, error) {
	if l.err != nil {
		return nil, l.err
	}
	if root == nil {
		return nil, errors.New("document: cannot describe nil")
	}
	d := &Describer{language: l, names: make(map[reflect.Type]string), defs: make(map[string]any)}
	schema := l.form(typeOf(root)).describe(d)
	if d.err != nil {
		return nil, d.err
	}
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["$id"], schema["title"] = id, title
	if len(d.defs) > 0 {
		schema["$defs"] = d.defs
	}
	var b strings.Builder
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	err := out.Encode(schema)
	return []byte(b.String()), err
}

// Describer is what a [Custom] describes itself with.
type Describer struct {
	language *Language
	names    map[reflect.Type]string // of the definitions made so far
	defs     map[string]any
	err      error
}

// Type returns the schema of a type: a reference where the type has a name, so
// that a type may contain itself.
func (d *Describer) Type(t reflect.Type) map[string]any {
	f := d.language.form(t)
	if t.PkgPath() == "" || isScalar(f) {
		return f.describe(d)
	}
	name, known := d.names[t]
	if !known {
		name = d.name(t)
		d.names[t] = name
		d.defs[name] = nil // taken
		d.defs[name] = f.describe(d)
	}
	return map[string]any{"$ref": "#/$defs/" + name}
}

// TypeOf returns the schema of what a pointer points to, or of the type of any
// other value.
func (d *Describer) TypeOf(v any) map[string]any { return d.Type(typeOf(v)) }

func typeOf(v any) reflect.Type {
	t := reflect.TypeOf(v)
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// Choice returns the schema of an object that has exactly one of the given
// members. Editors complete that better than a choice between objects.
func (d *Describer) Choice(members map[string]any) map[string]any {
	return map[string]any{
		"type": "object", "properties": members,
		"minProperties": 1, "maxProperties": 1, "additionalProperties": false,
	}
}

// isScalar reports whether a schema is as short as a reference to it.
func isScalar(f form) bool {
	switch f.(type) {
	case text, truth, whole, natural, number:
		return true
	}
	return false
}

// name returns a name for a type that no other has: "customer.Period".
func (d *Describer) name(t reflect.Type) string {
	parts := strings.FieldsFunc(t.Name(), func(r rune) bool { return strings.ContainsRune("[],", r) })
	for i := range parts { // what stands behind the first is of a generic type
		parts[i] = path.Base(parts[i])
	}
	name := path.Base(t.PkgPath()) + "." + strings.Join(parts, "_")
	unique := name
	for i := 2; ; i++ {
		if _, taken := d.defs[unique]; !taken {
			return unique
		}
		unique = fmt.Sprintf("%s_%d", name, i)
	}
}

// described returns a schema with what a doc tag or a case says of it.
func described(schema map[string]any, doc string) map[string]any {
	if doc != "" && schema != nil {
		schema["description"] = doc
	}
	return schema
}
