package postgres_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/internal/viewtest"
	"github.com/regulars-go/regulars/store/postgres"
	"github.com/regulars-go/regulars/store/postgres/postgrestest"
	"github.com/regulars-go/regulars/trigger"
)

// busy returns a schema in which there is something of everything.
func busy(t *testing.T) (s *postgres.Store, schema string) {
	t.Helper()
	schema = postgrestest.Schema(t)
	s = openIn(t, schema)
	populate(t, s, 0, 3)
	c := created("olga")
	c.Record.Customer = customer.Customer{
		ID: "olga", Name: "Olga\x00 \xff", Emails: []string{"olga@example.org", "o@x"}, Tags: []string{"big", "new\x1f"}, Since: noon,
	}
	c.Record.Cycles = []customer.Cycle{{Pipeline: "cakes", Stage: "due", Entered: noon, Number: 2}}
	c.Events = []customer.Event{{Kind: customer.StageEntered, At: noon, Known: noon.Add(time.Hour), Stage: "due", Actor: "\x00"}}
	hello, task := message("olga", "1", noon), message("olga", "2", noon)
	hello.Text, task.Kind, task.Channel = "Hello \x00", trigger.TaskKind, "task"
	c.Deliveries = []trigger.Delivery{hello, task}
	require.NoError(t, s.Commit(t.Context(), c))
	out, err := s.ClaimDeliveries(t.Context(), store.Claim{Now: noon.Add(time.Hour), Limit: 99, Lease: time.Minute})
	require.NoError(t, err)
	require.Len(t, out, 5)
	require.NoError(t, s.Settle(t.Context(),
		store.Outcome{Customer: "olga", Delivery: hello.ID, Attempt: 1, State: store.Sent, Due: noon.Add(time.Hour), Event: customer.Event{Kind: customer.DeliverySent, At: noon.Add(time.Hour)}},
		store.Outcome{Customer: "olga", Delivery: task.ID, Attempt: 1, State: store.Dead, Due: noon, Error: "no answer \x00"}))
	return s, schema
}

// rows returns what a query says, as text.
func rows(t *testing.T, schema, sql string) (list [][]string) {
	t.Helper()
	r, err := newPool(t, "timezone=UTC search_path="+schema).Query(t.Context(), sql, pgx.QueryExecModeSimpleProtocol)
	require.NoError(t, err)
	defer r.Close()
	for r.Next() {
		var line []string
		for _, v := range r.RawValues() {
			line = append(line, string(v))
		}
		list = append(list, line)
	}
	require.NoError(t, r.Err())
	return list
}

// The views are as those of package sqlite.
func TestViews(t *testing.T) {
	t.Parallel()
	schema := postgrestest.Schema(t)
	viewtest.Run(t, openIn(t, schema), func(t *testing.T, query string) (columns []string, list [][]string) {
		r, err := newPool(t, "timezone=UTC search_path="+schema).Query(t.Context(), query, pgx.QueryExecModeSimpleProtocol)
		require.NoError(t, err)
		defer r.Close()
		for _, f := range r.FieldDescriptions() {
			columns = append(columns, f.Name)
		}
		for r.Next() {
			var line []string
			for _, v := range r.RawValues() {
				text := strings.TrimSuffix(string(v), "+00")
				if v == nil {
					text = "-"
				}
				line = append(line, text)
			}
			list = append(list, line)
		}
		require.NoError(t, r.Err())
		return columns, list
	})
}

// What \d+ shows says what everything means.
func TestEverythingHasAComment(t *testing.T) {
	t.Parallel()
	schema := postgrestest.Schema(t)
	openIn(t, schema)
	bare := rows(t, schema, `select c.relname || coalesce('.' || a.attname, '')
		from pg_class c left join lateral (
			select null::name as attname, 0 as attnum union all
			select attname, attnum from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) a on true
		where c.relnamespace = current_schema::regnamespace and c.relkind in ('r', 'v') and c.relname <> 'regulars_migrations'
			and not exists (select from pg_description d where d.objoid = c.oid and d.classoid = 'pg_class'::regclass and d.objsubid = a.attnum)
		order by 1`)
	assert.Empty(t, bare, "tables, views and columns without a comment")
}

func TestPeopleCanAsk(t *testing.T) {
	t.Parallel()
	_, schema := busy(t)
	for sql, want := range map[string][][]string{
		`select name from who_is_where where stage = 'due'`:                                                 {{"Olga\ufffd \ufffd"}},
		`select count(*) from who_is_in where customer = 'c-0000001'`:                                       {{"6"}},
		`select sent, channel, text, kind from what_was_sent where customer = 'olga'`:                       {{"2026-03-01 13:00:00+00", "sms", "Hello \ufffd", "message"}},
		`select what, channel, error, attempts from what_is_stuck`:                                          {{"given up", "task", "no answer \ufffd", "1"}},
		`select kind, known, stage, actor from timeline_events where customer = 'olga' order by seq, place`: {{"stage_entered", "2026-03-01 13:00:00+00", "due", "\ufffd"}, {"delivery_sent", "", "", ""}},
		`select emails, tags from cards where customer = 'olga'`:                                            {{"{olga@example.org,o@x}", "{big,new\ufffd}"}},
		`select amount, net, source from purchases where customer = 'c-0000001' and id = 'p0'`:              {{"4990", "4990", "web"}},
	} {
		assert.Equal(t, want, rows(t, schema, sql), sql)
	}
}

func TestDumpAndRestore(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("pg_dump"); err != nil {
		t.Skip("pg_dump is not installed")
	}
	s, schema := busy(t)
	before := everything(t, s)
	script := dump(t, schema)
	require.NoError(t, s.Commit(t.Context(), created("later")))
	s.Close()

	_, err := newPool(t, "").Exec(t.Context(), `drop schema `+schema+` cascade`)
	require.NoError(t, err)
	restore(t, script)
	assert.Equal(t, before, everything(t, openIn(t, schema)))
}

// dump returns a schema as pg_dump writes it.
func dump(t *testing.T, schema string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "pg_dump", "-d", postgrestest.DSN(t), "-n", schema)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	script, err := cmd.Output()
	require.NoError(t, err)
	return script
}

func restore(t *testing.T, script []byte) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", postgrestest.DSN(t))
	cmd.Stdin = bytes.NewReader(script)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// everything returns what a store holds of everybody.
func everything(t *testing.T, s store.Store) (all []any) {
	t.Helper()
	for l, err := range s.Find(t.Context(), store.Query{Reach: segment.Reach{AllPurchases: true, AllActivities: true}}) {
		require.NoError(t, err)
		all = append(all, l)
		for e, err := range s.Timeline(t.Context(), l.Record.Customer.ID) {
			require.NoError(t, err)
			all = append(all, e)
		}
	}
	for _, o := range outbox(t, s) {
		all = append(all, o)
	}
	wake, delivery, err := s.NextDue(t.Context())
	require.NoError(t, err)
	return append(all, wake, delivery)
}
