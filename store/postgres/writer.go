package postgres

import (
	"bytes"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
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

	// What is there already is updated; what is known to be new is inserted, with no
	// need to look for it first.
	records, newRecords     recordColumns
	wakes, newWakes         wakeColumns
	cards                   cardColumns
	cycles, newCycles       cycleColumns
	cyclesGone              keyColumns
	lookups, newLookups     lookupColumns
	lookupsGone             keyColumns
	purchases, newPurchases purchaseColumns
	activities              activityColumns
	timeline                timelineColumns
	deliveries              deliveryColumns
}

// newWriter returns a writer for so many changes. Columns that each of them is likely
// to need are made at once.
func newWriter(sql *statements, n int) *writer {
	w := &writer{sql: sql, pack: pack.NewWriter(nil)}
	w.records = recordColumns{
		make(texts, 0, n), make([]int64, 0, n), make(instants, 0, n), make(texts, 0, n), make(blobs, 0, n),
	}
	w.wakes = wakeColumns{make(texts, 0, n), make(instants, 0, n)}
	w.timeline = timelineColumns{make(texts, 0, n), make([]int64, 0, n), make([]string, 0, n)}
	return w
}

// change adds the rows of a change.
func (w *writer) change(old *replaced, c *store.Change) {
	r := &c.Record
	id := r.Customer.ID
	packed, _ := w.pack.Record(r)
	packed = bytes.Clone(packed)
	if old.Record == nil {
		w.newRecords.add(r, packed)
		w.newWakes.add(id, r.Wake)
	} else {
		w.records.add(r, packed)
		w.wakes.add(id, r.Wake)
	}
	w.changed(old.Record, r)
	for _, p := range lastOf(c.Purchases, pack.Purchases.ID) {
		if old.Record == nil || old.lacks(&p) {
			w.newPurchases.add(w.pack, id, &p)
		} else {
			w.purchases.add(w.pack, id, &p)
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
func (w *writer) changed(old, r *store.Record) {
	id, d := r.Customer.ID, row.Diff(old, r)
	if old == nil {
		old = new(store.Record)
	}
	if d.Card {
		w.cards.add(&r.Customer)
	}
	for _, y := range d.Put {
		if customer.FindCycle(old.Cycles, y.Pipeline) == nil {
			w.newCycles.add(id, y)
		} else {
			w.cycles.add(id, y)
		}
	}
	for _, pipeline := range d.Gone {
		w.cyclesGone.add(id, row.Value(pipeline), "")
	}
	for _, l := range d.Add {
		if isIn(old.Segments, l) {
			w.lookups.add(id, l)
		} else {
			w.newLookups.add(id, l)
		}
	}
	for _, l := range d.Remove {
		w.lookupsGone.add(id, l.Kind, l.Value)
	}
}

// isIn reports whether the look-up is by one of the segments.
func isIn(segments []segment.Membership, l row.Lookup) bool {
	return l.Kind == row.Segment && slices.ContainsFunc(segments, func(m segment.Membership) bool {
		return m.Segment == l.Value || row.Value(m.Segment) == l.Value
	})
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
	put := func(sql string, customers texts, args ...any) { w.sql.queue(b, len(customers), sql, args) }
	if ids := w.records.customer; len(ids) > 1 {
		b.Queue(w.sql.Lock, ids)
	}
	put(w.sql.Update, w.records.customer, append(w.records.args(), len(w.records.customer))...)
	put(w.sql.Insert, w.newRecords.customer, w.newRecords.args()...)
	put(w.sql.Wakes, w.wakes.customer, w.wakes.args()...)
	put(w.sql.NewWakes, w.newWakes.customer, w.newWakes.args()...)
	put(w.sql.Cards, w.cards.customer, w.cards.args()...)
	put(w.sql.CyclesGone, w.cyclesGone.customer, w.cyclesGone.customer, w.cyclesGone.kind)
	put(w.sql.Cycles, w.cycles.customer, w.cycles.args()...)
	put(w.sql.NewCycles, w.newCycles.customer, w.newCycles.args()...)
	put(w.sql.LookupsGone, w.lookupsGone.customer, w.lookupsGone.customer, w.lookupsGone.kind, w.lookupsGone.value)
	put(w.sql.Lookups, w.lookups.customer, w.lookups.args()...)
	put(w.sql.NewLookups, w.newLookups.customer, w.newLookups.args()...)
	put(w.sql.Purchases, w.purchases.customer, w.purchases.args()...)
	put(w.sql.NewPurchases, w.newPurchases.customer, w.newPurchases.args()...)
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
