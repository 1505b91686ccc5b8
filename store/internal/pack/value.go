package pack

import (
	"math"
	"time"

	"github.com/regulars-go/regulars/customer"
)

// The kinds of a value as they are packed, one byte before the value itself.
// They are fixed for good, whatever becomes of customer.Kind.
const (
	noValue byte = iota
	textValue
	wholeValue // a number without a fraction
	floatValue
	falseValue
	trueValue
	dateValue
	instantValue
)

// field codes a custom field of a card or an activity: a name and a value.
func field(c *coder, f *customer.Field) {
	c.name(&f.Name)
	if c.reading {
		f.Value = c.readValue()
		return
	}
	c.writeValue(f.Value)
}

func (c *coder) writeValue(v customer.Value) {
	switch v.Kind() {
	case customer.TextKind:
		s, _ := v.AsText()
		c.out = append(c.out, textValue)
		c.word(&s)
	case customer.NumberKind:
		n, _ := v.AsNumber()
		c.writeNumber(n)
	case customer.BoolKind:
		b, _ := v.AsBool()
		c.out = append(c.out, falseValue)
		if b {
			c.out[len(c.out)-1] = trueValue
		}
	case customer.DateKind:
		d, _ := v.AsDate()
		year, month, day := uint64(d.Year), byte(d.Month), byte(d.Day)
		c.out = append(c.out, dateValue, month, day)
		c.uint(&year)
	case customer.TimeKind:
		t, _ := v.AsInstant()
		c.out = append(c.out, instantValue)
		c.time(&t)
	default:
		c.out = append(c.out, noValue)
	}
}

// writeNumber keeps whole numbers small, for which a float would take nine bytes
// or ten; up to 2^53 they come back exactly.
func (c *coder) writeNumber(n float64) {
	if whole := int64(n); math.Abs(n) < 1<<53 && float64(whole) == n {
		c.out = append(c.out, wholeValue)
		c.int(&whole)
		return
	}
	bits := math.Float64bits(n)
	c.out = append(c.out, floatValue)
	c.uint(&bits)
}

func (c *coder) readValue() customer.Value {
	var kind byte
	c.byte(&kind)
	v, ok := c.readValueOf(kind)
	if !ok {
		c.fail()
	}
	return v
}

// readValueOf reads the value itself. It is not ok where none of that kind can
// have been written.
func (c *coder) readValueOf(kind byte) (v customer.Value, ok bool) {
	switch kind {
	case noValue:
		return v, true
	case textValue:
		return customer.Text(c.readName()), true
	case wholeValue:
		var n int64
		c.int(&n)
		return customer.Number(float64(n)), true
	case floatValue:
		v = customer.Number(math.Float64frombits(c.readUint()))
	case falseValue, trueValue:
		return customer.Bool(kind == trueValue), true
	case dateValue:
		var month, day byte
		c.byte(&month)
		c.byte(&day)
		v = customer.DateValue(int(min(c.readUint(), 1<<16)), time.Month(month), int(day))
	case instantValue:
		var t time.Time
		c.time(&t)
		v = customer.Instant(t)
	}
	return v, !v.IsZero()
}
