package postgres_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/regulars-go/regulars/customer"
	"github.com/regulars-go/regulars/store"
	"github.com/regulars-go/regulars/store/postgres"
	"github.com/regulars-go/regulars/store/postgres/postgrestest"
)

// created returns the change that creates a customer.
func created(id string) store.Change {
	return store.Change{Record: store.Record{Customer: customer.Customer{ID: id}}}
}

func TestReopened(t *testing.T) {
	t.Parallel()
	schema := postgrestest.Schema(t)
	require.NoError(t, openIn(t, schema).Commit(t.Context(), created("c")))
	loaded, err := openIn(t, schema).Load(t.Context(), store.Request{Customer: "c"})
	require.NoError(t, err)
	assert.EqualValues(t, 1, loaded[0].Record.Version)
}

// Several processes that start at once migrate once.
func TestOpenedAtOnce(t *testing.T) {
	t.Parallel()
	schema := postgrestest.Schema(t)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			s, err := postgres.Open(t.Context(), postgrestest.DSN(t), postgres.Options{Schema: schema})
			if errs[i] = err; err == nil {
				s.Close()
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	pool := newPool(t, "search_path="+schema)
	var versions []int64
	require.NoError(t, pool.QueryRow(t.Context(), `select array_agg(version_id order by version_id) from regulars_migrations`).Scan(&versions))
	require.NotEmpty(t, versions)
	for i, version := range versions {
		assert.EqualValues(t, i, version, "each once")
	}
}

func TestSchemasOfAnyName(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{`"; drop schema public; --`, "Größe", " %s"} {
		schema := postgrestest.Schema(t) + suffix
		pool := newPool(t, "")
		s, err := postgres.New(t.Context(), pool, postgres.Options{Schema: schema})
		require.NoError(t, err)
		t.Cleanup(func() {
			_, err := pool.Exec(context.Background(), `drop schema "`+strings.ReplaceAll(schema, `"`, `""`)+`" cascade`)
			require.NoError(t, err)
		})
		require.NoError(t, s.Commit(t.Context(), created("c")))
		for l, err := range s.Find(t.Context(), store.Query{}) {
			require.NoError(t, err)
			assert.Equal(t, "c", l.Record.Customer.ID)
		}
		s.Close()
	}
	_, err := postgres.New(t.Context(), newPool(t, ""), postgres.Options{Schema: strings.Repeat("x", 60)})
	require.ErrorContains(t, err, "at most 54")
}

func TestNewerSchema(t *testing.T) {
	t.Parallel()
	schema := postgrestest.Schema(t)
	pool := newPool(t, "search_path="+schema)
	o := postgres.Options{Schema: schema}
	require.NoError(t, postgres.Migrate(t.Context(), pool, o))
	_, err := pool.Exec(t.Context(), `insert into regulars_migrations (version_id, is_applied) values (99, true)`)
	require.NoError(t, err)
	require.ErrorIs(t, postgres.Migrate(t.Context(), pool, o), store.ErrNewerSchema)
	_, err = postgres.New(t.Context(), pool, o)
	require.ErrorContains(t, err, "has version 99")
	o.Unmigrated = true
	_, err = postgres.New(t.Context(), pool, o)
	require.ErrorIs(t, err, store.ErrNewerSchema)
}

func TestUnmigrated(t *testing.T) {
	t.Parallel()
	o := postgres.Options{Schema: postgrestest.Schema(t), Unmigrated: true}
	pool := newPool(t, "")
	_, err := postgres.New(t.Context(), pool, o)
	require.ErrorContains(t, err, "call postgres.Migrate")
	require.NoError(t, postgres.Migrate(t.Context(), pool, o))
	s, err := postgres.New(t.Context(), pool, o)
	require.NoError(t, err)
	s.Close()
}

func TestOpenInVain(t *testing.T) {
	t.Parallel()
	_, err := postgres.Open(t.Context(), "host=/nonexistent", postgres.Options{})
	require.Error(t, err)
	_, err = postgres.New(t.Context(), nil, postgres.Options{})
	require.ErrorContains(t, err, "the pool is nil")
}

// A host's own pool plans as that of Open does; how, TestEveryStatementUsesAnIndex
// tells.
func TestAfterConnectSetsWhatOpenSets(t *testing.T) {
	t.Parallel()
	settings := func(pool *pgxpool.Pool) (set string) {
		require.NoError(t, pool.QueryRow(t.Context(), `select string_agg(name || '=' || setting, ' ' order by name)
			from pg_settings where source = 'session'`).Scan(&set))
		return set
	}
	opened := openIn(t, postgrestest.Schema(t)).Pool()
	assert.Equal(t, "enable_hashjoin=off enable_mergejoin=off enable_seqscan=off jit=off plan_cache_mode=force_generic_plan", settings(opened))
	assert.Equal(t, settings(opened), settings(hostPool(t, "")))
}

func TestPoolIsTheOneThatNewWasGiven(t *testing.T) {
	t.Parallel()
	pool := hostPool(t, "")
	s, err := postgres.New(t.Context(), pool, postgres.Options{Schema: postgrestest.Schema(t)})
	require.NoError(t, err)
	assert.Same(t, pool, s.Pool())
	s.Close()
	require.NoError(t, pool.Ping(t.Context()), "it is the host's")
	opened := openIn(t, postgrestest.Schema(t))
	opened.Close()
	require.Error(t, opened.Pool().Ping(t.Context()))
}

// A role that does the daily work needs no right to change tables.
func TestARoleThatMayNotMigrate(t *testing.T) {
	t.Parallel()
	schema := postgrestest.Schema(t)
	s := openIn(t, schema)
	owner := newPool(t, "")
	role := "worker_" + schema
	for _, sql := range []string{
		`create role ` + role + ` login`,
		`grant usage on schema ` + schema + ` to ` + role,
		`grant select, insert, update, delete on all tables in schema ` + schema + ` to ` + role,
		`revoke insert, update, delete on ` + schema + `.regulars_migrations from ` + role,
	} {
		_, err := owner.Exec(t.Context(), sql)
		require.NoError(t, err, sql)
	}
	t.Cleanup(func() {
		_, err := owner.Exec(context.Background(), `drop owned by `+role+`; drop role `+role)
		require.NoError(t, err)
	})
	require.NoError(t, s.Commit(t.Context(), created("c")))
	worker, err := postgres.New(t.Context(), newPool(t, "user="+role), postgres.Options{Schema: schema})
	require.NoError(t, err)
	t.Cleanup(worker.Close)
	require.NoError(t, worker.Commit(t.Context(), created("d")))
	require.ErrorIs(t, worker.Commit(t.Context(), created("c")), store.ErrConflict)
	_, err = postgres.New(t.Context(), newPool(t, "user="+role), postgres.Options{Schema: schema + "_other"})
	require.ErrorContains(t, err, "permission denied")
}

// A migration whose connection is cut leaves the schema such that the next one does
// what is left.
func TestMigrationCut(t *testing.T) {
	t.Parallel()
	apart := 17 // messages
	if testing.Short() {
		apart = 60
	}
	pool, by := scissorsPool(t)
	failed := 0
	for _, at := range []place{{}, {toServer: true}} {
		for cut := true; cut; at.after += apart {
			o := postgres.Options{Schema: postgrestest.Schema(t)}
			by.arm(at)
			err := postgres.Migrate(t.Context(), pool, o)
			if cut = by.disarm(); !cut {
				require.NoError(t, err)
			}
			if err != nil {
				failed++
			}
			require.NoError(t, openIn(t, o.Schema).Commit(t.Context(), created("c")), "cut at %v: %v", at, err)
		}
	}
	assert.Positive(t, failed)
}
