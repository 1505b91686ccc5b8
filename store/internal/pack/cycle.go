package pack

import "github.com/regulars-go/regulars/customer"

// cycleHead codes what customers are looked up by.
func cycleHead(c *coder, y *customer.Cycle) {
	f := c.fields(2)
	f.name(&y.Pipeline)
	f.name(&y.Stage)
}

// cycleRest codes everything else.
func cycleRest(c *coder, y *customer.Cycle) {
	f := c.fields(11)
	f.int(&y.Number)
	f.text(&y.Purchase)
	f.time(&y.Started)
	f.time(&y.Next)
	f.byte((*byte)(&y.NextBy))
	f.time(&y.Entered)
	f.time(&y.Due)
	f.word(&y.Closed)
	list(&f, &y.Gaps, gap)
	if f.flag(y.Hand != nil) {
		if y.Hand == nil {
			y.Hand = new(customer.Hand)
		}
		hand(c, y.Hand)
	} else if c.reading {
		y.Hand = nil
	}
	if f.flag(y.Furthest != y.Stage) { // as a rule they are the same
		c.name(&y.Furthest)
	} else if c.reading {
		y.Furthest = y.Stage
	}
}

// gap codes the days between two purchases.
func gap(c *coder, days *int) {
	wide := int64(*days)
	c.int(&wide)
	if c.reading {
		*days = int(wide)
	}
}

// hand codes what people did to a cycle, which is rare.
func hand(c *coder, h *customer.Hand) {
	f := c.fields(8)
	f.text(&h.Purchase)
	f.name(&h.Stage)
	f.time(&h.StageAt)
	f.time(&h.Next)
	f.time(&h.NextAt)
	f.word(&h.Refused)
	f.time(&h.RefusedAt)
	f.text(&h.RefusedIn)
}
