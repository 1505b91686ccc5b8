package pack

import "github.com/regulars-go/regulars/customer"

// card codes what the head of the record does not: all of the card that nobody
// is looked up by.
func card(c *coder, card *customer.Customer) {
	f := c.fields(8)
	f.time(&card.Since)
	f.text(&card.Name)
	f.name(&card.Source)
	list(&f, (*[]customer.Field)(&card.Fields), field)
	f.name(&card.Zone)
	f.name(&card.Locale)
	list(&f, &card.Consents, consent)
	list(&f, &card.Cadences, pipelineCadence)
}

func consent(c *coder, s *customer.Consent) {
	f := c.fields(3)
	f.name(&s.Channel)
	f.bool(&s.Granted)
	f.time(&s.At)
}

func pipelineCadence(c *coder, p *customer.PipelineCadence) {
	every := &p.Cadence.Every
	f := c.fields(7)
	f.name(&p.Pipeline)
	f.int(&every.Years)
	f.int(&every.Months)
	f.int(&every.Weeks)
	f.int(&every.Days)
	f.int64((*int64)(&every.Exact))
	f.byte((*byte)(&p.Cadence.On))
}

func totals(c *coder, t *customer.Totals) {
	f := c.fields(5)
	f.int(&t.Count)
	f.int64(&t.Total)
	f.int64(&t.Max)
	f.time(&t.First)
	f.time(&t.Last)
}
