package pack

import (
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
)

// headFields is how many fields head codes; Reader.Labels reads them too.
const headFields = 6

// head codes what customers are looked up by. It stands first and shows where
// it ends, so that two records that begin with the same head are found by the
// same look-ups, and an index need not read more; see [Reader.Labels].
func head(c *coder, r *store.Record) {
	f := c.fields(headFields)
	list(&f, &r.Cycles, cycleHead)
	list(&f, &r.Segments, segmentName)
	f.name(&r.Customer.Manager)
	list(&f, &r.Customer.Tags, (*coder).name)
	list(&f, &r.Customer.Emails, (*coder).text)
	list(&f, &r.Customer.Phones, (*coder).text)
}

func segmentName(c *coder, m *segment.Membership) { c.name(&m.Segment) }

// rest codes everything else but the ID and the version, which stores keep
// beside it. Cycles and segments go on where the head left them: their lists are
// as long as it said.
func rest(c *coder, r *store.Record) {
	f := c.fields(8)
	f.time(&r.AsOf) // first, because the other times are near it
	f.time(&r.Wake)
	f.time(&r.PausedUntil)
	f.time(&r.QuietUntil)
	for i := range r.Cycles {
		cycleRest(c, &r.Cycles[i])
	}
	for i := range r.Segments {
		c.time(&r.Segments[i].Since) // there is hardly ever none: a bit would be wasted
	}
	totals(c, &r.Totals)
	card(c, &r.Customer)
	list(&f, &r.Runs, run)
	list(&f, &r.Counters, counter)
	added := int64(r.Added)
	f.int64(&added)
	if c.reading {
		r.Added = uint32(added)
	}
	f.name(&r.Definitions)
}
