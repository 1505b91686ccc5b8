package customer

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind is the type of a [Value].
type Kind uint8

// The kinds of a [Value]. Nothing is the kind of the zero Value.
const (
	Nothing Kind = iota
	TextKind
	NumberKind
	BoolKind
	DateKind
	TimeKind
)

// Value is a typed value: a text, a number, a truth, a date or an instant. The
// zero Value is nothing, which is not the same as an empty text. Values compare
// with ==.
type Value struct {
	text string
	bits uint64
	kind Kind
}

// Text returns a text value.
func Text(s string) Value { return Value{kind: TextKind, text: s} }

// Number returns a numeric value. NaN is no number: it gives the zero Value.
func Number(f float64) Value {
	if math.IsNaN(f) {
		return Value{}
	}
	return Value{kind: NumberKind, bits: math.Float64bits(f + 0)} // + 0 turns -0 into 0
}

// Bool returns a truth value.
func Bool(b bool) Value {
	if b {
		return Value{kind: BoolKind, bits: 1}
	}
	return Value{kind: BoolKind}
}

// DateValue returns a date, which belongs to no zone: a birthday.
func DateValue(year int, month time.Month, day int) Value {
	d := Date{year, month, day}
	if !d.Valid() {
		return Value{}
	}
	return Value{kind: DateKind, bits: uint64(d.utc().Unix())}
}

// Instant returns a point in time, kept to the microsecond.
func Instant(t time.Time) Value {
	if t.IsZero() {
		return Value{}
	}
	return Value{kind: TimeKind, bits: uint64(t.UnixMicro())}
}

// Kind returns the type of v.
func (v Value) Kind() Kind { return v.kind }

// IsZero reports whether v is nothing.
func (v Value) IsZero() bool { return v.kind == Nothing }

// AsText returns the text of v, or false where v is no text.
func (v Value) AsText() (string, bool) { return v.text, v.kind == TextKind }

// AsNumber returns the number of v, or false where v is no number.
func (v Value) AsNumber() (float64, bool) {
	if v.kind != NumberKind {
		return 0, false
	}
	return math.Float64frombits(v.bits), true
}

// AsBool returns the truth of v, or false where v is no truth.
func (v Value) AsBool() (truth, ok bool) {
	return v.kind == BoolKind && v.bits == 1, v.kind == BoolKind
}

// AsDate returns the date of v, or false where v is no date.
func (v Value) AsDate() (Date, bool) {
	if v.kind != DateKind {
		return Date{}, false
	}
	return DateOf(time.Unix(int64(v.bits), 0).UTC()), true
}

// AsInstant returns the instant of v, in UTC, or false where v is none.
func (v Value) AsInstant() (time.Time, bool) {
	if v.kind != TimeKind {
		return time.Time{}, false
	}
	return time.UnixMicro(int64(v.bits)).UTC(), true
}

// String returns v as people write it: instants in RFC 3339, UTC.
func (v Value) String() string {
	switch v.kind {
	case TextKind:
		return v.text
	case NumberKind:
		return strconv.FormatFloat(math.Float64frombits(v.bits), 'f', -1, 64)
	case BoolKind:
		return strconv.FormatBool(v.bits == 1)
	case DateKind:
		d, _ := v.AsDate()
		return d.String()
	case TimeKind:
		t, _ := v.AsInstant()
		return t.Format(time.RFC3339Nano)
	}
	return ""
}

// Field is a named value.
type Field struct {
	Name  string
	Value Value
}

// Fields are named values, at most one of a name, ordered by name. The engine
// orders what it is given; a list built by hand need not be in order.
type Fields []Field

// Get returns the value of the named field; the zero Value where there is none.
func (f Fields) Get(name string) Value {
	for i := range f {
		if f[i].Name == name {
			return f[i].Value
		}
	}
	return Value{}
}

// With returns a copy of f in which the named field has the given value; the
// zero Value takes the field out.
func (f Fields) With(name string, v Value) Fields {
	out := slices.DeleteFunc(slices.Clone(f), func(x Field) bool { return x.Name == name })
	if !v.IsZero() {
		out = append(out, Field{name, v})
	}
	return out.sorted()
}

func (f Fields) sorted() Fields {
	byName := func(a, b Field) int { return strings.Compare(a.Name, b.Name) }
	if slices.IsSortedFunc(f, byName) {
		return f
	}
	return slices.SortedStableFunc(slices.Values(f), byName)
}

func (f Fields) check(c *checker, field string) {
	seen := make(map[string]bool, len(f))
	for i, x := range f {
		switch {
		case x.Name == "":
			c.fault(fmt.Sprintf("%s[%d].Name", field, i), "is empty; name it")
		case seen[x.Name]:
			c.fault(fmt.Sprintf("%s[%q]", field, x.Name), "is given twice; give it once")
		case x.Value.IsZero():
			c.fault(fmt.Sprintf("%s[%q]", field, x.Name), "has no value; leave the field out instead")
		}
		seen[x.Name] = true
	}
}
