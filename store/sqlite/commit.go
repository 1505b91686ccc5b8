package sqlite

import (
	"database/sql"
	"fmt"
	"strings"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
	"github.com/regulars-go/regulars/store/internal/row"
)

// The statements of a commit. One that names due writes an index entry as well,
// even where it writes what is there.
const (
	selectStored = `select id, version, due, record, exists (select 1 from leases l where l.id = customers.id)
		from customers where customer = ?`

	insertCustomer = `insert into customers (customer, version, as_of, due, definitions, cycles, record) values (?, 1, ?, ?, ?, ?, ?)`
	updateRecord   = `update customers set version = version + 1, as_of = ?, definitions = ?, cycles = ?, record = ? where id = ?`
	updateDue      = `update customers set version = version + 1, as_of = ?, definitions = ?, cycles = ?, record = ?, due = ? where id = ?`

	putCard = `insert or replace into cards (customer, name, emails, phones, source, manager, tags, zone, locale, since)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	enterStage = `insert into stages (pipeline, stage, customer) values (?, ?, ?)`
	leaveStage = `delete from stages where pipeline = ? and stage = ? and customer = ?`
	putLookup  = `insert into lookups (customer, kind, value, since) values (?, ?, ?, ?)
		on conflict do update set since = excluded.since`
	dropLookup = `delete from lookups where customer = ? and kind = ? and value = ?`

	putPurchase = `insert into purchases (customer, id, at, amount, refunded, source, data) values (?, ?, ?, ?, ?, ?, ?)
		on conflict (customer, id) do update set at = excluded.at, amount = excluded.amount,
		refunded = excluded.refunded, source = excluded.source, data = excluded.data`
	putActivity = `insert into activities (customer, at, id, name, data) values (?, ?, ?, ?, ?)
		on conflict (customer, id) do update set at = excluded.at, name = excluded.name, data = excluded.data`
	appendTimeline = `insert into timeline (customer, events) values (?, ?)`
)

// stored is a customer's row as it is before a commit.
type stored struct {
	id      int64
	version int64
	due     sql.NullInt64
	record  string
	leased  bool // the wake-up is
}

// commit writes the changes. What can be refused is found out first.
func (c *session) commit(changes []store.Change) error {
	rows := make([]stored, len(changes))
	var conflicts []string
	for i := range changes {
		r, s := &changes[i].Record, &rows[i]
		if _, err := c.one(selectStored, []any{r.Customer.ID}, &s.id, &s.version, &s.due, &s.record, &s.leased); err != nil {
			return err
		}
		if r.Version != uint64(s.version) {
			conflicts = append(conflicts, r.Customer.ID)
		}
	}
	if len(conflicts) > 0 {
		return &store.ConflictError{Customers: conflicts}
	}
	for i := range changes {
		if err := c.apply(&changes[i], &rows[i]); err != nil {
			return fmt.Errorf("customer %s: %w", changes[i].Record.Customer.ID, err)
		}
	}
	return nil
}

// apply writes one change.
func (c *session) apply(change *store.Change, was *stored) error {
	id := change.Record.Customer.ID
	for _, write := range []func() error{
		func() error { return c.writeRecord(&change.Record, was) },
		func() error { return c.writeHistory(id, change) },
		func() error { return c.note(id, change.Events) },
		func() error { return c.post(id, change.Deliveries) },
	} {
		if err := write(); err != nil {
			return err
		}
	}
	return nil
}

// writeRecord writes the customer's row, and the copies of it that differ.
func (c *session) writeRecord(r *store.Record, was *stored) error {
	packed, _ := c.pen.Record(r)
	cycles := string(row.AppendCycles(nil, r.Cycles))
	asOf, due := r.AsOf.UnixMicro(), optional(r.Wake)
	var err error
	switch {
	case was.version == 0:
		err = c.exec(insertCustomer, r.Customer.ID, asOf, due, r.Definitions, cycles, packed)
	case was.due == due:
		err = c.exec(updateRecord, asOf, r.Definitions, cycles, packed, was.id)
	default:
		err = c.exec(updateDue, asOf, r.Definitions, cycles, packed, due, was.id)
	}
	if err == nil && was.leased {
		err = c.exec(dropLease, was.id)
	}
	if err != nil {
		return err
	}
	return c.writeCopies(r, was)
}

// writeCopies writes what people read and look customers up by, where it is not
// what it was.
func (c *session) writeCopies(r *store.Record, was *stored) error {
	var old *store.Record
	if was.version > 0 {
		old = new(store.Record)
		if err := c.eye.Record(r.Customer.ID, was.record, old); err != nil {
			return err
		}
	}
	changed, id := row.Diff(old, r), r.Customer.ID
	if changed.Card {
		if err := c.writeCard(&r.Customer); err != nil {
			return err
		}
	}
	if err := c.writeStages(id, old, &changed); err != nil {
		return err
	}
	return c.writeLookups(id, &changed)
}

func (c *session) writeCard(card *customer.Customer) error {
	return c.exec(putCard, card.ID, card.Name, row.Texts(card.Emails), row.Texts(card.Phones), card.Source,
		card.Manager, row.Texts(card.Tags), card.Zone, card.Locale, optional(card.Since))
}

// writeStages moves the customer from stage to stage.
func (c *session) writeStages(id string, old *store.Record, changed *row.Changed) error {
	for _, y := range changed.Put {
		was := stageOf(old, y.Pipeline)
		if was != nil && *was == y.Stage {
			continue
		}
		if was != nil {
			if err := c.exec(leaveStage, y.Pipeline, *was, id); err != nil {
				return err
			}
		}
		if err := c.exec(enterStage, y.Pipeline, y.Stage, id); err != nil {
			return err
		}
	}
	for _, pipeline := range changed.Gone {
		if err := c.exec(leaveStage, pipeline, *stageOf(old, pipeline), id); err != nil {
			return err
		}
	}
	return nil
}

// stageOf returns the stage in which a customer, if there is one, was in the
// pipeline; nil: in none.
func stageOf(old *store.Record, pipeline string) *string {
	if old == nil {
		return nil
	}
	if y := customer.FindCycle(old.Cycles, pipeline); y != nil {
		return &y.Stage
	}
	return nil
}

func (c *session) writeLookups(id string, changed *row.Changed) error {
	for _, l := range changed.Remove {
		if err := c.exec(dropLookup, id, l.Kind, l.Value); err != nil {
			return err
		}
	}
	for _, l := range changed.Add {
		if err := c.exec(putLookup, id, l.Kind, l.Value, optional(l.Since)); err != nil {
			return err
		}
	}
	return nil
}

// writeHistory adds purchases and activities, or replaces those of the same ID.
func (c *session) writeHistory(id string, change *store.Change) error {
	for i := range change.Purchases {
		p := &change.Purchases[i]
		refunded := int64(0)
		for _, r := range p.Refunds {
			refunded += r.Amount
		}
		data := []byte(pack.Purchases.Append(c.pen, id, "", p))
		if err := c.exec(putPurchase, id, p.ID, p.At.UnixMicro(), p.Amount, refunded, p.Source, data); err != nil {
			return err
		}
	}
	for i := range change.Activities {
		a := &change.Activities[i]
		data := []byte(pack.Activities.Append(c.pen, id, "", a))
		if err := c.exec(putActivity, id, a.At.UnixMicro(), a.ID, a.Name, data); err != nil {
			return err
		}
	}
	return nil
}

// maxEvents is how many events a row of the timeline has, at most: a customer
// whose whole past is taken over makes thousands.
const maxEvents = 256

// note appends events to the timeline.
func (c *session) note(id string, events []customer.Event) error {
	for len(events) > 0 {
		n := min(len(events), maxEvents)
		var text strings.Builder
		text.Write(row.AppendEvents(c.pen, nil, id, events[:n]))
		if err := c.exec(appendTimeline, id, text.String()); err != nil {
			return err
		}
		events = events[n:]
	}
	return nil
}
