package postgres

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/row"
)

// pageSize is how many customers or deliveries are read at once: enough to make the
// round trip cheap, few enough to be held.
const pageSize = 128

// Find implements [store.Store]. It reads page by page, each behind the last ID of
// the one before, and holds nothing open while it yields.
func (v *view) Find(ctx context.Context, q store.Query) iter.Seq2[store.Loaded, error] {
	return func(yield func(store.Loaded, error) bool) {
		if err := q.Check(); err != nil {
			yield(store.Loaded{}, err)
			return
		}
		f := &finder{view: v, q: q, after: q.After}
		pages(ctx, "find customers", f.page, yield)
	}
}

// pages yields page after page until one is not full. An error comes last.
func pages[T any](ctx context.Context, what string, next func(context.Context) (page []T, more bool, err error), yield func(T, error) bool) {
	var zero T
	for more := true; more; {
		var page []T
		var err error
		if page, more, err = next(ctx); err != nil {
			yield(zero, fmt.Errorf("%s: %w", what, err))
			return
		}
		for _, item := range page {
			if ctx.Err() != nil {
				yield(zero, ctx.Err())
				return
			}
			if !yield(item, nil) {
				return
			}
		}
	}
	if ctx.Err() != nil {
		yield(zero, ctx.Err())
	}
}

// finder is a Find under way.
type finder struct {
	*view
	q     store.Query
	after string
	last  *string // the last customer there was when it began; nil: it has not
}

func (f *finder) page(ctx context.Context) (page []store.Loaded, more bool, err error) {
	err = f.read(ctx, func() error {
		page, more, err = f.fetch(ctx)
		return err
	})
	return page, more, err
}

// fetch reads the next page, and with the first which customer is the last: what is
// added behind that one is read in vain.
func (f *finder) fetch(ctx context.Context) (page []store.Loaded, more bool, err error) {
	sql, args := f.sql.find(&f.q, f.after)
	batch := new(pgx.Batch)
	last, after := f.last, f.after
	if last == nil {
		last = new(string)
		batch.Queue(f.sql.LastCustomer).QueryRow(func(r pgx.Row) error { return r.Scan(last) })
	}
	n := 0
	batch.Queue(sql, args...).Query(func(rows pgx.Rows) error {
		l := newLoader(nil)
		return each(rows, l.targets(), func() error {
			n, after = n+1, l.id
			one, err := l.loaded(nil)
			if err == nil && l.id <= *last && f.q.Matches(&one.Record) {
				page = append(page, one)
			}
			return err
		})
	})
	if err := f.db.send(ctx, batch); err != nil {
		return nil, false, err
	}
	f.last, f.after = last, after
	return page, n == pageSize && after < *last, nil
}

// find returns the statement that reads a page of those the query asks for: the
// tables in which they are found, joined, in the order of the customers.
func (s *statements) find(q *store.Query, after string) (sql string, args []any) {
	purchases, activities := reaches(q.Reach)
	args = []any{purchases, activities}
	arg := func(value any) string {
		args = append(args, value)
		return fmt.Sprintf("$%d", len(args))
	}
	var from, where []string
	lookup := func(kind, value string) {
		if value == "" {
			return
		}
		t := fmt.Sprintf("l%d", len(from))
		from = append(from, s.Schema+".lookups "+t)
		where = append(where, fmt.Sprintf("%s.kind = '%s' and %s.value = %s", t, kind, t, arg(row.Value(value))))
	}
	lookup(row.Contact, q.Contact)
	lookup(row.Manager, q.Manager)
	lookup(row.Segment, q.Segment)
	lookup(row.Tag, q.Tag)
	if q.Pipeline != "" {
		t := fmt.Sprintf("l%d", len(from))
		from = append(from, s.Schema+".cycles "+t)
		where = append(where, t+".pipeline = "+arg(row.Value(q.Pipeline)))
		if q.Stage != "" {
			where = append(where, t+".stage = "+arg(row.Value(q.Stage)))
		}
	}
	key, behind := "c.customer", arg(after)
	where = append(where, "c.customer > "+behind)
	for i := range from { // every table is read from there on, whichever is read first
		key = "l0.customer"
		where = append(where, fmt.Sprintf("l%d.customer > %s and c.customer = l%d.customer", i, behind, i))
		if i > 0 {
			where = append(where, fmt.Sprintf("l0.customer = l%d.customer", i))
		}
	}
	from = append(from, s.Schema+".customers c")
	if q.NotUnder != "" {
		where = append(where, "c.definitions <> "+arg(row.Text(q.NotUnder)))
	}
	return s.FindHead + "select c.customer, c.version, c.as_of, c.record from " + strings.Join(from, ", ") +
		" where " + strings.Join(where, " and ") + fmt.Sprintf(" order by %s limit %d", key, pageSize) + s.FindTail, args
}
