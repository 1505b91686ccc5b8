package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// wideLoop is the least that could be called a shop's own: everything of a customer
// in one wide row with an index on what is due, the purchase, and the message. It
// reads nothing, writes no timeline, and cannot say who is in a segment.
type wideLoop struct {
	*bench
	pool *pgxpool.Pool
}

const wideTables = `
create schema wide;
create table wide.customers (customer text collate "C" primary key, version bigint, name text, stage text, entered timestamptz, next timestamptz,
	count integer, total bigint, last timestamptz, segments text[], due timestamptz);
create index on wide.customers (due);
create table wide.purchases (customer text collate "C", at timestamptz, id text, amount bigint, source text, data bytea, primary key (customer, at, id));
create table wide.outbox (customer text collate "C", seq bigint, id text, channel text, recipient text, text text, due timestamptz,
	state smallint default 0, primary key (customer, seq));
create index on wide.outbox (due) where state = 0;
insert into wide.customers select 'c-' || lpad(n::text, 7, '0'), 1, 'Customer ' || n, 'due', '2026-03-01', '2026-04-01', 3, 3 * 4990, '2026-03-01',
	array['s01', 's17', 's33', 's49', 's65', 's81'], timestamptz '2026-03-01' + n * interval '1 ms' from generate_series(0, %[1]d - 1) n;
insert into wide.purchases select 'c-' || lpad(n::text, 7, '0'), timestamptz '2026-02-01' + p * interval '1 day', 'p' || p, 4990, 'web',
	'\x0102030405060708090a0b0c0d0e0f' from generate_series(0, %[1]d - 1) n, generate_series(0, 2) p;
insert into wide.outbox select 'c-' || lpad(n::text, 7, '0'), 1, n || '/thanks/1', 'sms', '+49170', 'Thank you for your purchase!', '2026-03-01'
	from generate_series(0, %[1]d - 1) n;
`

var wides = map[int]*bench{}

// wide returns the loop on n customers, which the benchmarks of a run share.
func wide(b *testing.B, n int) *wideLoop {
	b.Helper()
	if wides[n] == nil {
		x := &bench{dsn: durableDSN(b), schema: fmt.Sprintf("wide%d", n), n: n}
		x.exec(b, strings.ReplaceAll(fmt.Sprintf(wideTables, n), "wide", x.schema))
		x.exec(b, "vacuum analyze")
		wides[n] = x
	}
	x := wides[n]
	return &wideLoop{x, newPoolOf(b, x.dsn+" plan_cache_mode=force_generic_plan search_path="+x.schema)}
}

func (l *wideLoop) buy(rng *rand.Rand, size int) error {
	ids := l.pick(rng, size)
	slices.Sort(ids)
	names, seqs, at, due := make([]string, size), make([]int64, size), make([]time.Time, size), make([]time.Time, size)
	amounts, stages, segments, data := make([]int64, size), make([]string, size), make([]string, size), make([][]byte, size)
	for i := range ids {
		n := l.made.Add(1)
		names[i], seqs[i], amounts[i], stages[i] = fmt.Sprintf("b%d", n), 1<<50+n, 4990, "thank"
		at[i] = noon.Add(time.Duration(n) * time.Microsecond)
		due[i] = at[i].AddDate(0, 1, 0)
		segments[i], data[i] = fmt.Sprintf("s01,s17,s33,s49,s65,s%d", n%16), []byte("123456789012345")
	}
	var batch pgx.Batch
	batch.Queue(`insert into customers as c (customer, version, stage, entered, next, count, total, last, segments, due)
		select c, 1, stage, at, due, 1, amount, at, string_to_array(segments, ','), due
		from unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::bigint[], $6::text[]) u (c, stage, at, due, amount, segments)
		on conflict (customer) do update set version = c.version + 1, stage = excluded.stage, entered = excluded.entered, next = excluded.next,
		count = c.count + 1, total = c.total + excluded.total, last = excluded.last, segments = excluded.segments, due = excluded.due`,
		ids, stages, at, due, amounts, segments)
	batch.Queue(`insert into purchases (customer, at, id, amount, source, data)
		select c, at, id, amount, 'web', data from unnest($1::text[], $2::timestamptz[], $3::text[], $4::bigint[], $5::bytea[]) u (c, at, id, amount, data)`,
		ids, at, names, amounts, data)
	batch.Queue(`insert into outbox (customer, seq, id, channel, recipient, text, due)
		select c, seq, c || '/thanks/' || id, 'sms', '+49170', 'Thank you for your purchase!', at
		from unnest($1::text[], $2::bigint[], $3::text[], $4::timestamptz[]) u (c, seq, id, at)`, ids, seqs, names, at)
	return l.pool.SendBatch(context.Background(), &batch).Close()
}
