package pack

import (
	"time"

	"github.com/regulars-go/regulars/customer"
)

// event codes e as it follows prev on the timeline. One input makes several
// events, all of one instant and most about one purchase; those repetitions
// take a bit, and an event eleven bytes or so. Without a prev nothing is repeated:
// a writer that goes on with a timeline does not look up where it ended.
func event(c *coder, e, prev *customer.Event) {
	follows := prev != nil
	if !follows {
		prev = new(customer.Event)
	}
	c.byte((*byte)(&e.Kind))
	f := c.fields(15)
	f.timeAgain(&e.At, prev.At, follows)
	f.timeAgain(&e.Known, e.At, true)
	f.name(&e.Pipeline)
	f.name(&e.Stage)
	f.name(&e.Segment)
	f.name(&e.Trigger)
	f.textAgain(&e.Ref, prev.Ref, follows)
	f.word(&e.Name)
	f.int64(&e.Amount)
	f.int(&e.Cycle)
	f.word(&e.Actor)
	f.word(&e.Reason)
}

// timeAgain codes a time that may be the one before again. It takes two bits: it
// is, and, unless it is, it is not zero. The second is passed over, not left
// out, so that each field has its bit.
func (f *fields) timeAgain(t *time.Time, before time.Time, may bool) {
	if !f.flag(may && t.Equal(before)) {
		f.time(t)
		return
	}
	f.flag(false)
	if f.c.reading {
		*t = before
	}
}

// textAgain codes a text that may be the one before again, as timeAgain does.
func (f *fields) textAgain(s *string, before string, may bool) {
	if !f.flag(may && *s == before) {
		f.text(s)
		return
	}
	f.flag(false)
	if f.c.reading {
		*s = before
	}
}
