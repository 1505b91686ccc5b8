package segment

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/customer/document"
)

// comparison is an Op with what it compares to. In a document it is an object
// of one member: {"at_least": 3}, {"between": [1, 5]}.
type comparison[T any] struct {
	Op     Op
	Values []T
}

// is makes a comparison of what a caller gave.
func is[T any](op Op, values []T) comparison[T] {
	return comparison[T]{op, slices.Clone(values)}
}

func (c comparison[T]) String() string {
	words := make([]string, len(c.Values))
	for i, v := range c.Values {
		words[i] = written(v)
	}
	joint := " or "
	if c.Op == Between {
		joint = " and "
	}
	return c.Op.String() + " " + strings.Join(words, joint)
}

// written writes a value as it is shown to people.
func written(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v)
	case customer.Value:
		if s, ok := v.AsText(); ok {
			return strconv.Quote(s)
		}
	}
	return fmt.Sprint(v)
}

// check faults a comparison that cannot be made. It reports whether it can.
func (c comparison[T]) check(cc *compiler, path string) bool {
	fault := c.fault()
	if fault == "" && c.Op == Between && c.backwards() {
		fault = fmt.Sprintf("is %s, where the first is more than the second and so nothing is; exchange them", c)
	}
	if fault != "" {
		cc.faults.Add(path, "%s", fault)
	}
	return fault == ""
}

// backwards reports whether the first value is more than the second.
func (c comparison[T]) backwards() bool {
	switch v := any(c.Values).(type) {
	case []int64:
		return v[0] > v[1]
	case []string:
		return v[0] > v[1]
	case []customer.Value:
		return v[0].Kind() != customer.BoolKind && ordered(v[0], More, v[1])
	case []customer.Period:
		return lengthOf(v[0]) > lengthOf(v[1])
	}
	return false
}

// checkAmount faults a comparison of numbers that cannot be made, or that no
// number passes which is at least least.
func (c comparison[T]) checkAmount(cc *compiler, path string, least int64) bool {
	if !c.checkNumber(cc, path) {
		return false
	}
	values, ok := any(c.Values).([]int64)
	if !ok {
		return true
	}
	if test := numbers(c.Op, values); !reaches(&test, values, least, true) {
		cc.faults.Add(path, "is %s, and so is no number from %d on", c, least)
		return false
	}
	return true
}

// fault tells what is wrong with the comparison by itself; empty: nothing.
func (c comparison[T]) fault() string {
	switch n := len(c.Values); {
	case !c.Op.valid():
		return fmt.Sprintf("has an unknown comparison %d; use Equal, AtLeast or another Op", c.Op)
	case c.Op == Between && n != 2:
		return fmt.Sprintf("is between %d values; give the least and the most", n)
	case c.Op.takesMany() && n == 0:
		return fmt.Sprintf("is %s nothing; give it values", c.Op)
	case !c.Op.takesMany() && n != 1:
		return fmt.Sprintf("is %s %d values; give it one", c.Op, n)
	}
	return ""
}

// checkNumber faults a comparison of numbers that cannot be made.
func (c comparison[T]) checkNumber(cc *compiler, path string) bool {
	if !c.check(cc, path) {
		return false
	}
	if c.Op.onTexts() {
		cc.faults.Add(path, "is %s, which is for texts; use Equal, AtLeast or the like", c.Op)
		return false
	}
	return true
}

// numbers compiles a comparison of whole numbers.
func numbers(op Op, values []int64) test[int64] {
	return newTest(op, values, math.MinInt64, math.MaxInt64)
}

// newTest compiles a comparison of numbers that lie between two bounds, both
// included.
func newTest[T cmp.Ordered](op Op, values []T, least, most T) test[T] {
	n := values[0]
	switch op {
	case Equal:
		return test[T]{low: n, high: n, within: true}
	case NotEqual:
		return test[T]{low: n, high: n}
	case Less:
		return test[T]{low: n, high: most}
	case AtMost:
		return test[T]{low: least, high: n, within: true}
	case AtLeast:
		return test[T]{low: n, high: most, within: true}
	case More:
		return test[T]{low: least, high: n}
	case Between:
		return test[T]{low: n, high: values[1], within: true}
	}
	return test[T]{list: slices.Clone(values), within: op == OneOf}
}

// test is a comparison of numbers, made ready to be asked often. Every one but
// OneOf and NoneOf is a range or what is outside of one, which spares a bound that
// is excluded: Less than n is not from n to the most there is, More than n is not
// from the least there is to n, NotEqual is not from n to n.
type test[T cmp.Ordered] struct {
	low, high T
	list      []T
	within    bool // passes what is from low to high or in the list, else what is not
}

func (t *test[T]) passes(n T) bool {
	if t.list != nil {
		return slices.Contains(t.list, n) == t.within
	}
	return (t.low <= n && n <= t.high) == t.within
}

// MarshalJSON writes the comparison as an object of one member.
func (c comparison[T]) MarshalJSON() ([]byte, error) {
	if fault := c.fault(); fault != "" {
		return nil, errors.New(fault)
	}
	var what any = c.Values
	if !c.Op.takesMany() {
		what = c.Values[0]
	}
	text, err := language.Encode(what)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "{%q:%s}", opTexts[c.Op], text), nil
}

// DecodeDocument reads what MarshalJSON writes.
func (c *comparison[T]) DecodeDocument(d *document.Decoder, n *document.Node) {
	key, value, ok := n.OnlyMember()
	if !ok {
		d.Fault(n, `is no comparison; write an object of one member, as {"at_least": 3}`)
		return
	}
	i := slices.Index(opTexts[1:], key)
	if i < 0 || (Op(i+1).onTexts() && !c.hasTexts()) {
		d.Fault(n, "has the unknown comparison %.40q; use one of %s", key, strings.Join(c.texts(), ", "))
		return
	}
	c.Op = Op(i + 1)
	if c.Op.takesMany() {
		if d.Value(value, &c.Values) && c.fault() != "" {
			d.Fault(value, "%s", c.fault())
		}
		return
	}
	var v T
	if d.Value(value, &v) {
		c.Values = []T{v}
	}
}

// hasTexts reports whether what is compared can be a text.
func (c *comparison[T]) hasTexts() bool {
	switch any(c.Values).(type) {
	case []int64, []customer.Period:
		return false
	}
	return true
}

// texts returns the comparisons that there are, as a document writes them.
func (c *comparison[T]) texts() []string {
	if c.hasTexts() {
		return opTexts[1:]
	}
	return opTexts[1:Contains]
}

// DescribeDocument returns the schema of the comparison.
func (c *comparison[T]) DescribeDocument(d *document.Describer) map[string]any {
	one := d.Type(reflect.TypeFor[T]())
	members := make(map[string]any)
	for _, text := range c.texts() {
		members[text] = one
	}
	members["between"] = map[string]any{"type": "array", "items": one, "minItems": 2, "maxItems": 2}
	for _, text := range []string{"one_of", "none_of"} {
		members[text] = map[string]any{"type": "array", "items": one, "minItems": 1}
	}
	return map[string]any{
		"type": "object", "properties": members, "additionalProperties": false,
		"minProperties": 1, "maxProperties": 1,
	}
}
