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
	if len(kids) == 0 && l.op == "any" {
		c.faults.Add(path+".any", "is empty and so never true; give it a predicate")
	}
	return combine(kids, l.op == "any")
}

type not struct{ of Predicate }

func (n not) String() string { return "not (" + fmt.Sprint(n.of) + ")" }

func (n not) compile(c *compiler, path string) eval {
	return opposite(c.predicate(n.of, path+".not"))
}
