package segment

import (
	"fmt"

	"github.com/regulars-go/regulars/customer"
)

// Activities says which activities a predicate is about:
//
//	segment.Activities{Name: "page_view", Within: customer.Days(7)}.Count(segment.AtLeast, 3)
type Activities struct {
	Name   string
	Within customer.Period // only those in this trailing window; zero: of all time
}

// Count compares how many activities there are with n.
func (a Activities) Count(op Op, n int64) Predicate { return activities{a, op, n} }

type activities struct {
	of Activities
	op Op
	n  int64
}

func (a activities) String() string {
	words := fmt.Sprintf("number of activities %q", a.of.Name)
	if !a.of.Within.IsZero() {
		words += fmt.Sprintf(" within %s", a.of.Within)
	}
	return fmt.Sprintf("%s is %s %d", words, a.op, a.n)
}

func (a activities) compile(c *compiler, path string) eval {
	c.op(a.op, path)
	c.span(a.of.Within, path+".within")
	if a.of.Name == "" {
		c.faults.Add(path+".name", "is empty; name the activity")
	}
	c.reads.activity(a.of.Name)
	c.reach(a.of.Within, &c.reads.reach.Activities, &c.reads.reach.AllActivities)
	w, name := newWindow(a.of.Within, counted, a.op, a.n), a.of.Name
	return w.eval(func(f *Facts) {
		for i := len(f.Activities) - 1; i >= 0; i-- {
			did := &f.Activities[i]
			at := did.At.UnixMicro()
			if !w.wants(f, at) {
				break
			}
			if did.Name == name {
				w.add(f, at, 0)
			}
		}
	})
}
