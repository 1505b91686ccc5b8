package sqlite

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
)

const (
	selectCustomer = `select version, record from customers where customer = ?`

	selectPurchases  = `select data from purchases where customer = ? and at >= ?`
	selectActivities = `select data from activities where customer = ? and at >= ? order by at, id`
	findPurchase     = `select data from purchases where customer = ? and id = ?`
	findActivity     = `select data from activities where customer = ? and id = ?`
	selectPruned     = `select at from pruned where customer = ?`
)

// loadAll loads customers as they are at one instant.
func (c *session) loadAll(ctx context.Context, requests []store.Request, loaded []store.Loaded) error {
	return c.snapshot(func() error {
		for i := range requests {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := c.load(&requests[i], &loaded[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *session) load(q *store.Request, into *store.Loaded) error {
	into.Record.Customer.ID = q.Customer
	var version int64
	var packed string
	known, err := c.one(selectCustomer, []any{q.Customer}, &version, &packed)
	if err != nil || !known {
		return err
	}
	if into.Record, err = c.unpack(q.Customer, version, packed); err != nil {
		return err
	}
	if err := c.loadHistory(q.Reach, into); err != nil {
		return err
	}
	if into.FoundPurchases, err = find(c, &pack.Purchases, findPurchase, q.Customer, q.PurchaseIDs); err != nil {
		return err
	}
	if into.FoundActivities, err = find(c, &pack.Activities, findActivity, q.Customer, q.ActivityIDs); err != nil || len(q.ActivityIDs) == 0 {
		return err
	}
	var at int64
	if known, err = c.one(selectPruned, []any{q.Customer}, &at); known {
		into.Pruned = instant(at)
	}
	return err
}

// unpack returns the record of a row.
func (c *session) unpack(id string, version int64, packed string) (store.Record, error) {
	var rec store.Record
	if err := c.eye.Record(id, packed, &rec); err != nil {
		return store.Record{}, corrupt(id, err)
	}
	rec.Version = uint64(version)
	return rec, nil
}

// loadHistory fills in what is in reach of the record, which is filled in.
func (c *session) loadHistory(reach segment.Reach, into *store.Loaded) (err error) {
	r := &into.Record
	if from, ok := horizon(r, reach.AllPurchases, reach.Purchases); ok {
		if into.Purchases, err = history[customer.Purchase](c, &pack.Purchases, selectPurchases, r.Customer.ID, from); err != nil {
			return err
		}
		slices.SortFunc(into.Purchases, func(a, b customer.Purchase) int { return a.Compare(&b) })
	}
	if from, ok := horizon(r, reach.AllActivities, reach.Activities); ok {
		into.Activities, err = history[customer.Activity](c, &pack.Activities, selectActivities, r.Customer.ID, from)
	}
	return err
}

// horizon returns the first instant within reach, and whether there is one. It
// counts from the record as it was stepped, not from now, of which a store knows
// nothing.
func horizon(r *store.Record, all bool, back time.Duration) (from int64, ok bool) {
	if all {
		return -1 << 63, true
	}
	return r.AsOf.Add(-back).UnixMicro(), back > 0
}

// history reads what happened at or after from.
func history[T any](c *session, kind *pack.Kind[T], query, id string, from int64) (items []T, err error) {
	err = c.all(context.Background(), query, []any{id, from}, func(scan func(...any) error) error {
		var data string
		if err := scan(&data); err != nil {
			return err
		}
		items, err = kind.Read(c.eye, id, pack.Chunk(data), math.MinInt64, items)
		return corrupt(id, err)
	})
	return items, err
}

// find reads those items that have one of the IDs.
func find[T any](c *session, kind *pack.Kind[T], query, id string, itemIDs []string) (items []T, err error) {
	for _, itemID := range itemIDs {
		var data string
		known, err := c.one(query, []any{id, itemID}, &data)
		if err != nil {
			return nil, err
		}
		if !known {
			continue
		}
		if items, err = kind.Read(c.eye, id, pack.Chunk(data), math.MinInt64, items); err != nil {
			return nil, corrupt(id, err)
		}
	}
	return items, nil
}
