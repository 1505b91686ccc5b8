package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
)

// Copied counts what a [Copy] has written.
type Copied struct{ Customers, Purchases, Activities, Events, Deliveries int }

// Copy copies everything from one store to another that holds nobody yet, such as
// when a shop moves from a file to a database that serves several processes. No
// engine may be at work on either of them. An engine on the destination goes on
// where the last one on the source ended.
//
// Everything is there but this: versions of records begin anew, and so does the
// counting of attempts, so that a delivery that has failed is tried as often as a
// new one; one that was redriven goes back to its place among those of its
// channel; and of what was pruned, only that it is gone ([Store.Cuts] are not
// copied).
//
// Progress, where it is not nil, is called after every batch. Where Copy fails it has
// written some of the customers; empty the destination and begin again. It holds no
// more than some of the customers in memory, but all that is known of each.
func Copy(ctx context.Context, to, from Store, progress func(Copied)) (Copied, error) {
	c := copier{to: to, from: from, progress: progress, saved: make(map[string]bool)}
	err := c.occupied(ctx)
	if err == nil {
		err = c.all(ctx)
	}
	if err != nil {
		return c.done, fmt.Errorf("copy: %w", err)
	}
	return c.done, nil
}

const (
	copyBatch  = 100 // customers written at once
	copyEvents = 500 // of one customer, in one commit: a store may keep those in one row
)

// copier is a copying under way, with what it has read and not yet written.
type copier struct {
	to, from Store
	progress func(Copied)
	saved    map[string]bool // versions of definitions
	changes  []Change        // of a customer each
	later    []Change        // more events of some of them
	failed   []Outcome       // of their deliveries, the latest attempt that failed
	ended    []Outcome       // and of those that were sent or given up
	done     Copied
}

func (c *copier) occupied(ctx context.Context) error {
	for _, err := range c.to.Find(ctx, Query{}) {
		if err != nil {
			return err
		}
		return errors.New("the destination holds customers already; begin with an empty one")
	}
	return nil
}

func (c *copier) all(ctx context.Context) error {
	for loaded, err := range c.from.Find(ctx, Query{Reach: segment.Reach{AllPurchases: true, AllActivities: true}}) {
		if err == nil {
			err = c.add(ctx, loaded)
		}
		if err == nil && len(c.changes) == copyBatch {
			err = c.flush(ctx)
		}
		if err != nil {
			return err
		}
	}
	return c.flush(ctx)
}

// add reads what else there is of a customer.
func (c *copier) add(ctx context.Context, l Loaded) error {
	id := l.Record.Customer.ID
	if err := c.definitions(ctx, &l.Record); err != nil {
		return err
	}
	events, err := gathered(c.from.Timeline(ctx, id))
	if err != nil {
		return err
	}
	outbox, err := gathered(c.from.Deliveries(ctx, DeliveryQuery{Customer: id}))
	if err != nil {
		return err
	}
	change := Change{Record: l.Record, Purchases: l.Purchases, Activities: l.Activities}
	change.Record.Version = 0
	for _, d := range outbox {
		change.Deliveries = append(change.Deliveries, d.Delivery)
		o := Outcome{Customer: id, Delivery: d.ID, State: d.State, Due: d.Due, Error: d.Error}
		if d.State != Waiting {
			c.ended = append(c.ended, o)
			o.State = Waiting
		}
		if d.Error != "" || !d.Due.Equal(d.At) {
			c.failed = append(c.failed, o)
		}
	}
	first := min(copyEvents, len(events))
	change.Events = events[:first]
	c.changes = append(c.changes, change)
	for part := range slices.Chunk(events[first:], copyEvents) {
		more := Change{Record: l.Record, Events: part}
		c.later = append(c.later, more)
	}
	return nil
}

// definitions copies the documents of the definitions that a customer, or a run
// that waits, is under. A store need not have them.
func (c *copier) definitions(ctx context.Context, r *Record) error {
	versions := []string{r.Definitions}
	for i := range r.Runs {
		versions = append(versions, r.Runs[i].Definitions)
	}
	for _, version := range versions {
		if version == "" || c.saved[version] {
			continue
		}
		document, err := c.from.Definitions(ctx, version)
		if err == nil {
			err = c.to.SaveDefinitions(ctx, version, document)
		}
		if err != nil && !errors.Is(err, ErrUnknown) {
			return err
		}
		c.saved[version] = true
	}
	return nil
}

// flush writes what was read, and counts it.
func (c *copier) flush(ctx context.Context) error {
	if err := c.to.Commit(ctx, c.changes...); err != nil {
		return err
	}
	version := make(map[string]uint64)
	for i := range c.later {
		id := c.later[i].Record.Customer.ID
		version[id]++
		c.later[i].Record.Version = version[id]
		if err := c.to.Commit(ctx, c.later[i]); err != nil {
			return err
		}
	}
	for _, outcomes := range [][]Outcome{c.failed, c.ended} {
		if err := c.to.Settle(ctx, outcomes...); err != nil {
			return err
		}
	}
	for _, changes := range [][]Change{c.changes, c.later} {
		for i := range changes {
			c.done.count(&changes[i])
		}
	}
	c.done.Customers += len(c.changes)
	if c.progress != nil {
		c.progress(c.done)
	}
	c.changes, c.later, c.failed, c.ended = c.changes[:0], c.later[:0], c.failed[:0], c.ended[:0]
	return nil
}

func (n *Copied) count(c *Change) {
	n.Purchases += len(c.Purchases)
	n.Activities += len(c.Activities)
	n.Events += len(c.Events)
	n.Deliveries += len(c.Deliveries)
}

func gathered[T customer.Event | Outgoing](all func(yield func(T, error) bool)) (list []T, err error) {
	for item, e := range all {
		if e != nil {
			return nil, e
		}
		list = append(list, item)
	}
	return list, nil
}
