package sqlite

import (
	"context"
	"database/sql"
	"iter"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store/internal/row"
)

const (
	lastEvents   = `select coalesce(max(seq), 0) from timeline where customer = ?`
	selectEvents = `select seq, events from timeline where customer = ? and seq > ? and seq <= ? order by seq limit ?`
)

// Timeline implements [store.Store].
func (m methods) Timeline(ctx context.Context, customerID string) iter.Seq2[customer.Event, error] {
	return func(yield func(customer.Event, error) bool) {
		var behind, last int64
		err := m.at.read(ctx, func(c *session) error {
			_, err := c.one(lastEvents, []any{customerID}, &last)
			return err
		})
		for err == nil && behind < last {
			var events []customer.Event
			err = m.at.read(ctx, func(c *session) error {
				events, behind, err = c.eventsPage(customerID, behind, last)
				return err
			})
			for i := 0; err == nil && i < len(events); i++ {
				if !yield(events[i], nil) {
					return
				}
				err = ctx.Err()
			}
		}
		if err != nil {
			yield(customer.Event{}, failed("timeline", err))
		}
	}
}

// eventsPage reads some rows of the timeline and unfolds them.
func (c *session) eventsPage(id string, behind, last int64) (events []customer.Event, seq int64, err error) {
	seq = last // where a page is not full it is the last
	rows := 0
	err = c.all(context.Background(), selectEvents, []any{id, behind, last, pageSize}, func(scan func(...any) error) error {
		var text sql.RawBytes
		var at int64
		if err := scan(&at, &text); err != nil {
			return err
		}
		more, err := row.Events(c.eye, id, text)
		events = append(events, more...)
		if rows++; rows == pageSize {
			seq = at
		}
		return corrupt(id, err)
	})
	return events, seq, err
}
