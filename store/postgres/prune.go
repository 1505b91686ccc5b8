package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
	"github.com/regulars-go/regulars/store/internal/row"
)

// The statements of pruning, in which {s} is the schema. Those that remove take a
// page of customers at once, and no more rows than a call may remove. They name the
// customers again where they delete, so that no plan reads the whole table.
const (
	customersBehind = `select customer from {s}.customers where customer > $1 order by customer limit $2`

	selectCuts = `select keep, before from {s}.cuts`

	// Each tells how much it has found, and how much it has removed of that: less
	// where another Prune was first. What is marked is what is really gone.
	dropActivities = `with old as materialized (
	select a.customer, a.at, a.id from unnest($1::text[]) u (customer)
		cross join lateral (select coalesce(c.as_of, timestamptz '0001-01-01 00:00:00Z') as as_of
			from {s}.customers c where c.customer = u.customer limit 1) c
		cross join lateral (select a.customer, a.at, a.id from {s}.activities a
			where a.customer = u.customer and a.at < $2 and not exists (
				select from unnest($3::text[], $4::bigint[]) k (name, back)
				where k.name = a.name and (k.back is null or a.at >= c.as_of - k.back * interval '1 microsecond'))
			order by a.at limit $5) a
	limit $5),
gone as (
	delete from {s}.activities a using old
	where a.customer = any ($1::text[]) and a.at < $2 and a.customer = old.customer and a.at = old.at and a.id = old.id
	returning a.customer, a.at),
marked as (
	insert into {s}.pruned as p (customer, activities) select customer, max(at) from gone group by customer order by customer
	on conflict (customer) do update set activities = greatest(p.activities, excluded.activities)),
cut as (
	insert into {s}.cuts as c (keep, before) select $6, $2 where exists (select from gone)
	on conflict (keep) do update set before = excluded.before where c.before < excluded.before)
select (select count(*) from old), (select count(*) from gone)`

	// What is old is asked for twice, because a dead one may be redriven in between.
	dropDeliveries = `with old as materialized (
	select d.customer, d.seq from unnest($1::text[]) u (customer)
		cross join lateral (select d.customer, d.seq from {s}.deliveries d
			where d.customer = u.customer and (d.state = 1 and d.due < $2 or d.state = 2 and d.due < $3)
			order by d.seq limit $4) d
	limit $4),
gone as (
	delete from {s}.deliveries d using old
	where d.customer = any ($1::text[]) and d.customer = old.customer and d.seq = old.seq
		and (d.state = 1 and d.due < $2 or d.state = 2 and d.due < $3)
	returning 1)
select (select count(*) from old), (select count(*) from gone)`

	eventsBehind = `select t.customer, t.seq, t.events from unnest($1::text[], $2::bigint[]) u (customer, seq)
	cross join lateral (select t.customer, t.seq, t.events from {s}.timeline t
		where t.customer = u.customer and t.seq > u.seq order by t.seq limit $3) t
order by t.customer, t.seq`

	// A row that somebody else has pruned meanwhile is not as it was read, or not
	// there, and what came in its place is not old.
	rewriteEvents = `with changed as (
	update {s}.timeline t set events = u.events
	from unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::json[]) u (customer, seq, was, old, events)
	where t.customer = u.customer and t.seq = u.seq and t.events::text = u.was
	returning u.old)
select 0::bigint, coalesce(sum(old), 0)::bigint from changed`
	dropEvents = `with gone as (
	delete from {s}.timeline t using unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[]) u (customer, seq, was, old)
	where t.customer = u.customer and t.seq = u.seq and t.events::text = u.was
	returning t.customer, t.seq, u.old),
marked as (
	insert into {s}.pruned as p (customer, timeline) select customer, max(seq) from gone group by customer order by customer
	on conflict (customer) do update set timeline = greatest(p.timeline, excluded.timeline))
select 0::bigint, coalesce(sum(old), 0)::bigint from gone`

	rowsOfTimeline = 64 // of one customer, read at once
)

// Prune implements [store.Store]. It locks no customer. All that it removes it
// removes in one transaction, of one round trip; to find the customers, and what is
// old of their timelines, takes one each, as a rule.
func (v *view) Prune(ctx context.Context, p store.Pruning) (out store.Pruned, err error) {
	if err := p.Check(); err != nil {
		return out, err
	}
	u := &pruner{view: v, p: &p, r: pack.NewReader(nil), w: pack.NewWriter(nil)}
	if err = v.read(ctx, func() error { return u.find(ctx) }); err == nil {
		err = v.write(ctx, func() error { return u.drop(ctx) })
	}
	if err != nil {
		return store.Pruned{}, fmt.Errorf("prune: %w", err)
	}
	return u.out, nil
}

// Cuts implements [store.Store].
func (v *view) Cuts(ctx context.Context) (cuts []store.Cut, err error) {
	err = v.read(ctx, func() error {
		cuts = nil
		rows, err := v.db.Query(ctx, inSchema(v.schema, selectCuts))
		if err != nil {
			return err
		}
		var keep string
		var before time.Time
		return each(rows, []any{&keep, &before}, func() error {
			cut, err := row.Cut(before.UTC(), keep)
			cuts = append(cuts, cut)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("cuts: %w", err)
	}
	return cuts, nil
}

// pruner is a Prune under way.
type pruner struct {
	*view
	p *store.Pruning
	r *pack.Reader
	w *pack.Writer

	ids    []string // the customers of the page
	more   bool     // there are others behind them
	much   bool     // more of theirs is old than one call should remove
	events struct { // that are to go
		gone    oldRows // of which nothing stays
		changed oldRows
		count   int
	}
	out store.Pruned
}

// keyedRows are rows of timelines.
type keyedRows struct {
	customer []string
	seq      []int64
}

func (k *keyedRows) add(customer string, seq int64) {
	k.customer, k.seq = append(k.customer, customer), append(k.seq, seq)
}

// oldRows are rows of timelines with something that is old.
type oldRows struct {
	keyedRows
	was  []string // what was read
	old  []int64  // how many events of that are to go
	left []string // what stays, if anything
}

// find reads who is on the page, and what of their timelines is old.
func (u *pruner) find(ctx context.Context) error {
	rows, err := u.db.Query(ctx, inSchema(u.schema, customersBehind), u.p.After, u.p.Limit)
	if err != nil {
		return err
	}
	if u.ids, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return err
	}
	u.more, u.much = len(u.ids) == u.p.Limit, false
	u.events.gone, u.events.changed, u.events.count = oldRows{}, oldRows{}, 0
	if u.p.Timeline.IsZero() {
		return nil
	}
	behind := keyedRows{u.ids, make([]int64, len(u.ids))}
	for len(behind.customer) > 0 {
		if u.events.count >= row.MaxPruned {
			u.much = true
			return nil
		}
		if behind, err = u.findEvents(ctx, behind); err != nil {
			return err
		}
	}
	return nil
}

// findEvents reads some rows of each timeline, and returns behind which ones there
// may be more that are old.
func (u *pruner) findEvents(ctx context.Context, behind keyedRows) (next keyedRows, err error) {
	rows, err := u.db.Query(ctx, inSchema(u.schema, eventsBehind), behind.customer, behind.seq, rowsOfTimeline)
	if err != nil {
		return next, err
	}
	var id string
	var seq int64
	var text []byte
	current, n, old := "", 0, true
	return next, each(rows, []any{&id, &seq, &text}, func() error {
		if id != current {
			current, n, old = id, 0, true
		}
		if n++; !old {
			return nil
		}
		events, err := row.Events(u.r, id, text)
		if err != nil {
			return corrupt(id, err)
		}
		if old = u.takeEvents(id, seq, text, events); old && n == rowsOfTimeline {
			next.add(id, seq)
		}
		return nil
	})
}

// takeEvents notes what of a row is old, and reports whether all of it is.
func (u *pruner) takeEvents(id string, seq int64, text []byte, events []customer.Event) bool {
	n := len(events)
	left, old := u.p.OldEvents(events)
	rows := &u.events.gone
	switch {
	case len(left) == n:
		return old
	case len(left) > 0:
		rows = &u.events.changed
		rows.left = append(rows.left, string(row.AppendEvents(u.w, nil, id, left)))
	}
	rows.add(id, seq)
	rows.was, rows.old = append(rows.was, string(text)), append(rows.old, int64(n-len(left)))
	u.events.count += n - len(left)
	return old
}

// drop removes what is old of those on the page, as far as it still is as it was
// found.
func (u *pruner) drop(ctx context.Context) error {
	u.out = store.Pruned{More: u.more, Next: u.p.After}
	batch := new(pgx.Batch)
	much := u.much
	put := func(sql string, sum *int, args ...any) {
		batch.Queue(inSchema(u.schema, sql), args...).QueryRow(func(r pgx.Row) error {
			var found, removed int
			err := r.Scan(&found, &removed)
			*sum, much = *sum+removed, much || found >= row.MaxPruned
			return err
		})
	}
	if p := u.p; !p.Activities.Before.IsZero() {
		names, back := keptColumns(&p.Activities)
		put(dropActivities, &u.out.Activities, u.ids, p.Activities.Before, names, back, row.MaxPruned, row.Keep(p.Activities.Keep))
	}
	if p := u.p; !p.Sent.IsZero() || !p.Dead.IsZero() {
		put(dropDeliveries, &u.out.Deliveries, u.ids, at(p.Sent), at(p.Dead), row.MaxPruned)
	}
	if r := &u.events.gone; len(r.seq) > 0 {
		put(dropEvents, &u.out.Events, r.customer, r.seq, r.was, r.old)
	}
	if r := &u.events.changed; len(r.seq) > 0 {
		put(rewriteEvents, &u.out.Events, r.customer, r.seq, r.was, r.old, r.left)
	}
	if batch.Len() > 0 {
		if err := u.send(ctx, batch); err != nil {
			return err
		}
	}
	switch {
	case much: // once more
		u.out.More = true
	case len(u.ids) > 0:
		u.out.Customers, u.out.Next = len(u.ids), u.ids[len(u.ids)-1]
	}
	return nil
}

// keptColumns returns the names that a cut keeps and how far back, in
// microseconds; null: all.
func keptColumns(c *store.Cut) (names []string, back []pgtype.Int8) {
	names, back = make([]string, len(c.Keep)), make([]pgtype.Int8, len(c.Keep))
	for i, s := range c.Keep {
		names[i], back[i] = row.Text(s.Activity), pgtype.Int8{Int64: int64(s.Back / time.Microsecond), Valid: !s.All}
	}
	return names, back
}
