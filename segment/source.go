package segment

import (
	"fmt"
	"slices"

	"github.com/regulars-go/regulars/customer"
)

// source is where the instant of a Moment comes from.
type source interface {
	String() string
	key() string
	// check faults what cannot be asked, and notes what is read for the test.
	check(c *compiler, path string, is question)
	at(f *Facts) (p point, known bool)
	// cycleOf returns the pipeline whose cycle it reads, if it reads one.
	cycleOf() (pipeline string, ok bool)
	// fact returns what happened at the moment.
	fact(f *Facts) Fact
}

// sources are the cases of source.
var sources = []source{
	created{},
	firstPurchase{},
	lastPurchase{},
	firstActivity{},
	lastActivity{},
	dateIn(""),
	nextPurchase(""), cycleStart(""), stageStart(""),
}

type (
	created       struct{}
	firstPurchase struct{ customer.Filter }
	lastPurchase  struct{ customer.Filter }
	firstActivity struct{ factName }
	lastActivity  struct{ factName }
	dateIn        string
	nextPurchase  string
	cycleStart    string
	stageStart    string
)

// factName names activities.
type factName struct {
	Name  string     `json:"name" doc:"what the activities are called"`
	Where []Property `json:"where,omitzero" doc:"only those whose properties all compare so"`
}

func newFactName(name string, where []Property) factName {
	return factName{name, slices.Clone(where)}
}

func (n factName) String() string { return fmt.Sprintf("%q%s", n.Name, propertyWords(n.Where)) }

func (created) key() string       { return "created" }
func (firstPurchase) key() string { return "first_purchase" }
func (lastPurchase) key() string  { return "last_purchase" }
func (firstActivity) key() string { return "first_activity" }
func (lastActivity) key() string  { return "last_activity" }
func (dateIn) key() string        { return "field" }
func (nextPurchase) key() string  { return "next_purchase" }
func (cycleStart) key() string    { return "cycle_start" }
func (stageStart) key() string    { return "stage_start" }

func (created) String() string         { return "customer since" }
func (s firstPurchase) String() string { return "first purchase" + filterWords(&s.Filter) }
func (s lastPurchase) String() string  { return "last purchase" + filterWords(&s.Filter) }
func (s firstActivity) String() string { return "first activity " + s.factName.String() }
func (s lastActivity) String() string  { return "last activity " + s.factName.String() }
func (s dateIn) String() string        { return fmt.Sprintf("date in field %q", string(s)) }
func (s nextPurchase) String() string  { return fmt.Sprintf("next purchase in %q", string(s)) }
func (s cycleStart) String() string    { return fmt.Sprintf("start of the cycle of %q", string(s)) }
func (s stageStart) String() string    { return fmt.Sprintf("start of the stage of %q", string(s)) }

func (created) cycleOf() (string, bool)        { return "", false }
func (firstPurchase) cycleOf() (string, bool)  { return "", false }
func (lastPurchase) cycleOf() (string, bool)   { return "", false }
func (firstActivity) cycleOf() (string, bool)  { return "", false }
func (lastActivity) cycleOf() (string, bool)   { return "", false }
func (dateIn) cycleOf() (string, bool)         { return "", false }
func (s nextPurchase) cycleOf() (string, bool) { return string(s), true }
func (s cycleStart) cycleOf() (string, bool)   { return string(s), true }
func (s stageStart) cycleOf() (string, bool)   { return string(s), true }

func (created) check(c *compiler, _ string, _ question) { c.reads.card |= partSince }

func (s firstPurchase) check(c *compiler, path string, _ question) {
	c.filter(&s.Filter, path+".first_purchase")
	c.reads.purchases.add(&s.Filter)
	if !s.IsZero() {
		c.reads.bought.AllPurchases = true
	}
}

func (s lastPurchase) check(c *compiler, path string, is question) {
	c.filter(&s.Filter, path+".last_purchase")
	c.reads.purchases.add(&s.Filter)
	if !s.IsZero() {
		c.backTo(is, &c.reads.bought.Purchases, &c.reads.bought.AllPurchases)
	}
}

func (s firstActivity) check(c *compiler, path string, _ question) {
	c.activity(s.Name, s.Where, path+".first_activity").All = true
}

func (s lastActivity) check(c *compiler, path string, is question) {
	seen := c.activity(s.Name, s.Where, path+".last_activity")
	c.backTo(is, &seen.Back, &seen.All)
}

func (s dateIn) check(c *compiler, path string, _ question) {
	if s == "" {
		c.faults.Add(path+".field", "is empty; name the field")
	}
	c.reads.card |= partZone
	c.reads.field(string(s))
}

func (s nextPurchase) check(c *compiler, path string, _ question) {
	c.pipeline(string(s), path+".next_purchase")
}

func (s cycleStart) check(c *compiler, path string, _ question) {
	c.pipeline(string(s), path+".cycle_start")
}

func (s stageStart) check(c *compiler, path string, _ question) {
	c.pipeline(string(s), path+".stage_start")
}

func (created) at(f *Facts) (point, bool) {
	since := f.Customer.Since
	return point{at: since.UnixMicro()}, !since.IsZero()
}

func (s firstPurchase) at(f *Facts) (point, bool) {
	if s.IsZero() {
		return point{at: f.Totals.First.UnixMicro()}, f.Totals.Count > 0
	}
	for i := range f.Purchases {
		if p := &f.Purchases[i]; p.Counts() && s.Takes(p) {
			return point{at: p.At.UnixMicro()}, true
		}
	}
	return point{}, false
}

func (s lastPurchase) at(f *Facts) (point, bool) {
	if s.IsZero() {
		return point{at: f.Totals.Last.UnixMicro()}, f.Totals.Count > 0
	}
	for i := len(f.Purchases) - 1; i >= 0; i-- {
		if p := &f.Purchases[i]; p.Counts() && s.Takes(p) {
			return point{at: p.At.UnixMicro()}, true
		}
	}
	return point{}, false
}

func (s firstActivity) at(f *Facts) (point, bool) {
	for i := range f.Activities {
		if a := &f.Activities[i]; did(a, s.Name, s.Where) {
			return point{at: a.At.UnixMicro()}, true
		}
	}
	return point{}, false
}

func (s lastActivity) at(f *Facts) (point, bool) {
	for i := len(f.Activities) - 1; i >= 0; i-- {
		if a := &f.Activities[i]; did(a, s.Name, s.Where) {
			return point{at: a.At.UnixMicro()}, true
		}
	}
	return point{}, false
}

func (s dateIn) at(f *Facts) (point, bool) {
	v := f.Customer.Fields.Get(string(s))
	if t, ok := v.AsInstant(); ok {
		return point{at: t.UnixMicro()}, true
	}
	d, ok := v.AsDate()
	if !ok {
		return point{}, false
	}
	return point{at: d.At(customer.TimeOfDay{}, f.Zone).UnixMicro(), day: d}, true
}

func (s nextPurchase) at(f *Facts) (point, bool) {
	c := f.cycle(string(s))
	if c == nil || !c.IsOpen() || c.Next.IsZero() {
		return point{}, false
	}
	return point{at: c.Next.UnixMicro()}, true
}

func (s cycleStart) at(f *Facts) (point, bool) {
	c := f.cycle(string(s))
	if c == nil {
		return point{}, false
	}
	return point{at: c.Started.UnixMicro()}, true
}

func (s stageStart) at(f *Facts) (point, bool) {
	c := f.cycle(string(s))
	if c == nil || c.Stage == "" {
		return point{}, false
	}
	return point{at: c.Entered.UnixMicro()}, true
}
