package pipeline_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// rule is a predicate as plain data, beside the one of package segment that says
// the same.
type rule struct {
	kind   string // "all", "any", "not", "in", "tag", "field", "source", "manager", "purchases", "bought", "activities", "recent", "asleep", "stage"
	of     []rule
	names  []string // tag, field, segment, source, manager, category, activity, or pipeline and stage
	value  customer.Value
	filter customer.Filter
	within customer.Period
	metric string
	op     segment.Op
	n      int64
}

// predicate returns what the engine is given.
func (r rule) predicate() segment.Predicate {
	var kids []segment.Predicate
	for _, kid := range r.of {
		kids = append(kids, kid.predicate())
	}
	bought := segment.Purchases{Of: r.filter, Within: r.within}
	switch r.kind {
	case "all":
		return segment.All(kids...)
	case "any":
		return segment.Any(kids...)
	case "not":
		return segment.Not(kids[0])
	case "in":
		return segment.In(r.names[0])
	case "tag":
		return segment.HasTag(r.names[0])
	case "field":
		return segment.Field(r.names[0], r.op, r.value)
	case "source":
		return segment.FromSource(r.names...)
	case "manager":
		return segment.ManagedBy(r.names...)
	case "bought":
		return segment.Bought(r.names[0], r.within)
	case "activities":
		return segment.Activities{Name: r.names[0], Within: r.within}.Count(r.op, r.n)
	case "recent":
		return segment.PurchasedWithin(r.within)
	case "asleep":
		return segment.NoPurchaseFor(r.within)
	case "stage":
		return segment.InStage(r.names[0], r.names[1])
	}
	return map[string]func(segment.Op, ...int64) segment.Predicate{
		"count": bought.Count, "total": bought.Total, "average": bought.Average, "largest": bought.Largest,
	}[r.metric](r.op, r.n)
}

// windows returns every length of time in the rule.
func (r rule) windows() []customer.Period {
	list := []customer.Period{r.within}
	for _, kid := range r.of {
		list = append(list, kid.windows()...)
	}
	return slices.DeleteFunc(list, func(p customer.Period) bool { return p == customer.Period{} })
}

// refers returns the segments that the rule reads.
func (r rule) refers() []string {
	var list []string
	if r.kind == "in" {
		list = append(list, r.names[0])
	}
	for _, kid := range r.of {
		list = append(list, kid.refers()...)
	}
	return list
}

// holds reckons the truth of a rule now, from everything that ever happened.
func (m *model) holds(r rule) bool {
	kid := func(k rule) bool { return m.holds(k) }
	switch r.kind {
	case "all":
		return !slices.ContainsFunc(r.of, func(k rule) bool { return !m.holds(k) })
	case "any":
		return slices.ContainsFunc(r.of, kid)
	case "not":
		return !m.holds(r.of[0])
	case "in":
		_, in := m.members[r.names[0]]
		return in
	case "tag":
		return slices.Contains(m.card.Tags, r.names[0])
	case "field":
		return m.fieldHolds(r)
	case "source":
		return m.card.Source != "" && slices.Contains(r.names, m.card.Source)
	case "manager":
		return m.card.Manager != "" && slices.Contains(r.names, m.card.Manager)
	case "activities":
		return compares(m.countActivities(r), r.op, r.n)
	case "recent", "asleep":
		last := m.totals().Last
		return !last.IsZero() && m.at.Before(r.within.After(last, m.loc())) == (r.kind == "recent")
	case "stage":
		return m.told[r.names[0]].Stage == r.names[1]
	case "bought":
		r.filter, r.metric, r.op, r.n = customer.Filter{Categories: r.names}, "count", segment.AtLeast, 1
	}
	return m.purchasesHold(r)
}

func (m *model) fieldHolds(r rule) bool {
	for _, f := range m.card.Fields {
		if f.Name == r.names[0] {
			number, ok := f.Value.AsNumber()
			want, wantOK := r.value.AsNumber()
			return ok && wantOK && compares(int64(number), r.op, int64(want))
		}
	}
	return false
}

// inside reports whether a fact is in the trailing window.
func (m *model) inside(at time.Time, within customer.Period) bool {
	return !at.After(m.at) && (within == customer.Period{} || m.at.Before(within.After(at, m.loc())))
}

func (m *model) countActivities(r rule) (n int64) {
	for _, a := range m.activities {
		if a.Name == r.names[0] && m.inside(a.At, r.within) {
			n++
		}
	}
	return n
}

func (m *model) purchasesHold(r rule) bool {
	var n, sum, most int64
	for i := range m.purchases {
		p := &m.purchases[i]
		left, counts := net(p)
		if !counts || !takes(r.filter, p) || !m.inside(p.At, r.within) {
			continue
		}
		amount := left
		if r.filter.Categories != nil || r.filter.SKUs != nil {
			amount = 0
			for _, item := range p.Items {
				if takesItem(r.filter, item) {
					amount += item.Amount
				}
			}
			if left != p.Amount && p.Amount > 0 {
				amount = amount * left / p.Amount // small amounts only
			}
		}
		n, sum, most = n+1, sum+amount, max(most, amount)
	}
	switch r.metric {
	case "count":
		return compares(n, r.op, r.n)
	case "total":
		return compares(sum, r.op, r.n)
	case "average":
		return n > 0 && compares(sum/max(n, 1), r.op, r.n)
	}
	return n > 0 && compares(most, r.op, r.n)
}

func compares(a int64, op segment.Op, b int64) bool {
	switch op {
	case segment.Equal:
		return a == b
	case segment.NotEqual:
		return a != b
	case segment.Less:
		return a < b
	case segment.AtMost:
		return a <= b
	case segment.AtLeast:
		return a >= b
	}
	return a > b
}

// seg is a segment as plain data.
type seg struct {
	id          string
	enter, exit rule // an exit without a kind is none
}

func (s seg) windows() []customer.Period { return append(s.enter.windows(), s.exit.windows()...) }

// tellSegments lets the customer enter and leave segments.
func (m *model) tellSegments() {
	for _, s := range m.defs.order {
		m.tellSegment(s)
	}
}

// inOrder returns the segments, each behind those it reads.
func (w *world) inOrder() []seg {
	var order []seg
	done := make(map[string]bool)
	var visit func(s seg)
	visit = func(s seg) {
		if done[s.id] {
			return
		}
		done[s.id] = true
		for _, other := range append(s.enter.refers(), s.exit.refers()...) {
			visit(w.segment(other))
		}
		order = append(order, s)
	}
	for _, s := range w.segments {
		visit(s)
	}
	return order
}

func (m *model) tellSegment(s seg) {
	_, in := m.members[s.id]
	should := m.holds(s.enter)
	if s.exit.kind != "" {
		out := m.holds(s.exit)
		should = !out && (in || should)
	}
	switch {
	case should && !in:
		m.members[s.id] = m.at
		m.emit(customer.Event{Kind: customer.SegmentEntered, Segment: s.id})
	case in && !should:
		delete(m.members, s.id)
		m.emit(customer.Event{Kind: customer.SegmentLeft, Segment: s.id})
	}
}

// String shows a rule as the engine reads it.
func (r rule) String() string {
	if r.kind == "" {
		return "none"
	}
	return fmt.Sprint(r.predicate())
}
