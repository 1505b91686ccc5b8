package sqlite

import (
	"context"
	"database/sql"
	"iter"
	"strings"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/row"
)

// pageSize is how many rows a sequence reads at once. Between two pages it holds
// nothing, so that the loop body may call any method.
const pageSize = 64

const lastCustomer = `select customer from customers order by customer desc limit 1`

// finder is a query as a statement: its text, and the arguments between the
// bounds of a page and its size.
type finder struct {
	query string
	args  []any
}

// newFinder makes the statement. It goes through an index of what is, as a rule,
// the rarest of what is asked for and looks for the others at each of those.
func newFinder(q *store.Query) finder {
	var f finder
	var b strings.Builder
	from, key, where := "customers c", "c.customer", []string(nil)
	need := func(condition string, args ...any) {
		where, f.args = append(where, condition), append(f.args, args...)
	}
	first := true
	lookup := func(kind, value string) {
		if value == "" {
			return
		}
		if first {
			from, key, first = "lookups l cross join customers c on c.customer = l.customer", "l.customer", false
			need("l.kind = ? and l.value = ?", kind, row.Value(value))
			return
		}
		need("exists (select 1 from lookups x where x.customer = c.customer and x.kind = ? and x.value = ?)", kind, row.Value(value))
	}
	lookup(row.Contact, q.Contact)
	if q.Pipeline != "" {
		stage, args := "", []any{q.Pipeline}
		if q.Stage != "" {
			stage, args = "y.stage = ? and ", append(args, q.Stage)
		}
		if first && q.Stage != "" {
			from, key, first = "cycles y cross join customers c on c.customer = y.customer", "y.customer", false
			need("y.pipeline = ? and y.stage = ?", args...)
		} else {
			need("exists (select 1 from cycles y where y.pipeline = ? and "+stage+"y.customer = c.customer)", args...)
		}
	}
	lookup(row.Tag, q.Tag)
	lookup(row.Segment, q.Segment)
	lookup(row.Manager, q.Manager)
	if q.NotUnder != "" {
		need("c.definitions <> ?", q.NotUnder)
	}
	b.WriteString("select c.customer, c.version, c.record from " + from + " where ")
	for _, condition := range where {
		b.WriteString(condition + " and ")
	}
	b.WriteString(key + " > ? and " + key + " <= ? order by " + key + " limit ?")
	f.query = b.String()
	return f
}

// Find implements [store.Store].
func (m methods) Find(ctx context.Context, q store.Query) iter.Seq2[store.Loaded, error] {
	return func(yield func(store.Loaded, error) bool) {
		if err := row.CheckQuery(&q); err != nil {
			yield(store.Loaded{}, err)
			return
		}
		f, after, last := newFinder(&q), q.After, ""
		err := m.at.read(ctx, func(c *session) error {
			_, err := c.one(lastCustomer, nil, &last)
			return err
		})
		for err == nil {
			var page []store.Loaded
			seen := 0
			err = m.at.read(ctx, func(c *session) error {
				page, after, seen, err = c.findPage(ctx, &f, &q, after, last)
				return err
			})
			for i := 0; err == nil && i < len(page); i++ {
				if !yield(page[i], nil) {
					return
				}
				err = ctx.Err()
			}
			if seen < pageSize {
				break
			}
		}
		if err != nil {
			yield(store.Loaded{}, failed("find", err))
		}
	}
}

// findPage reads the customers behind after, and as much of their history as is
// asked for, of the same instant. It returns the last ID it has seen, and how many
// it has: a look-up may, if hardly ever, find one who does not match.
func (c *session) findPage(ctx context.Context, f *finder, q *store.Query, after, last string) (page []store.Loaded, behind string, seen int, err error) {
	behind = after
	args := append(append(make([]any, 0, len(f.args)+3), f.args...), after, last, pageSize)
	read := func() error {
		err := c.all(ctx, f.query, args, func(scan func(...any) error) error {
			var version int64
			var packed string
			if err := scan(&behind, &version, &packed); err != nil {
				return err
			}
			seen++
			rec, err := c.unpack(behind, version, packed)
			if err == nil && row.Matches(q, &rec) {
				page = append(page, store.Loaded{Record: rec})
			}
			return err
		})
		for i := 0; err == nil && i < len(page); i++ {
			err = c.loadHistory(q.Reach, &page[i])
		}
		return err
	}
	if (q.Reach == segment.Reach{}) { // one statement sees one instant
		err = read()
	} else {
		err = c.snapshot(read)
	}
	return page, behind, seen, err
}

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
