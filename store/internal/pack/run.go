package pack

import (
	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/trigger"
)

// run codes a waiting run, with the event that caused it.
func run(c *coder, r *trigger.Run) {
	f := c.fields(5)
	f.text(&r.ID)
	f.name(&r.Trigger)
	f.int(&r.Step)
	f.time(&r.Due)
	event(c, &r.Cause, nil)
	f.name(&r.Definitions)
}

func counter(c *coder, n *trigger.Counter) {
	f := c.fields(4)
	f.name(&n.Trigger)
	f.int(&n.Fired)
	f.time(&n.Last)
	f.text(&n.Cycle)
}

// delivery codes what is to be sent, as it was committed. What becomes of it
// stores keep beside it.
func delivery(c *coder, d *trigger.Delivery) {
	f := c.fields(11)
	f.text(&d.ID)
	c.belongs(&f, &d.Customer)
	f.name(&d.Trigger)
	f.byte((*byte)(&d.Kind))
	f.name(&d.Channel)
	f.text(&d.To)
	f.word(&d.Subject)
	f.text(&d.Text)
	f.word(&d.URL)
	f.time(&d.At)
	if f.flag(d.Cause != customer.Event{}) {
		event(c, &d.Cause, nil)
	} else if c.reading {
		d.Cause = customer.Event{}
	}
}

// belongs codes the ID of the customer to whom a value belongs: as a rule the
// owner, which takes a bit.
func (c *coder) belongs(f *fields, id *string) {
	if f.flag(*id != c.owner) {
		c.text(id)
	} else if c.reading {
		*id = c.owner
	}
}
