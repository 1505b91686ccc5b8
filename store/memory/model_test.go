package memory_test

import (
	"slices"
	"strings"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
)

// model is the contract of a store in maps and slices, as naive as can be.
type model struct {
	people map[string]*person
	turns  int
}

// person is one customer of the model.
type person struct {
	record     store.Record
	due        time.Time // zero: not to be woken
	purchases  []customer.Purchase
	activities []customer.Activity
	events     []customer.Event
	mail       []*mail
	pruned     time.Time // when the last activity that was happened
}

type mail struct {
	store.Outgoing
	turn int
}

// ids returns the IDs of all customers in order.
func (m *model) ids() []string {
	var ids []string
	for id := range m.people {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// commit returns the IDs in conflict.
func (m *model) commit(changes []store.Change) (conflicts []string) {
	for _, c := range changes {
		id := c.Record.Customer.ID
		if p := m.people[id]; p == nil && c.Record.Version != 0 || p != nil && c.Record.Version != p.record.Version {
			conflicts = append(conflicts, id)
		}
	}
	if len(conflicts) > 0 {
		return conflicts
	}
	for _, c := range changes {
		m.apply(c)
	}
	return nil
}

func (m *model) apply(c store.Change) {
	p := m.people[c.Record.Customer.ID]
	if p == nil {
		p = new(person)
		m.people[c.Record.Customer.ID] = p
	}
	p.record, p.due = c.Record, c.Record.Wake
	p.record.Version++
	for _, x := range c.Purchases {
		p.purchases = slices.DeleteFunc(p.purchases, func(y customer.Purchase) bool { return x.ID == y.ID })
		p.purchases = append(p.purchases, x)
	}
	p.activities = append(p.activities, c.Activities...)
	slices.SortFunc(p.purchases, func(a, b customer.Purchase) int { return a.Compare(&b) })
	slices.SortFunc(p.activities, func(a, b customer.Activity) int { return a.Compare(&b) })
	p.events = append(p.events, c.Events...)
	for _, d := range c.Deliveries {
		m.turns++
		p.mail = append(p.mail, &mail{store.Outgoing{Delivery: d, Due: d.At}, m.turns})
	}
}

func (m *model) load(q store.Request) (l store.Loaded) {
	p := m.people[q.Customer]
	if p == nil {
		l.Record.Customer.ID = q.Customer
		return l
	}
	l.Record = p.record
	if len(q.ActivityIDs) > 0 {
		l.Pruned = p.pruned
	}
	for _, x := range p.purchases {
		if q.Reach.AllPurchases || q.Reach.Purchases > 0 && !x.At.Before(p.record.AsOf.Add(-q.Reach.Purchases)) {
			l.Purchases = append(l.Purchases, x)
		}
		if slices.Contains(q.PurchaseIDs, x.ID) {
			l.FoundPurchases = append(l.FoundPurchases, x)
		}
	}
	for _, x := range p.activities {
		if q.Reach.AllActivities || q.Reach.Activities > 0 && !x.At.Before(p.record.AsOf.Add(-q.Reach.Activities)) {
			l.Activities = append(l.Activities, x)
		}
		if slices.Contains(q.ActivityIDs, x.ID) {
			l.FoundActivities = append(l.FoundActivities, x)
		}
	}
	return l
}

// claimWakeUps returns the IDs of the claimed.
func (m *model) claimWakeUps(c store.Claim) []string {
	due := slices.DeleteFunc(m.ids(), func(id string) bool {
		return m.people[id].due.IsZero() || m.people[id].due.After(c.Now)
	})
	slices.SortStableFunc(due, func(a, b string) int { return m.people[a].due.Compare(m.people[b].due) })
	due = due[:min(len(due), c.Limit)]
	for _, id := range due {
		m.people[id].due = c.Now.Add(c.Lease)
	}
	return due
}

// heads returns the deliveries that are next in their lanes, those due first
// first.
func (m *model) heads() (heads []*mail) {
	for _, p := range m.people {
		lanes := make(map[string]*mail)
		for _, x := range p.mail {
			if head := lanes[x.Channel]; x.State == store.Waiting && (head == nil || x.turn < head.turn) {
				lanes[x.Channel] = x
			}
		}
		for _, x := range lanes {
			heads = append(heads, x)
		}
	}
	slices.SortFunc(heads, func(a, b *mail) int {
		if c := a.Due.Compare(b.Due); c != 0 {
			return c
		}
		return a.turn - b.turn
	})
	return heads
}

func (m *model) claimDeliveries(c store.Claim) (out []store.Outgoing) {
	for _, x := range m.heads() {
		if len(out) < c.Limit && !x.Due.After(c.Now) {
			x.Attempts++
			x.Due = c.Now.Add(c.Lease)
			out = append(out, x.Outgoing)
		}
	}
	return out
}

func (m *model) settle(o store.Outcome) {
	p := m.people[o.Customer]
	if p == nil {
		return
	}
	for _, x := range p.mail {
		if x.ID != o.Delivery || x.State != store.Waiting || o.State != store.Sent && o.Attempt != x.Attempts {
			continue
		}
		x.State, x.Due = o.State, o.Due
		if o.State != store.Sent {
			x.Error = o.Error
		}
		if o.Event.Kind != customer.NoEvent {
			p.events = append(p.events, o.Event)
		}
	}
}

// redrive reports whether all of the deliveries are dead.
func (m *model) redrive(now time.Time, refs []store.DeliveryRef) bool {
	var dead []*mail
	for _, ref := range refs {
		for _, x := range m.outbox(store.DeliveryQuery{States: []store.DeliveryState{store.Dead}}) {
			if x.Ref() == ref {
				dead = append(dead, x)
			}
		}
	}
	if len(dead) != len(refs) {
		return false
	}
	for _, x := range dead {
		m.turns++
		x.State, x.Attempts, x.Due, x.turn = store.Waiting, 0, now, m.turns
	}
	return true
}

func (m *model) outbox(q store.DeliveryQuery) (out []*mail) {
	for _, id := range m.ids() {
		for _, x := range m.people[id].mail {
			if (q.Customer == "" || q.Customer == id) && (q.Kind == 0 || q.Kind == x.Kind) &&
				(len(q.States) == 0 || slices.Contains(q.States, x.State)) {
				out = append(out, x)
			}
		}
	}
	return out
}

func (m *model) nextDue() (wakeUp, delivery time.Time) {
	for _, p := range m.people {
		if wakeUp.IsZero() || !p.due.IsZero() && p.due.Before(wakeUp) {
			wakeUp = p.due
		}
	}
	if heads := m.heads(); len(heads) > 0 {
		delivery = heads[0].Due
	}
	return wakeUp, delivery
}

func (m *model) find(q store.Query) (found []store.Loaded) {
	for _, id := range m.ids() {
		r := m.people[id].record
		in := func(c customer.Cycle) bool { return c.Pipeline == q.Pipeline && (q.Stage == "" || c.Stage == q.Stage) }
		segments := ""
		for _, s := range r.Segments {
			segments += s.Segment + ","
		}
		if id > q.After && (q.Pipeline == "" || slices.ContainsFunc(r.Cycles, in)) &&
			(q.Segment == "" || strings.Contains(segments, q.Segment+",")) &&
			(q.Manager == "" || q.Manager == r.Customer.Manager) &&
			(q.Tag == "" || slices.Contains(r.Customer.Tags, q.Tag)) &&
			(q.Contact == "" || slices.Contains(slices.Concat(r.Customer.Emails, r.Customer.Phones), q.Contact)) &&
			(q.NotUnder == "" || q.NotUnder != r.Definitions) {
			found = append(found, m.load(store.Request{Customer: id, Reach: q.Reach}))
		}
	}
	return found
}
