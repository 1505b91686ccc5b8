package segment

import (
	"fmt"
	"slices"
	"strings"
)

// Predicate is a rule about one customer. The set of predicates is closed: they
// are built by the functions and methods of this package. A Predicate may be
// shared and used concurrently.
//
// A comparison with something that is not there is false, whatever it is
// compared with; [Not] of it is true; [Empty] and [NoField] ask for it.
type Predicate interface {
	// String returns the rule in words.
	String() string

	key() string // what it is called in a document
	compile(c *compiler, path string) eval
}

// parent is a predicate that is made of others.
type parent interface {
	Predicate
	title() string // in words, without its parts
	parts() []part
	join(kids []eval) eval // what it makes of its parts
}

// part is one of the predicates that a parent is made of.
type part struct {
	of   Predicate
	path string // below that of the parent
}

// leaf is a predicate that reads what is known of a customer.
type leaf interface {
	Predicate
	// has tells what the customer has of what the leaf asks about.
	has(f *Facts) holding
}

// All is true where every one of the predicates is; All() is true of everyone.
func All(of ...Predicate) Predicate { return all(slices.Clone(of)) }

// Any is true where at least one of the predicates is.
func Any(of ...Predicate) Predicate { return anyOf(slices.Clone(of)) }

// Some is true where at least n of the predicates are.
func Some(n int, of ...Predicate) Predicate { return some{n, slices.Clone(of)} }

// Not is true where the predicate is false.
func Not(p Predicate) Predicate { return not{p} }

type (
	all   []Predicate
	anyOf []Predicate
	some  struct {
		N  int         `json:"n"`
		Of []Predicate `json:"of"`
	}
	not struct {
		Of Predicate `document:"self"`
	}
)

func (all) key() string   { return "all" }
func (anyOf) key() string { return "any" }
func (some) key() string  { return "some" }
func (not) key() string   { return "not" }

func (l all) String() string   { return inWords(l) }
func (l anyOf) String() string { return inWords(l) }
func (l some) String() string  { return inWords(l) }
func (n not) String() string   { return inWords(n) }

func (all) title() string    { return "all of" }
func (anyOf) title() string  { return "any of" }
func (l some) title() string { return fmt.Sprintf("at least %d of", l.N) }
func (not) title() string    { return "not" }

func inWords(p Predicate) string {
	var words strings.Builder
	writeWords(&words, p)
	return words.String()
}

func writeWords(words *strings.Builder, p Predicate) {
	whole, ok := p.(parent)
	if !ok {
		fmt.Fprint(words, p)
		return
	}
	words.WriteString(whole.title() + " (")
	for i, kid := range whole.parts() {
		if i > 0 {
			words.WriteString("; ")
		}
		writeWords(words, kid.of)
	}
	words.WriteByte(')')
}

func (l all) parts() []part   { return listed(l, ".all") }
func (l anyOf) parts() []part { return listed(l, ".any") }
func (l some) parts() []part  { return listed(l.Of, ".some.of") }
func (n not) parts() []part   { return []part{{n.Of, ".not"}} }

func listed(of []Predicate, path string) []part {
	parts := make([]part, len(of))
	for i, p := range of {
		parts[i] = part{p, fmt.Sprintf("%s[%d]", path, i)}
	}
	return parts
}

func (all) join(kids []eval) eval    { return combine(kids, false) }
func (anyOf) join(kids []eval) eval  { return combine(kids, true) }
func (l some) join(kids []eval) eval { return atLeast(l.N, kids) }
func (not) join(kids []eval) eval    { return opposite(kids[0]) }

func (l all) compile(c *compiler, path string) eval { return c.parts(l, path) }

func (l anyOf) compile(c *compiler, path string) eval {
	if len(l) == 0 {
		c.faults.Add(path+".any", "is empty and so never true; give it a predicate")
	}
	return c.parts(l, path)
}

func (l some) compile(c *compiler, path string) eval {
	if l.N < 1 || l.N > len(l.Of) {
		c.faults.Add(path+".some.n", "%d is not from 1 to %d, the number of predicates", l.N, len(l.Of))
	}
	return c.parts(l, path)
}

func (n not) compile(c *compiler, path string) eval { return c.parts(n, path) }

// parts compiles a predicate that is made of others.
func (c *compiler) parts(p parent, path string) eval {
	var kids []eval
	for _, kid := range p.parts() {
		kids = append(kids, c.predicate(kid.of, path+kid.path))
	}
	return p.join(kids)
}
