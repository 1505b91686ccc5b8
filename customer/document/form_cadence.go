package document

import (
	"reflect"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// weekdays is the form of a set of days of the week: their names.
type weekdays struct{}

func (weekdays) decode(d *Decoder, n *Node, v reflect.Value) {
	if !d.is(n, arrayNode) {
		return
	}
	var set customer.Weekdays
	for _, day := range n.Elements() {
		var one time.Weekday
		switch {
		case !d.Value(day, &one):
		case set.Has(one):
			d.Fault(day, "is given twice; keep one")
		default:
			set |= customer.OnDays(one)
		}
	}
	v.Set(reflect.ValueOf(set))
}

func (weekdays) encode(e *encoder, v reflect.Value) {
	set := v.Interface().(customer.Weekdays)
	var days []time.Weekday
	for _, day := range week {
		if set.Has(day) {
			days = append(days, day)
		}
	}
	if customer.OnDays(days...) != set {
		e.fault("names a day of the week that does not exist")
		return
	}
	e.value(reflect.ValueOf(days))
}

func (weekdays) describe(d *Describer) map[string]any {
	return map[string]any{
		"type": "array", "items": d.TypeOf(time.Monday), "uniqueItems": true,
		"description": "days of the week",
	}
}

// cadence is the form of the time between two purchases: a period, or days of
// the week.
type cadence struct{}

func (cadence) decode(d *Decoder, n *Node, v reflect.Value) {
	var c customer.Cadence
	switch key, under := d.Choice(n, "cadence", "every", "on"); key {
	case "every":
		if d.Value(under, &c.Every) && c.Every.IsZero() {
			d.Fault(under, "is no time at all; give it a length")
		}
	case "on":
		if d.Value(under, &c.On) && c.On == 0 {
			d.Fault(under, "is empty; name a day of the week")
		}
	}
	v.Set(reflect.ValueOf(c))
}

func (cadence) encode(e *encoder, v reflect.Value) {
	c := v.Interface().(customer.Cadence)
	key, of := "every", reflect.ValueOf(c.Every)
	if c.On != 0 {
		key, of = "on", reflect.ValueOf(c.On)
	}
	if c.IsZero() {
		e.fault("is none; a cadence is required")
	} else if err := c.Validate(); err != nil {
		e.fault("%v", err)
	} else {
		e.tagged(key, of)
	}
}

func (cadence) describe(d *Describer) map[string]any {
	on := d.TypeOf(customer.Weekdays(0))
	on["minItems"] = 1
	return described(d.Choice(map[string]any{
		"every": d.TypeOf(customer.Period{}),
		"on":    on,
	}), "the time between two purchases: a period, or days of the week")
}
