package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/segment"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/postgres"
	"github.com/regulars-go/regulars/store/postgres/postgrestest"
	"github.com/regulars-go/regulars/trigger"
)

// recorder notes every statement that a store sends, with arguments.
type recorder struct {
	mu   sync.Mutex
	seen map[string][]any
}

func (r *recorder) note(sql string, args []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen[sql] = args
}

func (r *recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	r.note(q.SQL, q.Args)
	return ctx
}
func (r *recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (r *recorder) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (r *recorder) TraceBatchQuery(_ context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	r.note(q.SQL, q.Args)
}
func (r *recorder) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// TestEveryStatementUsesAnIndex does everything that a store can do on a database
// that is filled, and asks PostgreSQL how it goes about each statement: with the
// arguments at hand, and with any, since it may plan either way. A scan of a
// table that grows with customers, or of an index from its beginning, fails.
func TestEveryStatementUsesAnIndex(t *testing.T) {
	t.Parallel()
	schema := postgrestest.Schema(t)
	populate(t, openIn(t, schema), 0, 15_000)
	admin := newPool(t, "pool_max_conns=2 search_path="+schema)
	for _, sql := range []string{
		`update deliveries set state = 1 where right(customer, 2)::int > 5`,
		`update deliveries set state = 2 where customer like '%99'`,
		`insert into wakes (customer) select 'x' || n from generate_series(1, 100000) n`,  // so narrow that a few would be scanned
		`insert into pruned (customer) select 'x' || n from generate_series(1, 100000) n`, // likewise
		`vacuum analyze`,
	} {
		_, err := admin.Exec(t.Context(), sql)
		require.NoError(t, err, sql)
	}
	cfg, err := pgxpool.ParseConfig(postgrestest.DSN(t))
	require.NoError(t, err)
	r := &recorder{seen: make(map[string][]any)}
	cfg.ConnConfig.Tracer = r
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	s, err := postgres.New(t.Context(), pool, postgres.Options{Schema: schema, Unmigrated: true})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	doEverything(t, s)

	empty := postgrestest.Schema(t)
	openIn(t, empty)
	explained := 0
	for sql, args := range r.seen {
		if !strings.Contains(sql, schema) || strings.Contains(sql, "regulars_migrations") {
			continue // not of the tables
		}
		explained++
		for how, plan := range map[string]string{
			"these": explainThese(t, admin, sql, args), "any": explainAny(t, admin, sql, len(args)),
			"any, planned when there was nothing yet": explainEarly(t, empty, strings.ReplaceAll(sql, schema, empty), len(args)),
		} {
			assert.Empty(t, scans(t, plan), "tables that are scanned, with %s arguments, by\n%s", how, sql)
		}
	}
	assert.Greater(t, explained, 55, "statements explained")
}

// doEverything calls every method of a store in every way that makes another
// statement.
func doEverything(t *testing.T, s *postgres.Store) {
	t.Helper()
	ctx := t.Context()
	everything := segment.Reach{AllPurchases: true, Activities: time.Hour}
	var requests []store.Request
	for i := range 100 {
		requests = append(requests, store.Request{Customer: customerID(i * 150), Reach: everything, PurchaseIDs: []string{"p1", "new"}, ActivityIDs: []string{"a"}})
	}
	several := append(changeEverything(t, s, requests), created("n1"), created("n2"))
	for i := range several {
		several[i].Purchases = append(several[i].Purchases, customer.Purchase{ID: "p", Customer: several[i].Record.Customer.ID, At: noon})
	}
	require.NoError(t, s.Commit(ctx, several...))
	require.ErrorIs(t, s.Commit(ctx, several...), store.ErrConflict) // reads what it has forgotten
	requests[1].Customer = customerID(1)
	require.NoError(t, s.Commit(ctx, changeEverything(t, s, requests[1:2])...)) // what is done for a single row
	require.NoError(t, s.Commit(ctx, created("n3")))
	require.ErrorIs(t, s.Commit(ctx, created("n3")), store.ErrConflict)

	claim := store.Claim{Now: noon.Add(90 * time.Minute), Limit: 100, Lease: time.Hour, Reach: everything}
	_, err := s.ClaimWakeUps(ctx, claim)
	require.NoError(t, err)
	out, err := s.ClaimDeliveries(ctx, claim)
	require.NoError(t, err)
	require.Len(t, out, 100)
	_, _, err = s.NextDue(ctx)
	require.NoError(t, err)
	var outcomes []store.Outcome
	var refs []store.DeliveryRef
	for _, o := range out {
		refs = append(refs, o.Ref())
		outcomes = append(outcomes, store.Outcome{
			Customer: o.Customer, Delivery: o.ID, Attempt: 1, State: store.Dead, Due: noon, Event: customer.Event{Kind: customer.DeliveryDead},
		})
	}
	require.NoError(t, s.Settle(ctx, outcomes...))
	require.NoError(t, s.Redrive(ctx, noon, refs...))
	ask(t, s)
	_, err = s.Prune(ctx, store.Pruning{
		Timeline: noon, Keep: []customer.EventKind{customer.StageEntered}, Sent: noon, Dead: noon, Limit: 100,
		Activities: store.Cut{Before: noon.Add(time.Hour), Keep: []segment.Sight{{Activity: "x", Back: time.Hour}}},
	})
	require.NoError(t, err)
	_, err = s.Prune(ctx, store.Pruning{Timeline: noon.Add(time.Hour), Limit: 100})
	require.NoError(t, err)
	_, err = s.Cuts(ctx)
	require.NoError(t, err)
}

// changeEverything returns changes of everything there is of customers.
func changeEverything(t *testing.T, s *postgres.Store, requests []store.Request) (changes []store.Change) {
	t.Helper()
	loaded, err := s.Load(t.Context(), requests...)
	require.NoError(t, err)
	for i := range loaded {
		c := store.Change{Record: loaded[i].Record}
		id := c.Record.Customer.ID
		bought(&c, "new", noon)
		bought(&c, "not asked for", noon)
		c.Record.Cycles, c.Record.Segments = c.Record.Cycles[:1], slices.Clone(c.Record.Segments[1:])
		c.Record.Segments[0].Since, c.Record.Cycles[0] = noon.Add(1), customer.Cycle{Pipeline: "cakes"}
		c.Record.Segments = append(c.Record.Segments, segment.Membership{Segment: "z", Since: noon})
		c.Record.Cycles = append(c.Record.Cycles, customer.Cycle{Pipeline: "zoo"})
		c.Record.Customer.Name = "new"
		c.Record.Wake = noon.Add(time.Hour)
		c.Activities = []customer.Activity{{ID: "b", Customer: id, At: noon}}
		c.Deliveries = []trigger.Delivery{message(id, "2", noon)}
		changes = append(changes, c)
	}
	return changes
}

// ask begins every kind of sequence.
func ask(t *testing.T, s *postgres.Store) {
	t.Helper()
	for _, q := range []store.Query{
		{Reach: segment.Reach{AllPurchases: true, AllActivities: true}},
		{After: customerID(7)},
		{Pipeline: "cakes"},
		{Pipeline: "cakes", Stage: "stage3"},
		{Segment: "s07"},
		{Manager: "m7"},
		{Tag: "tag7"},
		{Contact: "customer77@example.org"},
		{Segment: "s07", Tag: "tag7"},
		{Segment: "s07", Pipeline: "cakes", Stage: "stage3"},
		{Segment: "s07", NotUnder: "v1"},
		{NotUnder: "v1"},
	} {
		n := 0
		for _, err := range s.Find(t.Context(), q) {
			require.NoError(t, err)
			if n++; n > 200 {
				break
			}
		}
		assert.Positive(t, n, "%+v", q)
	}
	for _, q := range []store.DeliveryQuery{
		{},
		{Customer: customerID(7)},
		{States: []store.DeliveryState{store.Waiting}},
		{States: []store.DeliveryState{store.Sent}},
		{States: []store.DeliveryState{store.Dead}},
		{States: []store.DeliveryState{store.Waiting, store.Dead}, Kind: trigger.MessageKind},
	} {
		for _, err := range s.Deliveries(t.Context(), q) {
			require.NoError(t, err)
			break
		}
	}
	for _, err := range s.Timeline(t.Context(), customerID(7)) {
		require.NoError(t, err)
		break
	}
}

// explainThese returns the plan for the arguments at hand.
func explainThese(t *testing.T, db *pgxpool.Pool, sql string, args []any) (plan string) {
	t.Helper()
	require.NoError(t, db.QueryRow(t.Context(), "explain (format json) "+sql, args...).Scan(&plan), sql)
	return plan
}

// explainEarly returns the plan that a connection makes while the
// tables are empty, and keeps until somebody analyses them.
func explainEarly(t *testing.T, schema, sql string, args int) string {
	t.Helper()
	pool := hostPool(t, "pool_max_conns=1 search_path="+schema)
	defer pool.Close()
	return explainAny(t, pool, sql, args)
}

// explainAny returns the plan that is made once for all arguments.
func explainAny(t *testing.T, db *pgxpool.Pool, sql string, args int) (plan string) {
	t.Helper()
	c, err := db.Acquire(t.Context())
	require.NoError(t, err)
	defer c.Release()
	none := "(" + strings.TrimSuffix(strings.Repeat("null, ", args), ", ") + ")"
	if args == 0 {
		none = ""
	}
	_, err = c.Exec(t.Context(), "set plan_cache_mode to force_generic_plan; prepare any_plan as "+sql)
	require.NoError(t, err, sql)
	require.NoError(t, c.QueryRow(t.Context(), "explain (format json) execute any_plan"+none, pgx.QueryExecModeSimpleProtocol).Scan(&plan), sql)
	_, err = c.Exec(t.Context(), "deallocate any_plan; reset plan_cache_mode")
	require.NoError(t, err)
	return plan
}

// queues are the indexes that hold only what is waiting or dead, of which a
// statement may read the beginning.
var queues = []string{"wakes_due", "deliveries_due", "deliveries_lane", "deliveries_dead"}

// scans returns the tables that a plan reads from one end to the other.
func scans(t *testing.T, plan string) (tables []string) {
	t.Helper()
	var steps []struct{ Plan map[string]any }
	require.NoError(t, json.Unmarshal([]byte(plan), &steps))
	var walk func(p map[string]any)
	walk = func(p map[string]any) {
		kind, _ := p["Node Type"].(string)
		_, bounded := p["Index Cond"]
		queue := slices.Contains(queues, fmt.Sprint(p["Index Name"]))
		if queue && bounded { // by something else than what it is ordered by
			bounded = !strings.HasSuffix(fmt.Sprint(p["Index Name"]), "_due") || strings.Contains(fmt.Sprint(p["Index Cond"]), "due")
			queue = bounded
		}
		if kind == "Seq Scan" || strings.HasPrefix(kind, "Index") && !bounded && !queue {
			tables = append(tables, fmt.Sprintf("%s of %s", kind, p["Relation Name"]))
		}
		parts, _ := p["Plans"].([]any)
		for _, part := range parts {
			walk(part.(map[string]any))
		}
	}
	walk(steps[0].Plan)
	return slices.DeleteFunc(tables, func(s string) bool {
		return strings.HasSuffix(s, " of definitions") || strings.HasSuffix(s, " of cuts")
	})
}
