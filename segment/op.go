package segment

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Op compares what a customer has with what a predicate asks for. Between takes
// two values, OneOf and NoneOf any number, every other Op one.
type Op uint8

// The comparisons. Contains, HasPrefix and HasSuffix are for texts only, and
// compare byte by byte: "Ann" does not contain "ann".
const (
	Equal Op = iota + 1
	NotEqual
	Less
	AtMost
	AtLeast
	More
	Between // from the first value to the second, both included; never where they are the wrong way round
	OneOf
	NoneOf
	Contains
	HasPrefix
	HasSuffix
)

// opTexts is how comparisons are written in a document.
var opTexts = [...]string{
	"", "equal", "not_equal", "less", "at_most", "at_least", "more", "between", "one_of", "none_of",
	"contains", "prefix", "suffix",
}

// opWords is how comparisons read in a sentence.
var opWords = [...]string{
	"", "equal to", "not equal to", "less than", "at most", "at least", "more than", "between", "one of", "none of",
	"containing", "beginning with", "ending with",
}

// String returns the comparison in words, as in "at least".
func (op Op) String() string {
	if op.valid() {
		return opWords[op]
	}
	return fmt.Sprintf("op_%d", uint8(op))
}

func (op Op) valid() bool { return op >= Equal && op <= HasSuffix }

// takesMany reports whether op is written with a list of values.
func (op Op) takesMany() bool { return op == Between || op == OneOf || op == NoneOf }

// ordered reports whether op needs values that come one after another.
func (op Op) ordered() bool { return op >= Less && op <= Between }

// onTexts reports whether op is for texts only.
func (op Op) onTexts() bool { return op >= Contains }

// compares reports whether a op values.
func compares[T cmp.Ordered](a T, op Op, values []T) bool {
	switch b := values[0]; op {
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
	case More:
		return a > b
	case Between:
		return b <= a && a <= values[1]
	case OneOf:
		return slices.Contains(values, a)
	}
	return !slices.Contains(values, a) // NoneOf
}

// same is a == b. Most texts that differ do so in their length or last byte,
// which takes no call to see.
func same(a, b string) bool {
	return len(a) == len(b) && (len(a) == 0 || a[len(a)-1] == b[len(b)-1]) && a == b
}

// among reports whether a text is one of a list.
func among(list []string, s string) bool {
	for i := range list {
		if same(list[i], s) {
			return true
		}
	}
	return false
}

// comparesText reports whether a op values, for every op.
func comparesText(a string, op Op, values []string) bool {
	switch op {
	case Contains:
		return strings.Contains(a, values[0])
	case HasPrefix:
		return strings.HasPrefix(a, values[0])
	case HasSuffix:
		return strings.HasSuffix(a, values[0])
	}
	return compares(a, op, values)
}
