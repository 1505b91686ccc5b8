package segment

import (
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
		truth: func(c *customer.Customer) bool { return c.HasTag(tag) },
	}
}

// FromSource is true of customers whom one of the sources brought here first.
func FromSource(sources ...string) Predicate {
	return profile{
		words: fmt.Sprintf("from source %s", list(sources)),
		names: sources,
		truth: func(c *customer.Customer) bool { return c.Source != "" && slices.Contains(sources, c.Source) },
	}
}

// ManagedBy is true of customers whom one of the managers looks after.
func ManagedBy(managers ...string) Predicate {
	return profile{
		words: fmt.Sprintf("managed by %s", list(managers)),
		names: managers,
		truth: func(c *customer.Customer) bool { return c.Manager != "" && slices.Contains(managers, c.Manager) },
	}
}

// Field is true of customers whose custom field compares with the value as op
// says. A field that is missing, or of another kind than the value, compares as
// false under every op. Texts compare byte by byte, dates and instants by time,
// and a truth only as equal or not equal.
func Field(name string, op Op, value customer.Value) Predicate {
	return profile{
		words: fmt.Sprintf("field %q %s %q", name, op, value),
		names: []string{name},
		op:    op,
		value: value,
		truth: func(c *customer.Customer) bool { return compareValues(c.Fields.Get(name), op, value) },
	}
}

// profile is a predicate that reads the card only, and so never flips.
type profile struct {
	words string
	names []string // which must not be empty
	op    Op       // of a Field
	value customer.Value
	truth func(*customer.Customer) bool
}

func (p profile) String() string { return p.words }

func (p profile) compile(c *compiler, path string) eval {
	if len(p.names) == 0 || slices.Contains(p.names, "") {
		c.faults.Add(path, "%s has an empty name; name what it asks for", p.words)
	}
	if p.op != 0 {
		p.checkField(c, path)
	}
	c.reads.profile = true
	return func(f *Facts) (bool, int64) { return p.truth(f.Customer), never }
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

func compareValues(a customer.Value, op Op, b customer.Value) bool {
	if a.IsZero() || a.Kind() != b.Kind() {
		return false
	}
	switch b.Kind() {
	case customer.NumberKind:
		x, _ := a.AsNumber()
		y, _ := b.AsNumber()
		return compare(x, op, y)
	case customer.DateKind:
		x, _ := a.AsDate()
		y, _ := b.AsDate()
		return compare(0, op, x.DaysUntil(y))
	case customer.TimeKind:
		x, _ := a.AsInstant()
		y, _ := b.AsInstant()
		return compare(x.UnixMicro(), op, y.UnixMicro())
	case customer.BoolKind:
		return (a == b) == (op == Equal)
	}
	return compare(a.String(), op, b.String())
}

func list(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(quoted, " or ")
}
