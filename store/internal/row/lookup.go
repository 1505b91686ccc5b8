package row

import (
	"cmp"
	"slices"
	"time"

	"github.com/regulars-go/regulars/store"
)

// The kinds of a [Lookup]: what a customer is found by, pipelines and stages
// apart, which are found in the cycles.
const (
	Contact = "contact"
	Manager = "manager"
	Segment = "segment"
	Tag     = "tag"
)

// Lookup is one thing that a customer is found by.
type Lookup struct {
	Kind  string
	Value string    // see [Value]
	Since time.Time // of a segment: since when
}

func (l Lookup) compare(m Lookup) int {
	return cmp.Or(cmp.Compare(l.Kind, m.Kind), cmp.Compare(l.Value, m.Value))
}

// Lookups returns what the customer is found by, in order, each once. A record
// that was never committed has none.
func Lookups(r *store.Record) (list []Lookup) {
	c := &r.Customer
	if n := len(c.Emails) + len(c.Phones) + len(r.Segments) + len(c.Tags); n > 0 {
		list = make([]Lookup, 0, n+1)
	}
	for _, contacts := range [][]string{c.Emails, c.Phones} {
		for _, s := range contacts {
			list = append(list, Lookup{Kind: Contact, Value: Value(s)})
		}
	}
	if c.Manager != "" {
		list = append(list, Lookup{Kind: Manager, Value: Value(c.Manager)})
	}
	for _, s := range c.Tags {
		list = append(list, Lookup{Kind: Tag, Value: Value(s)})
	}
	return segments(r, list)
}

// segments returns the list with the segments that the customer is in, in order, each
// once.
func segments(r *store.Record, list []Lookup) []Lookup {
	for i := range r.Segments {
		list = append(list, Lookup{Segment, Value(r.Segments[i].Segment), r.Segments[i].Since})
	}
	slices.SortFunc(list, Lookup.compare)
	return slices.CompactFunc(list, func(l, m Lookup) bool { return l.compare(m) == 0 })
}
