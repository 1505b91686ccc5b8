package memory_test

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
)

// prune removes of all customers behind p.After what is old.
func (m *model) prune(p store.Pruning) (out store.Pruned) {
	for _, id := range m.ids() {
		if id > p.After {
			out.Customers++
			m.people[id].prune(&p, &out)
		}
	}
	return out
}

func (x *person) prune(p *store.Pruning, out *store.Pruned) {
	old := true
	out.Events += drop(&x.events, func(e customer.Event) bool {
		old = old && e.Known.Before(p.Timeline)
		return old && !slices.Contains(p.Keep, e.Kind)
	})
	out.Activities += drop(&x.activities, func(a customer.Activity) bool {
		old := p.Activities.Takes(&a, x.record.AsOf)
		if old && a.At.After(x.pruned) {
			x.pruned = a.At
		}
		return old
	})
	out.Deliveries += drop(&x.mail, func(d *mail) bool {
		return d.State == store.Sent && d.Due.Before(p.Sent) || d.State == store.Dead && d.Due.Before(p.Dead)
	})
}

// drop returns how many it has dropped.
func drop[T any](list *[]T, old func(T) bool) int {
	n := len(*list)
	if *list = slices.DeleteFunc(*list, old); len(*list) == 0 {
		*list = nil
	}
	return n - len(*list)
}

func (x *machine) prune(t *rapid.T) {
	maybe := func(what string) (at time.Time) {
		if rapid.Bool().Draw(t, what) {
			at = aTime().Draw(t, what)
		}
		return at
	}
	p := store.Pruning{
		Timeline: maybe("timeline"), Sent: maybe("sent"), Dead: maybe("dead"),
		Activities: store.Cut{Before: maybe("activities")}, After: rapid.SampledFrom([]string{"", "a", "a/"}).Draw(t, "after"),
		Limit: rapid.IntRange(1, 3).Draw(t, "limit"),
	}
	if rapid.Bool().Draw(t, "keep") {
		p.Keep = []customer.EventKind{customer.Purchased}
		back := time.Duration(rapid.IntRange(0, 60).Draw(t, "back")) * time.Minute
		p.Activities.Keep = []segment.Sight{{Activity: "view", Back: back, All: rapid.Bool().Draw(t, "all")}}
	}
	want := x.m.prune(p)
	var sum store.Pruned
	for more := true; more; {
		out, err := x.s.Prune(t.Context(), p)
		require.NoError(t, err)
		sum.Customers += out.Customers
		sum.Events += out.Events
		sum.Deliveries += out.Deliveries
		sum.Activities += out.Activities
		more, p.After = out.More, out.Next
	}
	require.Equal(t, want, sum)
}
