package segment

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/regulars-go/regulars/customer"
)

// HasTag is true of customers with the tag.
func HasTag(tag string) Predicate {
	return profile{
		words: fmt.Sprintf("tagged %q", tag),
		names: []string{tag},
		truth: func(f *Facts) bool { return f.Customer.HasTag(tag) },
	}
}

// FromSource is true of customers whom one of the sources brought here first.
func FromSource(sources ...string) Predicate {
	return profile{
		words: fmt.Sprintf("from source %s", list(sources)),
		names: sources,
		truth: func(f *Facts) bool { return f.Customer.Source != "" && slices.Contains(sources, f.Customer.Source) },
	}
}

// ManagedBy is true of customers whom one of the managers looks after.
func ManagedBy(managers ...string) Predicate {
	return profile{
		words: fmt.Sprintf("managed by %s", list(managers)),
		names: managers,
		truth: func(f *Facts) bool { return f.Customer.Manager != "" && slices.Contains(managers, f.Customer.Manager) },
	}
}

// Field is true of customers whose custom field compares with the value as op
// says. A field that is missing, or of another kind than the value, compares as
// false under every op. Texts compare byte by byte, dates and instants by time,
// and a truth only as equal or not equal.
func Field(name string, op Op, value customer.Value) Predicate {
	holds := comparison(op, value)
	return profile{
		words: fmt.Sprintf("field %q is %s %q", name, op, value),
		names: []string{name},
		field: true,
		op:    op,
		value: value,
		truth: func(f *Facts) bool { return holds(f.Customer.Fields.Get(name)) },
	}
}

// profile is a predicate that reads the card only, and so never flips.
type profile struct {
	words string
	names []string // which must not be empty
	field bool     // a Field, with
	op    Op
	value customer.Value
	truth func(*Facts) bool
}

func (p profile) String() string { return p.words }

func (p profile) compile(c *compiler, path string) eval {
	if len(p.names) == 0 || slices.Contains(p.names, "") {
		c.faults.Add(path, "%s has an empty name; name what it asks for", p.words)
	}
	if p.field {
		p.checkField(c, path)
	}
	c.reads.profile = true
	return steady(p.truth)
}

func (p profile) checkField(c *compiler, path string) {
	c.op(p.op, path)
	if p.value.IsZero() {
		c.faults.Add(path, "field %q is compared with nothing; give it a value", p.names[0])
	}
	if p.value.Kind() == customer.BoolKind && p.op != Equal && p.op != NotEqual {
		c.faults.Add(path, "field %q: a truth has no order; compare with equal or not equal", p.names[0])
	}
}

// comparison returns the comparison with b. Nothing, and what is of another kind
// than b, compares as false.
func comparison(op Op, b customer.Value) func(customer.Value) bool {
	switch b.Kind() {
	case customer.NumberKind:
		return comparing(customer.Value.AsNumber, op, b)
	case customer.DateKind:
		return comparing(day, op, b)
	case customer.TimeKind:
		return comparing(moment, op, b)
	case customer.BoolKind:
		return func(a customer.Value) bool { return a.Kind() == customer.BoolKind && (a == b) == (op == Equal) }
	}
	return comparing(customer.Value.AsText, op, b)
}

func comparing[T cmp.Ordered](as func(customer.Value) (T, bool), op Op, b customer.Value) func(customer.Value) bool {
	y, _ := as(b)
	return func(a customer.Value) bool {
		x, ok := as(a)
		return ok && compare(x, op, y)
	}
}

func day(v customer.Value) (int, bool) {
	d, ok := v.AsDate()
	return customer.Date{Year: 1970, Month: 1, Day: 1}.DaysUntil(d), ok
}

func moment(v customer.Value) (int64, bool) {
	t, ok := v.AsInstant()
	return t.UnixMicro(), ok
}

func list(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(quoted, " or ")
}
