package document

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// vocabulary is the forms of the types that have one here, whatever they are.
var vocabulary = map[reflect.Type]form{
	reflect.TypeFor[customer.Period]():    span{},
	reflect.TypeFor[customer.Date]():      pattern{datePattern, "date", "a day of the calendar, as in 2026-01-31"},
	reflect.TypeFor[customer.TimeOfDay](): pattern{`^([01][0-9]|2[0-3]):[0-5][0-9]$`, "", "a time of day, as in 09:30"},
	reflect.TypeFor[customer.Weekdays]():  weekdays{},
	reflect.TypeFor[customer.Value]():     value{},
	reflect.TypeFor[customer.Cadence]():   cadence{},
	reflect.TypeFor[time.Weekday]():       enumeration[time.Weekday]{"day of the week", week, "a day of the week"},
	reflect.TypeFor[time.Month]():         enumeration[time.Month]{"month", year, "a month"},
	reflect.TypeFor[time.Time]():          instant{},
}

var (
	week = []time.Weekday{
		time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday,
	}
	year = []time.Month{
		time.January, time.February, time.March, time.April, time.May, time.June,
		time.July, time.August, time.September, time.October, time.November, time.December,
	}
)

const datePattern = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`

// pattern is the form of a text that follows a pattern.
type pattern struct{ pattern, format, doc string }

func (p pattern) decode(d *Decoder, n *Node, v reflect.Value) { named{}.decode(d, n, v) }

func (p pattern) encode(e *encoder, v reflect.Value) { named{}.encode(e, v) }

func (p pattern) describe(*Describer) map[string]any {
	schema := map[string]any{"type": "string", "pattern": p.pattern, "description": p.doc}
	if p.format != "" {
		schema["format"] = p.format
	}
	return schema
}

// span is the form of a Period: an ISO 8601 text.
type span struct{}

func (span) decode(d *Decoder, n *Node, v reflect.Value) { named{}.decode(d, n, v) }

func (span) encode(e *encoder, v reflect.Value) {
	p := v.Interface().(customer.Period)
	if err := p.Validate(); err != nil {
		e.fault("%v", err)
		return
	}
	e.text(p.String())
}

func (span) describe(*Describer) map[string]any {
	return map[string]any{
		"type":        "string",
		"pattern":     `^P([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+([.][0-9]{1,9})?S)?)?$`,
		"not":         map[string]any{"pattern": "[PT]$"}, // without any part
		"description": "a length of time in ISO 8601: calendar years, months, weeks and days before T, exact time behind it, as in P3W, P1M or PT12H",
	}
}

// instant is the form of a time.Time: RFC 3339, as the library keeps instants.
type instant struct{}

func (instant) decode(d *Decoder, n *Node, v reflect.Value) {
	if !d.is(n, stringNode) {
		return
	}
	s, _ := n.Text()
	var t time.Time
	if err := t.UnmarshalText([]byte(s)); err != nil {
		d.Fault(n, "%q is no instant, as in 2026-01-31T09:30:00Z", clip(s))
		return
	}
	if !kept(t) {
		d.Fault(n, "is in the year %d; years from 1900 to 9999 can be kept", t.UTC().Year())
		return
	}
	v.Set(reflect.ValueOf(customer.Stored(t)))
}

// kept reports whether the stores can hold an instant.
func kept(t time.Time) bool {
	year := t.UTC().Year()
	return year >= 1900 && year <= 9999
}

func (instant) encode(e *encoder, v reflect.Value) { e.instant(v.Interface().(time.Time)) }

func (e *encoder) instant(t time.Time) {
	if !kept(t) {
		e.fault("is in the year %d; years from 1900 to 9999 can be kept", t.UTC().Year())
		return
	}
	e.text(customer.Stored(t).Format(time.RFC3339Nano))
}

func (instant) describe(*Describer) map[string]any {
	return map[string]any{
		"type":        "string",
		"format":      "date-time",
		"pattern":     `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$`,
		"description": "an instant in RFC 3339, as in 2026-01-31T09:30:00Z",
	}
}

// enumeration is the form of what has a name in English, in lower case here.
type enumeration[T interface {
	comparable
	String() string
}] struct {
	what string
	all  []T
	doc  string
}

func (f enumeration[T]) names() []string {
	names := make([]string, len(f.all))
	for i, x := range f.all {
		names[i] = strings.ToLower(x.String())
	}
	return names
}

func (f enumeration[T]) decode(d *Decoder, n *Node, v reflect.Value) {
	if !d.is(n, stringNode) {
		return
	}
	s, _ := n.Text()
	names := f.names()
	i := slices.Index(names, s)
	if i < 0 {
		d.Fault(n, "%q is no %s; known are %s", clip(s), f.what, nearest(s, names))
		return
	}
	v.Set(reflect.ValueOf(f.all[i]))
}

func (f enumeration[T]) encode(e *encoder, v reflect.Value) {
	x := v.Interface().(T)
	if !slices.Contains(f.all, x) {
		e.fault("%v is no %s", x, f.what)
		return
	}
	e.text(strings.ToLower(x.String()))
}

func (f enumeration[T]) describe(*Describer) map[string]any {
	return map[string]any{"type": "string", "enum": f.names(), "description": f.doc}
}
