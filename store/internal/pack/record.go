package pack

import "github.com/regulars-go/regulars/store"

// head codes what customers are looked up by, and notes their labels. It stands
// before the rest so that an index can read it alone.
func head(c *coder, r *store.Record) {
	f := c.fields(6)
	list(&f, &r.Cycles, cycleHead)
	list(&f, &r.Segments, segmentName)
	if f.flag(r.Customer.Manager != "") {
		c.note(WithManager, c.key(&r.Customer.Manager))
	}
	list(&f, &r.Customer.Tags, tag)
	list(&f, &r.Customer.Emails, contact)
	list(&f, &r.Customer.Phones, contact)
}

// rest codes everything else but the ID and the version, which stores keep
// beside it. The lists that the head began are as long as it said.
func rest(c *coder, r *store.Record) {
	f := c.fields(7)
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
	r.Added = uint32(added)
}
