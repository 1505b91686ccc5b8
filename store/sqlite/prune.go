package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/row"
)

// The statements of pruning. Those that look read a customer's rows by the indexes
// that there are anyway.
const (
	selectCut  = `select before from cuts where keep = ?`
	putCut     = `insert into cuts (keep, before) values (?, ?) on conflict do update set before = excluded.before`
	selectCuts = `select keep, before from cuts order by keep`
	markPruned = `insert into pruned (customer, at) values (?1, ?2) on conflict do update set at = max(at, ?2)`

	customersBehind = `select customer, as_of from customers where customer > ? order by customer limit ?`

	oldActivities  = `select at, id, name from activities where customer = ? and at < ? order by at, id`
	dropActivity   = `delete from activities where customer = ? and at = ? and id = ?`
	oldDeliveries  = `select turn from deliveries where state = ? and customer = ? and due < ? order by seq limit ?`
	dropDelivery   = `delete from deliveries where turn = ?`
	eventsBehind   = `select seq, events from timeline where customer = ? and seq > ? order by seq limit ?`
	rewriteEvents  = `update timeline set events = ? where seq = ?`
	dropEvents     = `delete from timeline where seq = ?`
	rowsOfTimeline = 64 // read at once
)

// Prune implements [store.Store]. It looks for what is old as those who read do,
// and takes the lock to write only where there is something to remove.
func (m methods) Prune(ctx context.Context, p store.Pruning) (out store.Pruned, err error) {
	if err := p.Check(); err != nil {
		return out, err
	}
	var found []dated
	err = m.at.read(ctx, func(c *session) error {
		found, out, err = c.findOld(&p)
		return err
	})
	if err == nil && len(found) > 0 {
		looked := out
		err = m.at.write(ctx, func(c *session) error {
			out = looked
			return c.prune(&p, found, &out)
		})
	}
	if err != nil {
		return store.Pruned{}, failed("prune", err)
	}
	return out, nil
}

// Cuts implements [store.Store].
func (m methods) Cuts(ctx context.Context) (cuts []store.Cut, err error) {
	err = m.at.read(ctx, func(c *session) error {
		cuts = nil
		return c.all(ctx, selectCuts, nil, func(scan func(...any) error) error {
			var keep string
			var before int64
			if err := scan(&keep, &before); err != nil {
				return err
			}
			cut, err := row.Cut(instant(before), keep)
			cuts = append(cuts, cut)
			return err
		})
	})
	return cuts, failed("cuts", err)
}

// remember notes by which cut activities went.
func (c *session) remember(cut *store.Cut) error {
	var before int64
	keep, now := row.Keep(cut.Keep), cut.Before.UnixMicro()
	known, err := c.one(selectCut, []any{keep}, &before)
	if err != nil || known && before >= now {
		return err
	}
	return c.exec(putCut, keep, now)
}

// dated is a customer with the instant up to which they were stepped.
type dated struct {
	id   string
	asOf time.Time
}

// findOld looks at customers until it has seen enough of them, or enough that is
// old, and returns those of whom something is.
func (c *session) findOld(p *store.Pruning) (found []dated, out store.Pruned, err error) {
	var page []dated
	err = c.all(context.Background(), customersBehind, []any{p.After, p.Limit}, func(scan func(...any) error) error {
		var d dated
		var micros int64
		err := scan(&d.id, &micros)
		d.id, d.asOf = strings.Clone(d.id), instant(micros)
		page = append(page, d)
		return err
	})
	out = store.Pruned{Next: p.After, More: len(page) == p.Limit}
	much := 0
	for _, d := range page {
		if err != nil || much >= row.MaxPruned {
			out.More = true
			break
		}
		var o old
		if o, err = c.old(p, d); o.size() > 0 {
			found = append(found, d)
		}
		if much += o.size(); o.more { // the next call begins with this customer
			out.More = true
			break
		}
		out.Customers, out.Next = out.Customers+1, d.id
	}
	return found, out, err
}

// prune removes what is old of the customers found, and remembers the cut.
func (c *session) prune(p *store.Pruning, found []dated, out *store.Pruned) error {
	for _, d := range found {
		// Others may have pruned or redriven meanwhile. What is old by the record as
		// it was read is so by any later one.
		o, err := c.old(p, d)
		if err == nil {
			err = c.drop(d.id, &o)
		}
		if err != nil {
			return err
		}
		out.Events += o.events
		out.Deliveries += len(o.deliveries)
		out.Activities += len(o.activities)
	}
	if out.Activities == 0 {
		return nil
	}
	return c.remember(&p.Activities)
}

// old is what is to be removed of one customer.
type old struct {
	activities []activityKey
	deliveries []int64 // by turn
	timeline   []eventRow
	events     int  // in those rows
	more       bool // there is more than one call should remove
}

type activityKey struct {
	at int64
	id string
}

// eventRow is a row of the timeline with what is left of it; empty: nothing.
type eventRow struct {
	seq  int64
	left string
}

func (o *old) size() int { return len(o.activities) + len(o.deliveries) + o.events }

// errEnough ends reading.
var errEnough = errors.New("that is enough")

func (c *session) old(p *store.Pruning, d dated) (o old, err error) {
	for _, look := range []func(*store.Pruning, dated, *old) error{c.oldActivities, c.oldDeliveries, c.oldEvents} {
		if err := look(p, d, &o); err != nil {
			return o, corrupt(d.id, err)
		}
	}
	return o, nil
}

func (c *session) oldActivities(p *store.Pruning, d dated, o *old) error {
	if p.Activities.Before.IsZero() {
		return nil
	}
	args := []any{d.id, p.Activities.Before.UnixMicro()}
	err := c.all(context.Background(), oldActivities, args, func(scan func(...any) error) error {
		var k activityKey
		var a customer.Activity
		if err := scan(&k.at, &k.id, &a.Name); err != nil {
			return err
		}
		if a.At = instant(k.at); !p.Activities.Takes(&a, d.asOf) {
			return nil
		}
		if len(o.activities) == row.MaxPruned {
			o.more = true
			return errEnough
		}
		o.activities = append(o.activities, k)
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return err
}

func (c *session) oldDeliveries(p *store.Pruning, d dated, o *old) error {
	return errors.Join(c.settledBefore(store.Sent, p.Sent, d, o), c.settledBefore(store.Dead, p.Dead, d, o))
}

func (c *session) settledBefore(state store.DeliveryState, before time.Time, d dated, o *old) error {
	if before.IsZero() {
		return nil
	}
	args := []any{int(state), d.id, before.UnixMicro(), row.MaxPruned + 1 - len(o.deliveries)}
	err := c.all(context.Background(), oldDeliveries, args, func(scan func(...any) error) error {
		var turn int64
		err := scan(&turn)
		o.deliveries = append(o.deliveries, turn)
		return err
	})
	if len(o.deliveries) > row.MaxPruned {
		o.deliveries, o.more = o.deliveries[:row.MaxPruned], true
	}
	return err
}

func (c *session) oldEvents(p *store.Pruning, d dated, o *old) error {
	seq := int64(0)
	for isOld := !p.Timeline.IsZero(); isOld; {
		rows := 0
		err := c.all(context.Background(), eventsBehind, []any{d.id, seq, rowsOfTimeline}, func(scan func(...any) error) error {
			var text sql.RawBytes
			if err := scan(&seq, &text); err != nil || !isOld {
				return err
			}
			rows++
			events, err := row.Events(c.eye, d.id, text)
			if err != nil {
				return err
			}
			n := len(events)
			events, isOld = p.OldEvents(events)
			if len(events) < n {
				o.events += n - len(events)
				o.timeline = append(o.timeline, eventRow{seq, c.jsonOf(d.id, events)})
			}
			return nil
		})
		if err != nil {
			return err
		}
		isOld = isOld && rows == rowsOfTimeline
		if isOld && o.events >= row.MaxPruned {
			o.more = true
			return nil
		}
	}
	return nil
}

// jsonOf returns events as a row has them; none: "".
func (c *session) jsonOf(id string, events []customer.Event) string {
	if len(events) == 0 {
		return ""
	}
	return string(row.AppendEvents(c.pen, nil, id, events))
}

// drop removes what is old.
func (c *session) drop(id string, o *old) error {
	if n := len(o.activities); n > 0 { // which are ordered by time
		if err := c.exec(markPruned, id, o.activities[n-1].at); err != nil {
			return err
		}
	}
	for _, k := range o.activities {
		if err := c.exec(dropActivity, id, k.at, k.id); err != nil {
			return err
		}
	}
	for _, turn := range o.deliveries {
		if err := c.exec(dropDelivery, turn); err != nil {
			return err
		}
	}
	for _, e := range o.timeline {
		var err error
		if e.left == "" {
			err = c.exec(dropEvents, e.seq)
		} else {
			err = c.exec(rewriteEvents, e.left, e.seq)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
