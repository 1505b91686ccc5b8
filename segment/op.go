package segment

import (
	"cmp"
	"fmt"
	"math"
)

// Op compares what a customer has with what a predicate asks for.
type Op uint8

// The comparisons.
const (
	Equal Op = iota + 1
	NotEqual
	Less
	AtMost
	AtLeast
	More
)

var opNames = [...]string{"", "equal to", "not equal to", "less than", "at most", "at least", "more than"}

// String returns the comparison in words, as in "at least".
func (op Op) String() string {
	if op.valid() {
		return opNames[op]
	}
	return fmt.Sprintf("op_%d", uint8(op))
}

func (op Op) valid() bool { return op >= Equal && op <= More }

// compare reports whether a op b.
func compare[T cmp.Ordered](a T, op Op, b T) bool {
	switch op {
	case Equal:
		return a == b
	case NotEqual:
		return a != b
	case Less:
		return a < b
	case AtMost:
		return a <= b
	case AtLeast:
		return a >= b
	}
	return a > b
}

// test is a comparison with a whole number, made ready to be asked often.
type test struct {
	low, high int64
	within    bool // passes what is from low to high, or all that is not
}

// test returns the comparison of numbers with n.
func (op Op) test(n int64) test {
	switch op {
	case Equal:
		return test{n, n, true}
	case NotEqual:
		return test{n, n, false}
	case Less:
		return test{n, math.MaxInt64, false}
	case AtMost:
		return test{math.MinInt64, n, true}
	case AtLeast:
		return test{n, math.MaxInt64, true}
	}
	return test{math.MinInt64, n, false}
}

func (t test) passes(n int64) bool { return (t.low <= n && n <= t.high) == t.within }
