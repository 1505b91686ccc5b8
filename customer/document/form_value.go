package document

import (
	"reflect"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// value is the form of a customer.Value. Texts, numbers and truths are what they
// are in JSON; dates and instants are named, since JSON has none.
type value struct{}

func (value) decode(d *Decoder, n *Node, v reflect.Value) {
	var read customer.Value
	switch n.kind {
	case stringNode:
		s, _ := n.Text()
		read = customer.Text(s)
	case boolNode:
		read = customer.Bool(n.raw() == "true")
	case numberNode:
		if x, ok := d.finite(n, 64); ok {
			read = customer.Number(x)
		}
	case objectNode:
		read = d.dated(n)
	default:
		d.Fault(n, "is %s; a value is a string, a number, a boolean, a date or an instant", n.kind)
	}
	v.Set(reflect.ValueOf(read))
}

// dated returns the date or instant that n is.
func (d *Decoder) dated(n *Node) customer.Value {
	key, under, ok := n.OnlyMember()
	if !ok {
		d.Fault(n, `has %d keys; a value that is an object has exactly one, "date" or "instant"`, n.Len())
		return customer.Value{}
	}
	var date customer.Date
	var at time.Time
	switch key {
	case "date":
		d.Value(under, &date)
	case "instant":
		d.Value(under, &at)
	default:
		d.Fault(under, "is no key here; known are %s", nearest(key, []string{"date", "instant"}))
	}
	if key == "date" {
		return customer.DateValue(date.Year, date.Month, date.Day)
	}
	return customer.Instant(at)
}

func (value) encode(e *encoder, v reflect.Value) {
	x := v.Interface().(customer.Value)
	switch x.Kind() {
	case customer.TextKind:
		s, _ := x.AsText()
		e.text(s)
	case customer.NumberKind:
		f, _ := x.AsNumber()
		e.number(f, f)
	case customer.BoolKind:
		b, _ := x.AsBool()
		truth{}.encode(e, reflect.ValueOf(b))
	case customer.DateKind:
		date, _ := x.AsDate()
		e.tagged("date", reflect.ValueOf(date))
	case customer.TimeKind:
		at, _ := x.AsInstant()
		e.tagged("instant", reflect.ValueOf(at))
	default:
		e.fault("is nothing; a value is required")
	}
}

func (value) describe(d *Describer) map[string]any {
	return map[string]any{
		"type": []string{"string", "number", "boolean", "object"},
		"properties": map[string]any{
			"date":    d.Type(reflect.TypeFor[customer.Date]()),
			"instant": d.Type(reflect.TypeFor[time.Time]()),
		},
		"minProperties": 1, "maxProperties": 1, "additionalProperties": false,
		"description": "A value: a text, a number, a truth, a date or an instant.",
	}
}
