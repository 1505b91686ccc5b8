package postgres

import (
	"bytes"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
	"github.com/regulars-go/regulars/store/internal/row"
)

// writer gathers the rows of a commit, table by table.
type writer struct {
	sql  *statements
	pack *pack.Writer
	json []byte
	due  bool // something may be due sooner than others expect

	created, updated recordColumns
	wakes            wakeColumns
	cards            cardColumns
	cycles           cycleColumns
	cyclesGone       keyColumns
	lookups          lookupColumns
	lookupsGone      keyColumns
	moved, purchases purchaseColumns // those that may have stood elsewhere, and others
	activities       activityColumns
	timeline         timelineColumns
	deliveries       deliveryColumns
}

// newWriter returns a writer for so many changes. Columns that each of them is likely
// to need are made at once.
func newWriter(sql *statements, n int) *writer {
	w := &writer{sql: sql, pack: pack.NewWriter(nil)}
	w.updated = recordColumns{
		make([]string, 0, n), make([]int64, 0, n), make(instants, 0, n), make([]string, 0, n), make([][]byte, 0, n),
	}
	w.wakes = wakeColumns{make([]string, 0, n), make(instants, 0, n)}
	w.timeline = timelineColumns{make([]string, 0, n), make([]int64, 0, n), make([]string, 0, n)}
	return w
}

// change adds the rows of a change.
func (w *writer) change(old *replaced, c *store.Change) {
	r := &c.Record
	id := r.Customer.ID
	packed, _ := w.pack.Record(r)
	packed = bytes.Clone(packed)
	if old.Record == nil {
		w.created.add(r, packed)
	} else {
		w.updated.add(r, packed)
	}
	w.wakes.customer, w.wakes.due = append(w.wakes.customer, id), append(w.wakes.due, instant(r.Wake))
	w.changed(id, r, row.Diff(old.Record, r))
	for _, p := range lastOf(c.Purchases, pack.Purchases.ID) {
		if old.Record == nil || old.stays(&p) {
			w.purchases.add(w.pack, id, &p)
		} else {
			w.moved.add(w.pack, id, &p)
		}
	}
	for _, a := range lastOf(c.Activities, pack.Activities.ID) {
		w.activities.add(w.pack, id, &a)
	}
	w.note(id, firstSeq(r.Version+1), c.Events)
	for i := range c.Deliveries {
		w.deliveries.add(w.pack, id, firstSeq(r.Version+1)+int64(i), &c.Deliveries[i])
	}
	w.due = w.due || soon(c)
}

// changed adds the rows of readable copies that differ.
func (w *writer) changed(id string, r *store.Record, d row.Changed) {
	if d.Card {
		w.cards.add(&r.Customer)
	}
	for _, y := range d.Put {
		w.cycles.add(id, y)
	}
	for _, pipeline := range d.Gone {
		w.cyclesGone.add(id, row.Value(pipeline), "")
	}
	for _, l := range d.Add {
		w.lookups.add(id, l.Kind, l.Value)
		w.lookups.since = append(w.lookups.since, instant(l.Since))
	}
	for _, l := range d.Remove {
		w.lookupsGone.add(id, l.Kind, l.Value)
	}
}

// note adds a row of events.
func (w *writer) note(id string, seq int64, events []customer.Event) {
	if len(events) == 0 {
		return
	}
	w.json = row.AppendEvents(w.pack, w.json[:0], id, events)
	w.timeline.customer = append(w.timeline.customer, id)
	w.timeline.seq = append(w.timeline.seq, seq)
	w.timeline.events = append(w.timeline.events, string(w.json))
}

// batch returns the statements that write the rows there are.
func (w *writer) batch() *pgx.Batch {
	b := new(pgx.Batch)
	put := func(sql string, customers []string, args ...any) {
		if len(customers) > 0 {
			b.Queue(sql, args...)
		}
	}
	if ids := w.updated.customer; len(ids) > 1 {
		put(w.sql.Lock, ids, ids)
	}
	put(w.sql.Update, w.updated.customer, w.updated.args()...)
	put(w.sql.Insert, w.created.customer, w.created.args()...)
	put(w.sql.Wakes, w.wakes.customer, w.wakes.args()...)
	put(w.sql.Cards, w.cards.customer, w.cards.args()...)
	put(w.sql.CyclesGone, w.cyclesGone.customer, w.cyclesGone.customer, w.cyclesGone.kind)
	put(w.sql.Cycles, w.cycles.customer, w.cycles.args()...)
	put(w.sql.LookupsGone, w.lookupsGone.customer, w.lookupsGone.customer, w.lookupsGone.kind, w.lookupsGone.value)
	put(w.sql.Lookups, w.lookups.customer, w.lookups.customer, w.lookups.kind, w.lookups.value, w.lookups.since)
	put(w.sql.Purchases, w.moved.customer, w.moved.args()...)
	put(w.sql.NewPurchases, w.purchases.customer, w.purchases.args()...)
	put(w.sql.Activities, w.activities.customer, w.activities.args()...)
	put(w.sql.Timeline, w.timeline.customer, w.timeline.args()...)
	put(w.sql.Deliveries, w.deliveries.customer, w.deliveries.args()...)
	return b
}

// ahead is how long an engine sleeps at most without looking what is due: what is
// due later it finds by itself.
const ahead = time.Minute

// soon reports whether engines that sleep should be told of a change: something is
// due within their sleep. A store reads no clock; now is about when the customer
// was stepped.
func soon(c *store.Change) bool {
	until := c.Record.AsOf.Add(ahead)
	if wake := c.Record.Wake; !wake.IsZero() && !wake.After(until) {
		return true
	}
	for i := range c.Deliveries {
		if !c.Deliveries[i].At.After(until) {
			return true
		}
	}
	return false
}
