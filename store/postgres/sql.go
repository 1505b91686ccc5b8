package postgres

import (
	"reflect"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// statements is the text of everything that is asked of the database, with the
// schema filled in: nothing depends on a search_path, which a pooler may not keep.
type statements struct {
	Schema                                                            string // quoted
	Load, ClaimWakes, LoadClaimed, ClaimDeliveries, NextDue           string
	Versions, Old, Lock, Insert, Update                               string
	Wakes, NewWakes, Cards, Cycles, NewCycles, CyclesGone             string
	Lookups, NewLookups, LookupsGone                                  string
	Purchases, NewPurchases, Activities, Timeline                     string
	Deliveries, Settle, Redrive, SaveDefinitions, Definitions         string
	LastCustomer, LastDelivery, LastEvent, TimelinePage, DeliveryPage string
	FindHead, FindTail                                                string

	single map[string]string // the same for one row; see one
}

// newStatements fills in the schema, for which {s} stands.
func newStatements(schema string) *statements {
	s := templates
	v := reflect.ValueOf(&s).Elem()
	s.single = make(map[string]string)
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.String {
			f.SetString(inSchema(schema, f.String()))
			s.single[f.String()] = one(f.String())
		}
	}
	return &s
}

// one returns the statement for a single row: what it unnests it takes as it is. A
// small commit is done in half the time so.
func one(sql string) string {
	return unnested.ReplaceAllStringFunc(sql, func(arrays string) string {
		return "(values " + strings.ReplaceAll(strings.TrimPrefix(arrays, "unnest"), "[]", "") + ")"
	})
}

var unnested = regexp.MustCompile(`unnest\((\$\d+::\w+\[\](,\s*)?)+\)`)

// queue adds a statement that takes n rows, column by column, and perhaps other
// arguments.
func (s *statements) queue(b *pgx.Batch, n int, sql string, args []any) {
	switch n {
	case 0:
	case 1:
		b.Queue(s.single[sql], elements(args)...)
	default:
		b.Queue(sql, args...)
	}
}

// elements returns columns of one row as what is in them.
func elements(columns []any) []any {
	row := make([]any, len(columns))
	for i, c := range columns {
		switch c := c.(type) {
		case texts:
			row[i] = c[0]
		case []string:
			row[i] = c[0]
		case []int64:
			row[i] = c[0]
		case []int32:
			row[i] = c[0]
		case []int16:
			row[i] = c[0]
		case blobs:
			row[i] = c[0]
		case instants:
			row[i] = c[0]
		case []pgtype.Int8:
			row[i] = c[0]
		case []pgtype.Text:
			row[i] = c[0]
		default:
			row[i] = c
		}
	}
	return row
}

func inSchema(schema, sql string) string {
	return strings.ReplaceAll(sql, "{s}", pgx.Identifier{schema}.Sanitize())
}

// history selects what a loaded customer consists of. c is the customer and r
// says how much of the history is asked for: reach is in microseconds, null for
// nothing. A customer who was never stepped has no as_of; then the reach counts
// from the year 1, as it does from a zero time in Go.
const history = `c.customer, c.version, c.record,
	case when r.purchases is not null then array(
		select p.data from {s}.purchases p where p.customer = c.customer
			and p.at >= coalesce(c.as_of, timestamptz '0001-01-01 00:00:00Z') - r.purchases * interval '1 microsecond'
		order by p.at, p.id) end,
	case when r.activities is not null then array(
		select a.data from {s}.activities a where a.customer = c.customer
			and a.at >= coalesce(c.as_of, timestamptz '0001-01-01 00:00:00Z') - r.activities * interval '1 microsecond'
		order by a.at, a.id) end`

// foundPurchases and foundActivities select what is asked for by ID: where that is
// one, as it mostly is, in a way that looks for it in the index alone, and reads none
// of the others.
const (
	foundPurchases = `case when r.purchase_ids is null then null
	when strpos(r.purchase_ids, e'\x1f') = 0 then array(
		select p.data from {s}.purchases p where p.customer = c.customer and p.id = r.purchase_ids)
	else array(
		select p.data from {s}.purchases p where p.customer = c.customer
			and p.id = any (string_to_array(r.purchase_ids, e'\x1f'))) end`
	foundActivities = `case when r.activity_ids is null then null
	when strpos(r.activity_ids, e'\x1f') = 0 then array(
		select a.data from {s}.activities a where a.customer = c.customer and a.id = r.activity_ids)
	else array(
		select a.data from {s}.activities a where a.customer = c.customer
			and a.id = any (string_to_array(r.activity_ids, e'\x1f'))) end`
)

// inLane is the condition under which the delivery d has to wait for another.
const inLane = `exists (select from {s}.deliveries e where e.state < 1
	and e.customer = d.customer and e.channel = d.channel and e.turn < d.turn)`

// outgoing is the columns of a delivery.
const outgoing = `d.customer, d.seq, d.id, d.trigger, d.kind, d.channel, d.recipient, d.subject, d.text, d.url,
	d.at, d.rest, d.state, d.attempts, d.due, d.error`

var templates = statements{
	Schema: `{s}`,

	// One statement, so that record and history are of one snapshot.
	Load: `select r.place, ` + history + `,
	` + foundPurchases + `,
	` + foundActivities + `,
	case when r.activity_ids is not null then (select p.activities from {s}.pruned p where p.customer = c.customer) end
from unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::integer[])
	r (customer, purchases, activities, purchase_ids, activity_ids, place)
join {s}.customers c on c.customer = r.customer`,

	// Arrays, where joins would do: so the rows are found by their keys, whatever the
	// planner thinks of how many they are. The customers are held too, so that who is
	// being committed is skipped, and no commit comes in between; see Wakes.
	ClaimWakes: `with due as materialized (
	select w.customer, w.due from {s}.wakes w where w.due <= $1
	order by w.due limit $2 for update skip locked),
held as materialized (
	select c.customer from {s}.customers c where c.customer = any (array(select customer from due))
	for no key update skip locked),
claimed as (
	update {s}.wakes w set due = $3, lease = $4 where w.customer = any (array(select customer from held)))
select customer, due from due`,

	// A statement of its own behind ClaimWakes, for it must see what others have
	// committed until the rows were locked: with the snapshot of the claim, a record
	// could be handed out that is older than its wake-up.
	LoadClaimed: `select ` + history + `
from {s}.wakes w join {s}.customers c on c.customer = w.customer
	cross join (select $3::bigint, $4::bigint) r (purchases, activities)
where w.due = $1 and w.lease = $2`,

	// What is due at one instant leaves by customer and turn, so that the deliveries of
	// one customer leave in order, whatever their channels, however little is claimed.
	ClaimDeliveries: `with due as (
	select d.customer, d.seq, d.due from {s}.deliveries d
	where d.state = 0 and d.due <= $1 and not ` + inLane + `
	order by d.due, d.customer, d.turn limit $2 for update of d skip locked)
update {s}.deliveries d set due = $3, attempts = d.attempts + 1 from due
where d.customer = due.customer and d.seq = due.seq
returning due.due, d.turn, ` + outgoing,

	NextDue: `select (select min(due) from {s}.wakes),
	(select d.due from {s}.deliveries d where d.state = 0 and not ` + inLane + ` order by d.due, d.customer, d.turn limit 1)`,

	Versions: `select u.customer from unnest($1::text[], $2::bigint[]) u (customer, version)
	left join {s}.customers c on c.customer = u.customer
where coalesce(c.version, 0) <> u.version`,

	Old: `select c.customer, c.version, c.record from unnest($1::text[]) u (customer)
	join {s}.customers c on c.customer = u.customer`,

	// Several customers are locked in the order of their IDs, so that two commits of
	// the same wait for each other and not in a circle.
	Lock: `select from {s}.customers c where c.customer = any ($1::text[]) order by c.customer for no key update`,

	Insert: `insert into {s}.customers (customer, version, as_of, definitions, record)
select u.customer, u.version + 1, u.as_of, u.definitions, u.record
from unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::text[], $5::bytea[])
	u (customer, version, as_of, definitions, record)`,

	Update: `with done as (
	update {s}.customers c
	set version = u.version + 1, as_of = u.as_of, definitions = u.definitions, record = u.record
	from unnest($1::text[], $2::bigint[], $3::timestamptz[], $4::text[], $5::bytea[])
		u (customer, version, as_of, definitions, record)
	where c.customer = u.customer and c.version = u.version returning 1)
select case when count(*) <> $6::bigint then {s}.fail('RG001', 'a customer was changed by someone else') end
from done`,

	// Mostly the wake-up stands as it was, and nothing is written. A claim that comes
	// in between keeps its lease no longer than until here: it holds the customer until
	// it is committed, and this is done behind the update that waited for it.
	Wakes: `update {s}.wakes w set due = u.due, lease = null
from unnest($1::text[], $2::timestamptz[]) u (customer, due)
where w.customer = u.customer and (w.due is distinct from u.due or w.lease is not null)`,
	NewWakes: `insert into {s}.wakes (customer, due) select * from unnest($1::text[], $2::timestamptz[]) u`,

	Cards: `insert into {s}.cards (customer, name, emails, phones, source, manager, tags, zone, locale, since)
select u.customer, u.name, string_to_array(u.emails, e'\x1f'), string_to_array(u.phones, e'\x1f'), u.source, u.manager,
	string_to_array(u.tags, e'\x1f'), u.zone, u.locale, u.since
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
	$10::timestamptz[]) u (customer, name, emails, phones, source, manager, tags, zone, locale, since)
on conflict (customer) do update set name = excluded.name, emails = excluded.emails, phones = excluded.phones,
	source = excluded.source, manager = excluded.manager, tags = excluded.tags, zone = excluded.zone,
	locale = excluded.locale, since = excluded.since`,

	Cycles: `update {s}.cycles y set number = u.number, stage = u.stage, entered = u.entered, next = u.next,
	closed = u.closed, purchase = u.purchase
from ` + unnestCycles + ` u (customer, pipeline, number, stage, entered, next, closed, purchase)
where y.customer = u.customer and y.pipeline = u.pipeline`,
	NewCycles: `insert into {s}.cycles (customer, pipeline, number, stage, entered, next, closed, purchase)
select * from ` + unnestCycles + ` u on conflict (customer, pipeline) do nothing`,

	CyclesGone: `delete from {s}.cycles y using unnest($1::text[], $2::text[]) u (customer, pipeline)
where y.customer = u.customer and y.pipeline = u.pipeline`,

	Lookups: `update {s}.lookups l set since = u.since
from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) u (customer, kind, value, since)
where l.customer = u.customer and l.kind = u.kind and l.value = u.value`,
	NewLookups: `insert into {s}.lookups (customer, kind, value, since)
select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) u`,

	LookupsGone: `delete from {s}.lookups l using unnest($1::text[], $2::text[], $3::text[]) u (customer, kind, value)
where l.customer = u.customer and l.kind = u.kind and l.value = u.value`,

	// A purchase that is there already, and may have moved in time and so in the key.
	Purchases: `with gone as (
	delete from {s}.purchases p using unnest($1::text[], $2::timestamptz[], $3::text[]) u (customer, at, id)
	where p.customer = u.customer and p.id = u.id and p.at <> u.at)
` + insertPurchases + `
on conflict (customer, at, id) do update set amount = excluded.amount, net = excluded.net, source = excluded.source, data = excluded.data`,
	NewPurchases: insertPurchases,

	Activities: `insert into {s}.activities (customer, at, id, name, data)
select * from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::bytea[]) u
on conflict (customer, at, id) do update set name = excluded.name, data = excluded.data`,

	Timeline: `insert into {s}.timeline (customer, seq, events)
select * from unnest($1::text[], $2::bigint[], $3::json[]) u`,

	Deliveries: `insert into {s}.deliveries (customer, seq, turn, id, trigger, kind, channel, recipient, subject, text, url, at, rest, due)
select u.customer, u.seq, u.seq, u.id, u.trigger, u.kind, u.channel, u.recipient, u.subject, u.text, u.url, u.at, u.rest, u.at
from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::smallint[], $6::text[], $7::text[], $8::text[], $9::text[],
	$10::text[], $11::timestamptz[], $12::bytea[])
	u (customer, seq, id, trigger, kind, channel, recipient, subject, text, url, at, rest)`,

	// The events of those outcomes that count go behind the customer's others.
	Settle: `with counted as (
	update {s}.deliveries d
	set state = u.state, due = u.due, error = case when u.state = 1 then d.error else u.error end
	from unnest($1::text[], $2::text[], $3::integer[], $4::smallint[], $5::timestamptz[], $6::text[], $7::json[])
		with ordinality u (customer, id, attempt, state, due, error, event, ord)
	where d.customer = u.customer and d.id = u.id and d.state < 1 and (u.state = 1 or u.attempt = d.attempts)
	returning u.customer, u.event, u.ord)
insert into {s}.timeline (customer, seq, events)
select n.customer, coalesce(greatest((select max(t.seq) from {s}.timeline t where t.customer = n.customer),
		(select p.timeline from {s}.pruned p where p.customer = n.customer)), 0) + 1,
	json_agg(n.event order by n.ord)
from counted n where n.event is not null group by n.customer`,

	// They go behind what waits and what was committed before, and in front of what
	// will be: see firstSeq.
	Redrive: `with wanted as (
	select u.customer, u.id, min(u.ord) as ord from unnest($1::text[], $2::text[]) with ordinality u (customer, id, ord)
	group by u.customer, u.id),
placed as (
	select w.customer, w.id, row_number() over (partition by w.customer order by w.ord) as place,
		greatest((c.version << 20) + (1 << 19),
			(select max(e.turn) from {s}.deliveries e where e.customer = w.customer and e.state < 1)) as behind
	from wanted w join {s}.customers c on c.customer = w.customer),
done as (
	update {s}.deliveries d set state = 0, attempts = 0, due = $3, turn = p.behind + p.place
	from placed p where d.customer = p.customer and d.id = p.id and d.state = 2 returning 1)
select case when (select count(*) from done) <> (select count(*) from wanted)
	then {s}.fail('RG002', 'a delivery is not there or not dead') end`,

	SaveDefinitions: `insert into {s}.definitions (version, document) values ($1, $2) on conflict (version) do nothing`,
	Definitions:     `select document from {s}.definitions where version = $1`,

	LastCustomer: `select coalesce(max(customer), '') from {s}.customers`,
	LastDelivery: `select coalesce(max(customer), '') from {s}.deliveries`,
	LastEvent:    `select coalesce(max(seq), 0) from {s}.timeline where customer = $1`,

	TimelinePage: `select seq, events from {s}.timeline where customer = $1 and seq > $2 order by seq limit $3`,

	// What follows is completed by the conditions of a query.
	DeliveryPage: `select ` + outgoing + ` from {s}.deliveries d where (d.customer, d.seq) > ($1, $2)`,
	FindHead:     `select ` + history + ` from (`,
	FindTail:     `) c cross join (select $1::bigint, $2::bigint) r (purchases, activities) order by c.customer`,
}

const unnestCycles = `unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[])`

const insertPurchases = `insert into {s}.purchases (customer, at, id, amount, net, source, data)
select * from unnest($1::text[], $2::timestamptz[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::bytea[]) u`
