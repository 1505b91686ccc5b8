package pack

import (
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
)

// head codes what customers are looked up by. It is a self-delimiting prefix of
// the packed record: two records that begin with the same head are found by the
// same look-ups.
func head(c *coder, r *store.Record) {
	f := c.fields(6)
	list(&f, &r.Cycles, cycleHead)
	list(&f, &r.Segments, segmentName)
	f.name(&r.Customer.Manager)
	list(&f, &r.Customer.Tags, (*coder).name)
	list(&f, &r.Customer.Emails, (*coder).text)
	list(&f, &r.Customer.Phones, (*coder).text)
}

func segmentName(c *coder, m *segment.Membership) { c.name(&m.Segment) }

// rest codes everything else but the ID and the version, which stores keep
// beside it.
func rest(c *coder, r *store.Record) {
	f := c.fields(6)
	f.time(&r.AsOf) // first, because the other times are near it
	f.time(&r.Wake)
	f.time(&r.PausedUntil)
	f.time(&r.QuietUntil)
	for i := range r.Cycles {
		cycleRest(c, &r.Cycles[i])
	}
	for i := range r.Segments {
		since(c, &r.Segments[i])
	}
	totals(c, &r.Totals)
	card(c, &r.Customer)
	list(&f, &r.Runs, run)
	list(&f, &r.Counters, counter)
}

func since(c *coder, m *segment.Membership) {
	f := c.fields(1)
	f.time(&m.Since)
}
