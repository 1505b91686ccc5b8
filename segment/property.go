package segment

import (
	"fmt"
	"slices"
	"strings"

	"github.com/regulars-go/regulars/customer"
)

// Property asks about one property of an activity. It is built by [Prop].
type Property struct {
	Name string                     `json:"name"`
	Is   comparison[customer.Value] `json:"is"`
}

// Prop compares a property of an activity with values, as [Field] does a field
// of the card.
func Prop(name string, op Op, values ...customer.Value) Property {
	return Property{name, is(op, values)}
}

// String returns the question in words.
func (p Property) String() string { return fmt.Sprintf("%q %s", p.Name, p.Is) }

func (p *Property) check(c *compiler, path string) {
	if p.Name == "" {
		c.faults.Add(path+".name", "is empty; name the property")
	}
	checkValues(c, p.Is, path+".is")
}

// checkValues faults a comparison of values that cannot be made. It reports
// whether it can.
func checkValues(c *compiler, is comparison[customer.Value], path string) bool {
	if !is.check(c, path) {
		return false
	}
	for _, v := range is.Values {
		switch kind := v.Kind(); {
		case kind == customer.Nothing:
			c.faults.Add(path, "compares with nothing; give it a value")
		case kind != customer.TextKind && is.Op.onTexts():
			c.faults.Add(path, "is %s, which is for texts; %s is none", is.Op, v)
		case kind == customer.BoolKind && is.Op.ordered():
			c.faults.Add(path, "is %s a truth, which has no order; use Equal", is.Op)
		case kind != is.Values[0].Kind() && is.Op == Between:
			c.faults.Add(path, "is between values of different kinds; give both the same")
		default:
			continue
		}
		return false
	}
	return true
}

// comparesValue reports whether a op values. What is of another kind than what
// it is compared with compares as false under every op, and under OneOf and
// NoneOf only values of its own kind are looked at.
func comparesValue(a customer.Value, is *comparison[customer.Value]) bool {
	switch is.Op {
	case OneOf:
		return slices.Contains(is.Values, a)
	case NoneOf:
		sameKind := func(v customer.Value) bool { return v.Kind() == a.Kind() }
		return slices.ContainsFunc(is.Values, sameKind) && !slices.Contains(is.Values, a)
	case Between:
		return ordered(a, AtLeast, is.Values[0]) && ordered(a, AtMost, is.Values[1])
	}
	return ordered(a, is.Op, is.Values[0])
}

// ordered reports whether a op b, of two values of one kind.
func ordered(a customer.Value, op Op, b customer.Value) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	switch b.Kind() {
	case customer.NumberKind:
		x, _ := a.AsNumber()
		y, _ := b.AsNumber()
		return compares(x, op, []float64{y})
	case customer.DateKind:
		return compares(day(a), op, []int64{day(b)})
	case customer.TimeKind:
		x, _ := a.AsInstant()
		y, _ := b.AsInstant()
		return compares(x.UnixMicro(), op, []int64{y.UnixMicro()})
	case customer.BoolKind:
		return (a == b) == (op == Equal)
	}
	x, _ := a.AsText()
	y, _ := b.AsText()
	return comparesText(x, op, []string{y})
}

// allOf returns values as what they are of; false where one is of another kind.
func allOf[T any](values []customer.Value, as func(customer.Value) (T, bool)) ([]T, bool) {
	list := make([]T, len(values))
	for i, v := range values {
		var ok bool
		if list[i], ok = as(v); !ok {
			return nil, false
		}
	}
	return list, true
}

func day(v customer.Value) int64 {
	d, _ := v.AsDate()
	return midnight(d)
}

func propertyWords(where []Property) string {
	if len(where) == 0 {
		return ""
	}
	words := make([]string, len(where))
	for i, p := range where {
		words[i] = p.String()
	}
	return " with " + strings.Join(words, " and ")
}

// did reports whether an activity is one of that name, with those properties.
func did(a *customer.Activity, name string, where []Property) bool {
	return a.Name == name && with(a, where)
}

// with reports whether an activity has those properties.
func with(a *customer.Activity, where []Property) bool {
	for i := range where {
		if v := a.Props.Get(where[i].Name); v.IsZero() || !comparesValue(v, &where[i].Is) {
			return false
		}
	}
	return true
}
