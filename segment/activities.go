package segment

import (
	"fmt"
	"slices"

	"github.com/regulars-go/regulars/customer"
)

// Activities says which activities a predicate is about:
//
//	segment.Activities{Name: "page_view", Within: customer.Days(7)}.Count(segment.AtLeast, 3)
//
// Of Within, the days From and To, and Cycle, one kind at most is set. In a Cycle
// that the customer does not have, every comparison is false.
type Activities struct {
	Name   string          `json:"name" doc:"what the activities are called"`
	Where  []Property      `json:"where,omitzero" doc:"only those whose properties all compare so"`
	Within customer.Period `json:"within,omitzero" document:"nonzero" doc:"only those in this trailing window"`
	From   customer.Date   `json:"from,omitzero" doc:"only those of this day, in the customer's zone, or later"`
	To     customer.Date   `json:"to,omitzero" doc:"only those before this day, in the customer's zone"`
	Cycle  string          `json:"cycle,omitzero" doc:"only those since the customer's cycle in this pipeline began"`
}

// Count compares how many activities there are with n.
func (a Activities) Count(op Op, n ...int64) Predicate {
	a.Where = slices.Clone(a.Where)
	return activities{a, is(op, n)}
}

// Never is true of customers who never did that.
func Never(activity string) Predicate { return Activities{Name: activity}.Count(Equal, 0) }

func (a *Activities) when() when { return when{a.Within, a.From, a.To, a.Cycle} }

type activities struct {
	Activities
	Is comparison[int64] `json:"count" doc:"how many there are"`
}

func (activities) key() string { return "activities" }

func (a activities) String() string {
	return fmt.Sprintf("number of activities %q%s%s is %s", a.Name, propertyWords(a.Where), a.when(), a.Is)
}

func (a activities) compile(c *compiler, path string) eval {
	path += ".activities"
	seen := c.activity(a.Name, a.Where, path)
	a.when().check(c, path, &seen.Back, &seen.All)
	if !a.Is.checkAmount(c, path+".count", 0) {
		return unknown
	}
	w := newWindow(a.when(), counted, a.Is.Op, a.Is.Values)
	enough := func(f *Facts) (bool, int64) { return a.enough(f, w) }
	return w.eval(enough, func(f *Facts) { a.gather(f, w) })
}

// activity faults what activities cannot be asked about, and notes that those of
// the name are read: how far back, the caller notes in what it returns.
func (c *compiler) activity(name string, where []Property, path string) *Sight {
	if name == "" {
		c.faults.Add(path+".name", "is empty; name the activity")
	}
	for i := range where {
		where[i].check(c, fmt.Sprintf("%s.where[%d]", path, i))
	}
	return c.reads.activity(name)
}

// enough counts the activities, newest first, until there are enough.
func (a *Activities) enough(f *Facts, w *window) (bool, int64) {
	from, to, ok := w.scope.bounds(f)
	if !ok {
		return false, never
	}
	count, until := int64(0), never
	for i := len(f.Activities) - 1; i >= 0 && count < w.need; i-- {
		act := &f.Activities[i]
		at := act.At.UnixMicro()
		if at < from {
			break
		}
		if at >= to || at > f.now || !same(act.Name, a.Name) || !with(act, a.Where) {
			continue
		}
		if end := w.scope.until(f, at); end > f.now {
			count, until = count+1, min(until, end)
		}
	}
	return w.verdict(count, until)
}

// gather hands the activities to the window.
func (a *Activities) gather(f *Facts, w *window) {
	for i := len(f.Activities) - 1; i >= 0; i-- {
		act := &f.Activities[i]
		at := act.At.UnixMicro()
		if at < f.heap.from {
			return
		}
		if did(act, a.Name, a.Where) {
			w.add(f, inside{at: at, act: act})
		}
	}
}
