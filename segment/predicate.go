package segment

import (
	"fmt"
	"strings"
)

// Segment is a named, dynamic set of customers.
type Segment struct {
	ID    string
	Name  string    // for people; empty: the ID
	Enter Predicate // who is let in
	// Exit, where it is not nil, says who leaves, so that the way out may lie
	// elsewhere than the way in (hysteresis): a customer enters when Enter is
	// true and Exit is not, and stays until Exit is true. With a nil Exit a
	// customer leaves when Enter is no longer true.
	Exit Predicate
}

// Predicate is a rule about one customer. The set of predicates is closed: they
// are built by the functions and methods of this package. A Predicate may be
// shared and used concurrently.
type Predicate interface {
	// String returns the rule in words.
	String() string

	compile(c *compiler, path string) eval
}

// All is true where every one of the predicates is; All() is true of everyone.
func All(of ...Predicate) Predicate { return logic{"all", of} }

// Any is true where at least one of the predicates is.
func Any(of ...Predicate) Predicate { return logic{"any", of} }

// Not is true where the predicate is false.
func Not(p Predicate) Predicate { return not{p} }

type logic struct {
	op string
	of []Predicate
}

func (l logic) String() string {
	words := make([]string, len(l.of))
	for i, p := range l.of {
		words[i] = fmt.Sprint(p)
	}
	return l.op + " of (" + strings.Join(words, "; ") + ")"
}

func (l logic) compile(c *compiler, path string) eval {
	kids := make([]eval, len(l.of))
	for i, p := range l.of {
		kids[i] = c.predicate(p, fmt.Sprintf("%s.%s[%d]", path, l.op, i))
	}
	if l.op == "all" {
		return every(kids)
	}
	if len(kids) == 0 {
		c.faults.Add(path+".any", "is empty and so never true; give it a predicate")
	}
	return either(kids)
}

type not struct{ of Predicate }

func (n not) String() string { return "not (" + fmt.Sprint(n.of) + ")" }

func (n not) compile(c *compiler, path string) eval {
	kid := c.predicate(n.of, path+".not")
	return func(f *Facts) (bool, int64) {
		truth, until := kid(f)
		return !truth, until
	}
}

// every is true until the earliest flip of its children. Being false, it stays so
// at least until the latest flip of the false ones; a false child that time
// alone cannot change decides at once.
func every(kids []eval) eval {
	return func(f *Facts) (bool, int64) {
		truth, until := true, never
		for _, kid := range kids {
			kidTruth, kidUntil := kid(f)
			switch {
			case !kidTruth && kidUntil == never:
				return false, never
			case !kidTruth && truth:
				truth, until = false, kidUntil
			case !kidTruth:
				until = max(until, kidUntil)
			case truth:
				until = min(until, kidUntil)
			}
		}
		return truth, until
	}
}

// either is the dual of all.
func either(kids []eval) eval {
	return func(f *Facts) (bool, int64) {
		truth, until := false, never
		for _, kid := range kids {
			kidTruth, kidUntil := kid(f)
			switch {
			case kidTruth && kidUntil == never:
				return true, never
			case kidTruth && !truth:
				truth, until = true, kidUntil
			case kidTruth:
				until = max(until, kidUntil)
			case !truth:
				until = min(until, kidUntil)
			}
		}
		return truth, until
	}
}
