package postgres

import (
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/pack"
	"github.com/regulars-go/regulars/store/internal/row"
	"github.com/regulars-go/regulars/trigger"
)

// text is a bytea as a string, which is what the reader of packed values wants.
type text string

// ScanBytes implements [pgtype.BytesScanner].
func (t *text) ScanBytes(b []byte) error {
	*t = text(b)
	return nil
}

// loader reads loaded customers out of rows.
type loader struct {
	r  *pack.Reader
	of *recent // where records are kept for the commit that follows; nil: none is likely to

	id                                       string
	version                                  int64
	record                                   text
	purchases, activities, foundP, foundActs []text
}

func newLoader(of *recent) *loader { return &loader{r: pack.NewReader(nil), of: of} }

// targets returns where the columns of the fragment history are read to.
func (l *loader) targets(before ...any) []any {
	return append(before, &l.id, &l.version, &l.record, &l.purchases, &l.activities)
}

// loaded unpacks the row that was read last, for which these purchases were asked.
func (l *loader) loaded(asked []string) (out store.Loaded, err error) {
	err = l.r.Record(l.id, string(l.record), &out.Record)
	out.Record.Version = uint64(l.version)
	for _, h := range []struct {
		packed []text
		into   *[]customer.Purchase
	}{{l.purchases, &out.Purchases}, {l.foundP, &out.FoundPurchases}} {
		if err == nil {
			*h.into, err = unpackAll(&pack.Purchases, l.r, l.id, h.packed)
		}
	}
	for _, h := range []struct {
		packed []text
		into   *[]customer.Activity
	}{{l.activities, &out.Activities}, {l.foundActs, &out.FoundActivities}} {
		if err == nil {
			*h.into, err = unpackAll(&pack.Activities, l.r, l.id, h.packed)
		}
	}
	if err != nil {
		return store.Loaded{}, corrupt(l.id, err)
	}
	if l.of != nil {
		l.of.put(l.id, packed{out.Record.Version, string(l.record), asked, out.FoundPurchases})
	}
	return out, nil
}

// unpackAll unpacks items that are packed one by one.
func unpackAll[T any](kind *pack.Kind[T], r *pack.Reader, owner string, packed []text) (items []T, err error) {
	if len(packed) > 0 {
		items = make([]T, 0, len(packed))
	}
	for _, p := range packed {
		if items, err = kind.Read(r, owner, pack.Chunk(p), math.MinInt64, items); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// corrupt is what a bug, or a change by hand, looks like.
func corrupt(id string, err error) error { return fmt.Errorf("customer %s: %w", id, err) }

// outgoingRow is a delivery as it is read.
type outgoingRow struct {
	customer string
	seq      int64
	columns  row.Delivery
	state    int16
	kind     int16
	attempts int32
	due      time.Time
	failure  string
}

// targets returns where the columns of the fragment outgoing are read to.
func (o *outgoingRow) targets(before ...any) []any {
	c := &o.columns
	return append(before, &o.customer, &o.seq, &c.ID, &c.Trigger, &o.kind, &c.Channel, &c.To, &c.Subject, &c.Text,
		&c.URL, &c.At, &c.Rest, &o.state, &o.attempts, &o.due, &o.failure)
}

func (o *outgoingRow) outgoing(r *pack.Reader) (store.Outgoing, error) {
	o.columns.Kind, o.columns.At = trigger.DeliveryKind(o.kind), o.columns.At.UTC()
	d, err := o.columns.Read(r, o.customer)
	if err != nil {
		return store.Outgoing{}, corrupt(o.customer, err)
	}
	return store.Outgoing{
		Delivery: d, State: store.DeliveryState(o.state), Attempts: int(o.attempts), Due: o.due.UTC(), Error: o.failure,
	}, nil
}

// instant is a time as a column holds it; zero is null.
func instant(t time.Time) pgtype.Timestamptz { return pgtype.Timestamptz{Time: t, Valid: !t.IsZero()} }

// at is a time that is never null: zero is the year 1.
func at(t time.Time) pgtype.Timestamptz { return pgtype.Timestamptz{Time: t, Valid: true} }

// fromInstant is the reverse.
func fromInstant(t pgtype.Timestamptz) time.Time {
	if !t.Valid {
		return time.Time{}
	}
	return t.Time.UTC()
}

// all reaches further back than anything can have happened.
const all = 4000 * 365 * 24 * int64(time.Hour/time.Microsecond)

// reach returns how far back to read, in microseconds begun; not valid: not at all.
func reach(everything bool, back time.Duration) pgtype.Int8 {
	if everything {
		return pgtype.Int8{Int64: all, Valid: true}
	}
	micros := back / time.Microsecond
	if back%time.Microsecond > 0 {
		micros++
	}
	return pgtype.Int8{Int64: int64(micros), Valid: back > 0}
}

func reaches(r segment.Reach) (purchases, activities pgtype.Int8) {
	return reach(r.AllPurchases, r.Purchases), reach(r.AllActivities, r.Activities)
}

// each reads all rows.
func each(rows pgx.Rows, targets []any, do func() error) error {
	_, err := pgx.ForEachRow(rows, targets, do)
	return err
}
