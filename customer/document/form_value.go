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
	switch key, under := d.Choice(n, "value", "date", "instant"); key {
	case "date":
		var date customer.Date
		d.Value(under, &date)
		return customer.DateValue(date.Year, date.Month, date.Day)
	case "instant":
		var at time.Time
		d.Value(under, &at)
		return customer.Instant(at)
	}
	return customer.Value{}
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
	schema := d.Choice(map[string]any{
		"date":    d.TypeOf(customer.Date{}),
		"instant": d.TypeOf(time.Time{}),
	})
	schema["type"] = []string{"string", "number", "boolean", "object"}
	return described(schema, "a value: a text, a number, a truth, a date or an instant")
}
