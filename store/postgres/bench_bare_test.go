package postgres_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
)

// bareLoop is what one would write by hand for one purpose: it writes the rows that
// a purchase has in the tables of a bench, from texts that are always the same, and
// reads only what it must.
type bareLoop struct {
	b    *testing.B
	x    *bench
	pool *pgxpool.Pool
	size int

	record []byte
	events string
}

func newPoolOf(b testing.TB, dsn string) *pgxpool.Pool {
	b.Helper()
	pool, err := pgxpool.New(context.Background(), dsn)
	require.NoError(b, err)
	b.Cleanup(pool.Close)
	return pool
}

func newBareLoop(b *testing.B, x *bench, size int) *bareLoop {
	l := &bareLoop{b: b, x: x, size: size, pool: newPoolOf(b, x.dsn+" plan_cache_mode=force_generic_plan search_path="+x.schema)}
	l.record = bytes.Repeat([]byte("r"), 260)
	event := `{"kind":"stage_entered","at":1772366400000000,"pipeline":"cakes","stage":"thank","cycle":4}`
	l.events = "[" + event + "," + event + "," + event + "," + event + "]"
	return l
}

// buy reads the records and writes a purchase of each customer: two round trips.
func (l *bareLoop) buy(ids []string) error {
	rows, err := l.pool.Query(context.Background(), `select version, record from customers where customer = any ($1)`, ids)
	if err != nil {
		return err
	}
	var version int64
	var record []byte
	if _, err := pgx.ForEachRow(rows, []any{&version, &record}, func() error { return nil }); err != nil {
		return err
	}
	slices.Sort(ids)
	var batch pgx.Batch
	l.records(&batch, ids)
	n := len(ids)
	purchases, seqs, instants, amounts := make([]string, n), make([]int64, n), make([]time.Time, n), make([]int64, n)
	for i := range ids {
		made := l.x.made.Add(1)
		purchases[i], seqs[i], instants[i], amounts[i] = fmt.Sprintf("b%d", made), 1<<50+made, noon.Add(time.Duration(made)*time.Microsecond), 4990
	}
	batch.Queue(`insert into cycles (customer, pipeline, number, stage, next, closed, purchase)
		select c, 'cakes', 4, 'thank', '2026-04-01', '', 'p' from unnest($1::text[]) c
		on conflict (customer, pipeline) do update set number = cycles.number + 1, next = excluded.next, purchase = excluded.purchase`, ids)
	segment := l.x.made.Load() // which everybody leaves with the next purchase
	some := ids[:(len(ids)+3)/4]
	batch.Queue(`delete from lookups l using unnest($1::text[]) u (customer) where l.customer = u.customer and l.kind = 'segment' and l.value like '1%'`, some)
	batch.Queue(`insert into lookups (customer, kind, value, since) select c, 'segment', $2, '2026-04-01' from unnest($1::text[]) c`, some, fmt.Sprintf("1%06d", segment))
	batch.Queue(`insert into purchases (customer, at, id, amount, net, source, data)
		select c, at, id, amount, amount, 'web', '\x0102030405060708090a0b0c0d0e0f' from unnest($1::text[], $2::timestamptz[], $3::text[], $4::bigint[]) u (c, at, id, amount)
		on conflict (customer, at, id) do nothing`, ids, instants, purchases, amounts)
	batch.Queue(`insert into timeline (customer, seq, events) select c, seq, $3::json from unnest($1::text[], $2::bigint[]) u (c, seq)`, ids, seqs, l.events)
	l.messages(&batch, ids, seqs, purchases)
	return l.pool.SendBatch(context.Background(), &batch).Close()
}

// records writes them.
func (l *bareLoop) records(batch *pgx.Batch, ids []string) {
	batch.Queue(`update customers c set version = c.version + 1, record = u.record from unnest($1::text[], $2::bytea[]) u (customer, record)
		where c.customer = u.customer`, ids, slices.Repeat([][]byte{l.record}, len(ids)))
}

// wakes moves the wake-ups.
func (l *bareLoop) wakes(batch *pgx.Batch, ids []string) {
	due := make([]time.Time, len(ids))
	for i := range due {
		due[i] = noon.Add(2*time.Hour + time.Duration(l.x.made.Load()+int64(i))*time.Microsecond)
	}
	batch.Queue(`update wakes w set due = u.due, lease = null from unnest($1::text[], $2::timestamptz[]) u (customer, due)
		where w.customer = u.customer`, ids, due)
}

func (l *bareLoop) messages(batch *pgx.Batch, ids []string, seqs []int64, names []string) {
	batch.Queue(`insert into deliveries (customer, seq, turn, id, trigger, kind, channel, recipient, subject, text, url, at, rest, due)
		select c, seq, seq, c || '/thanks/' || id, 'thanks', 1, 'sms', '+49170', '', 'Thank you for your purchase!', '', $4, '', $4
		from unnest($1::text[], $2::bigint[], $3::text[]) u (c, seq, id)`, ids, seqs, names, noon)
}

// claim claims wake-ups, reads the records and writes them again, with a message each.
func (l *bareLoop) claim() error {
	rows, err := l.pool.Query(context.Background(), `with due as (select customer from wakes where due <= $1 order by due limit $2 for update skip locked),
		claimed as (update wakes w set due = $3 from due where w.customer = due.customer returning w.customer)
		select c.customer, c.record from claimed join customers c on c.customer = claimed.customer`,
		noon.AddDate(1, 0, 0), l.size, noon.AddDate(1, 2, 0))
	if err != nil {
		return err
	}
	var id string
	var record []byte
	var ids, names []string
	var seqs []int64
	_, err = pgx.ForEachRow(rows, []any{&id, &record}, func() error {
		made := l.x.made.Add(1)
		ids, names, seqs = append(ids, id), append(names, fmt.Sprint(made)), append(seqs, 1<<50+made)
		return nil
	})
	if err != nil {
		return err
	}
	slices.Sort(ids)
	var batch pgx.Batch
	l.records(&batch, ids)
	l.wakes(&batch, ids)
	l.messages(&batch, ids, seqs, names)
	return l.pool.SendBatch(context.Background(), &batch).Close()
}
